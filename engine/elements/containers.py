"""Activities that open a scope: sub-processes, transactions, calls, ad-hoc and event sub-processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from base.errors import RunError
from engine import compensation, waiting
from engine.dialect import XML, References, attribute, extension, kid, refuse, text, triggers, true
from engine.effects import Closed
from engine.elements.activity import Activity
from engine.elements.user_task import offered
from engine.expressions import condition, evaluate, from_stored, to_stored
from engine.run import Scope, ScopeParts
from engine.scopes import Scopes, View, propagate, put_all, scope_chain, view
from engine.token import Token

DEEPEST = 2_000


class NotThere(RunError):
    """A process or an element that is named by an expression does not exist."""

    code = "unknown-element"


class TooDeep(RunError):
    """Processes that call each other without an end."""

    code = "too-deep"


def local_name(reference: str | None) -> str | None:
    """A called process without the prefix of its namespace; an expression stays as it is."""
    return reference if not reference or reference.startswith("=") else reference.rpartition(":")[2]


class SubProcess(Activity):
    """An embedded sub-process: a scope of its own that sees the variables around it."""

    container: str  # the key of what is inside, among the definition's containers

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        self.declared = ()  # they live inside

    def inside(self, token: Token) -> Scopes | None:
        scope = token.host.subprocesses.get(token.id)
        return None if scope is None else scope_chain(scope)

    def _run_hook(self, token: Token) -> Any:
        self.open(token)

    def open(self, token: Token) -> None:
        scope = self.open_scope(token)
        put_all(scope.data, from_stored(token.internal_data.get("payload") or {}))
        scope.begin()

    def open_scope(self, token: Token) -> Scope:
        """What is inside begins without values in its own data objects."""
        scope = token.host.open_scope(token, self.container)
        put_all(scope.data, dict.fromkeys(scope.spec.declared))
        return scope

    def scope_done(self, token: Token, scope: Scope) -> None:
        if compensation.pending(token):
            return
        if "restored" in token.internal_data:
            compensation.restored_done(token)
            return
        self.settle(token, self.results(scope))
        compensation.remember_scope(token, scope)
        token.host.close_scope(scope)
        token.complete()

    def results(self, scope: Scope) -> Mapping[str, Any] | None:
        """What leaves besides the output mappings."""
        return None


class Call(SubProcess):
    """Another process, with variables of its own."""

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        called = extension(node, "calledElement")
        self.called = attribute(called, "processId") or local_name(node.get("calledElement")) or ""
        if not self.called:
            raise refuse(node, "L’appel ne dit pas quel processus il appelle.", code="unknown-called-element")
        self.all_in = true(attribute(called, "propagateAllParentVariables"), default=True)
        self.all_out = true(attribute(called, "propagateAllChildVariables"), default=True)

    def inside(self, token: Token) -> Scopes | None:
        return None

    def open(self, token: Token) -> None:
        run, seen = token.host, view(token)
        if token.workflow.depth >= DEEPEST:
            raise TooDeep(f"« {self.label} » : {DEEPEST} parcours sont ouverts les uns dans les autres.")
        process = str(evaluate(self.called, seen))
        if process not in run.definition.processes:
            raise NotThere(f"« {self.label} » : le processus « {process} » n’existe pas dans ce parcours.")
        given = dict(seen) if self.all_in else {} if token.locals is None else token.locals.visible()
        scope = run.open_scope(token, process, wall=True)
        put_all(scope.data, given)
        scope.begin()

    def results(self, scope: Scope) -> Mapping[str, Any] | None:
        return scope.data.visible() if self.all_out or self.maps_out else None


class AdHoc(SubProcess):
    """What to do inside is an expression's choice or, without one, that of the people of its lane.

    They have a task of their own for it: in it they begin activities, as often as they like, and say when it is done.
    """

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        self.elements = attribute(extension(node, "adHoc"), "activeElementsCollection")
        self.until = text(kid(node, "completionCondition"))
        self.cancels_rest = true(node.get("cancelRemainingInstances"), default=True)
        self.sequential = node.get("ordering") == "Sequential"

    def open(self, token: Token) -> None:
        scope = self.open_scope(token)
        if self.elements is None:
            self._offer(token)  # before anything begins inside that may at once end it
            scope.begin(entries=False)
            return
        scope.begin(entries=False)
        chosen = evaluate(self.elements, view(token))
        if not isinstance(chosen, list):
            raise NotThere(f"« {self.label} » : « {self.elements} » ne donne pas la liste des activités à faire.")
        for name in chosen:
            self.activate(token, scope, str(name))

    def _offer(self, token: Token) -> None:
        role = () if self.swimlane is None else (self.swimlane.role,)
        opened = offered(token, roles=role)
        token.note(choice=True, task=opened.id)
        token.host.effects.append(opened)
        token.host.noted("task_opened", self.name, task=opened.id, roles=list(role))

    def activate(self, token: Token, scope: Scope, name: str) -> None:
        """Begin an activity inside; in a sequential one it waits for its turn."""
        node = scope.spec.task_specs.get(name)
        if node not in scope.spec.entries:
            raise NotThere(f"« {self.label} » : on ne peut pas commencer par « {name} ».")
        if self.sequential and scope.active:
            token.note(line=[*token.internal_data.get("line", ()), name])
        else:
            token.host.spawn(scope, node)

    def finish(self, token: Token, result: Mapping[str, Any] | None = None) -> None:
        """The people say that it is done."""
        scope = token.host.subprocesses[token.id]
        propagate(scope_chain(scope), result or {})
        self._close(token, scope)

    def _close(self, token: Token, scope: Scope) -> None:
        """Nothing more begins; what still runs is ended, or waited for."""
        self.stop(token, "completed")
        token.host.check[scope] = None
        token.note(line=None)
        if self.cancels_rest:
            token.host.clear(scope)

    @staticmethod
    def stop(token: Token, state: str = "cancelled") -> None:
        """The choice is over; its task, when nobody has answered it, too."""
        task = token.internal_data.get("task")
        if task is not None:
            token.host.effects.append(Closed(task, state))
        token.note(closed=True, task=None)

    def child_left(self, token: Token, scope: ScopeParts) -> None:
        if "restored" not in token.internal_data:
            token.note(judge=True)
            token.host.resume(token)

    def resume(self, token: Token) -> None:
        scope = token.host.subprocesses.get(token.id)
        if "judge" in token.internal_data and scope is not None:
            self._judge(token, scope)
        else:
            super().resume(token)

    def _judge(self, token: Token, scope: Scope) -> None:
        """An activity inside is done: is that enough, or is there a next one?"""
        run = token.host
        token.note(judge=None)
        run.check[scope] = None
        if self.until and condition(self.until, View(run, scope_chain(scope))):
            self._close(token, scope)
        line = token.internal_data.get("line")
        if line and not scope.active:
            token.note(line=line[1:] or None)
            run.spawn(scope, scope.spec.task_specs[line[0]])

    def scope_done(self, token: Token, scope: Scope) -> None:
        if "judge" in token.internal_data:
            self._judge(token, scope)
        if not scope.active and not scope.choosing:
            super().scope_done(token, scope)


class EventSubProcess(SubProcess):
    """Waits for its start event beside everything else in its scope."""

    by_event = True

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        start = kid(node, "startEvent")
        self.triggers = () if start is None else triggers(start, references)
        if start is None or not self.triggers:
            raise refuse(node, "Un sous-processus événementiel a besoin d’un événement de début.", code="event-start")
        self.interrupts = true(start.get("isInterrupting"), default=True)
        self.parallel = true(start.get("parallelMultiple"))
        self.listens = any(trigger.kind in waiting.SUBSCRIBED for trigger in self.triggers)

    def arrive(self, token: Token) -> bool:
        if token.listener:
            waiting.subscribe(token, self.triggers)
            return False
        return super().arrive(token)

    def fire(self, token: Token, n: int, payload: Mapping[str, Any] | None) -> None:
        self.happen(token.workflow, payload)
        if not self.interrupts:
            waiting.rearm(token, n)

    def happen(
        self,
        activity: Any,
        payload: Mapping[str, Any] | None,
        listener: Token | None = None,
        n: int = 0,
        cancels: bool | None = None,
    ) -> None:
        scope, run = activity, activity.top_workflow
        if self.interrupts or self.triggers[0].kind == "error":
            run.clear(scope)
            if scope.choosing:
                AdHoc.stop(scope.owner)
        run.spawn(scope, self, payload=None if payload is None else to_stored(payload))
