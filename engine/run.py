"""A run: SpiffWorkflow's workflow holding live tokens only, with a queue instead of walks over a tree."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import chain, spiff, steps
from engine.effects import Closed, Effect, Freed, Noted
from engine.expressions import from_stored
from engine.register import Register
from engine.scopes import Vars, put_all
from engine.timers import functions
from engine.token import Token

if TYPE_CHECKING:
    from engine.definition import Container, Definition
    from engine.dialect import Flow
    from engine.elements.gateways import Inclusive
    from engine.elements.node import Node
    from engine.environment import World

Undo = tuple[Callable[..., Any], tuple[Any, ...]]


Mark = tuple[int, int]
"""A point to which a failed step is taken back: so many things to undo, so many effects."""


class ScopeParts:
    """What the run and each open sub-process have in common. `wall`: no sight of the variables around it."""

    wall: bool
    owner: Any
    active: int
    id: int
    spec: Container
    data: Vars
    tasks: dict[int, Token]
    task_tree: Token
    joins: dict[str, list[Token]]
    completed: bool
    top_workflow: Run

    def prepare(self, run: Run, key: int) -> None:
        self.id, self.joins, self.active = key, {}, 0
        self.data = Vars(run, f"s{key}")
        self.task_tree = Token(self, self.spec.start, state=spiff.COMPLETED, key=-key - 1)
        run.touched.pop(self.task_tree.id, None)
        run.scopes[key] = self
        run.touched_scopes[key] = self

    @property
    def choosing(self) -> bool:
        """People may still begin something in here: an ad-hoc sub-process."""
        notes = {} if self.owner is None else self.owner.internal_data
        return "choice" in notes and "closed" not in notes

    def begin(self, *, entries: bool = True, start: Node | None = None, **notes: Any) -> None:
        """Set out: event sub-processes listen, then tokens stand on the starts.

        What an event brings comes before them: their keys and times may be read from it.
        """
        run = self.top_workflow
        if start is not None:
            self._begin_by(start, **notes)
        standing = [run.spawn(self, handler, listener=True) for handler in self.spec.handlers if handler.listens]
        if entries and start is None:
            standing += [run.spawn(self, node, queued=False, **notes) for node in self.spec.begins(top=self is run)]
        for token in standing:  # a condition that holds already may take the others away
            if not token.gone:
                run.enqueue(token)

    def _begin_by(self, start: Node, **notes: Any) -> None:
        """An event brought the run about; what must still come beside it is waited for."""
        run = self.top_workflow
        if not start.maps_out and not start.parallel:
            put_all(self.data, from_stored(notes.get("payload") or {}))
        start.begin(run.spawn(self, start, queued=False, **notes))
        for node in self.spec.beside(start):
            run.spawn(self, node)


class Scope(ScopeParts, spiff.ScopeBase):
    """An open sub-process or called process; it hangs on the token of its activity."""

    def __init__(self, spec: Container, owner: Token, run: Run, wall: bool) -> None:
        self.owner, self.wall = owner, wall
        super().__init__(spec, owner, run)
        self.prepare(run, owner.id)


class Run(ScopeParts, spiff.RunBase):
    """Every live token and scope, the queue, and what changed since the last save."""

    wall = True
    owner = None

    def __init__(self, definition: Definition, process: str, world: World, key: str) -> None:
        self.definition, self.process, self.key = definition, process, key
        self.version = self.seq = self.saved_id = self.ticks = self.entries = 0
        self.turns: dict[tuple[int, str], int] = {}  # how often each repetition turned since the last input
        self.chain = chain.START
        self.state, self.end_state = "active", ""
        self.stored_state = ""  # what its row says; nothing when that is not known
        self.tokens: dict[int, Token] = {}
        self.scopes: dict[int, ScopeParts] = {}
        self.touched: dict[int, Token] = {}
        self.dead: list[int] = []
        self.changed: dict[tuple[str, str], Vars] = {}
        self.dead_owners: list[str] = []
        self.touched_scopes: dict[int, ScopeParts] = {}
        self.dead_scopes: list[int] = []
        self.rewired: set[int] = set()  # tokens whose subscriptions or timers changed
        self.unwired: list[int] = []  # tokens that left, and had some
        self.queue: deque[Token] = deque()
        self.check: dict[ScopeParts, None] = {}  # scopes that may have ended
        self.or_joins: dict[tuple[int, str], tuple[ScopeParts, Inclusive]] = {}
        self.doubtful: dict[ScopeParts, None] = {}  # scopes where tokens may wait for what never comes
        self.register = Register()
        self.data_changed = False
        self.effects: list[Effect] = []
        self.undo: list[Undo] = []
        self.live_in(world)
        super().__init__(definition.containers[process], definition.containers)
        self.prepare(self, 0)

    def live_in(self, world: World) -> None:
        """What stands around the run during the next input."""
        self.world = world
        self.now: datetime = world.now
        self.functions = functions(world.calendar)

    def next_id(self) -> int:
        self.seq += 1
        return self.seq

    def get_task_from_id(self, task_id: int) -> Token:
        return self.tokens[task_id]

    def _do_engine_steps(self, _before: object = None, _after: object = None) -> int:
        """The library's own `do_engine_steps()` ends here: the queue instead of its walks over the tree."""
        return steps.advance(self)

    # --- taking a failed step back -----------------------------------------------------------------------------------

    def mark(self) -> Mark:
        return len(self.undo), len(self.effects)

    def take_back(self, mark: Mark) -> None:
        """Undo what was done since the mark, the last thing first."""
        undo, effects = mark
        entries = self.undo[undo:]
        for act, arguments in reversed(entries):
            act(*arguments)
        del self.undo[undo:], self.effects[effects:]
        self._put_in_order({args[0].workflow for act, args in entries if act == self._bring_back})

    def _put_in_order(self, scopes: set[ScopeParts]) -> None:
        """Tokens that came back stand where they stood: by their ids."""
        for scope in scopes:
            tokens = sorted(scope.tasks.items())
            scope.tasks.clear()
            scope.tasks.update(tokens)
            for _, token in tokens:
                token._children = dict.fromkeys(sorted(token._children))

    # --- tokens ------------------------------------------------------------------------------------------------------

    def spawn(
        self,
        workflow: ScopeParts,
        node: Node,
        *,
        parent: Token | None = None,
        listener: bool = False,
        queued: bool = True,
        **notes: Any,
    ) -> Token:
        """A new token on an element; a listener is not queued and keeps nothing alive."""
        token = Token(workflow, node, parent or workflow.task_tree)
        if listener:
            token.internal_data["listener"] = True
        else:
            workflow.active += 1
        token.internal_data.update({name: value for name, value in notes.items() if value is not None})
        self.undo.append((self._unspawn, (token,)))
        if queued and not listener:
            self.enqueue(token)
        return token

    def _unspawn(self, token: Token) -> None:
        if not token.gone:
            self.cancel(token)

    def move(self, workflow: ScopeParts, flow: Flow) -> None:
        """A token leaves on a flow: what `spawn` does, without what a flow has no use for."""
        token = Token(workflow, workflow.spec.task_specs[flow.target], workflow.task_tree)
        token.internal_data["via"] = flow.id
        workflow.active += 1
        self.undo.append((self._unspawn, (token,)))
        self.enqueue(token)

    def enqueue(self, token: Token) -> None:
        self.ticks += 1
        token.place = self.ticks
        self.touched[token.id] = token
        self.queue.append(token)

    def resume(self, token: Token) -> None:
        """Let a token that something hung on look again: the very next step, and one of its own."""
        token.note(todo=["resume", None])
        self.ticks += 1
        token.place = -self.ticks
        self.queue.appendleft(token)

    def retired(self, token: Token) -> None:
        """A token has left: what hangs on it goes too, and its scope may have ended."""
        key, notes = token.id, token.internal_data
        wired = key in self.rewired or "subs" in notes or "timers" in notes
        self._close_what_waits(token)
        if token._children or "undoing" in notes:
            self._cancel_all([*token._children, *([notes["undoing"]] if "undoing" in notes else ())])
        workflow = token.workflow
        if (parent := token.parent) is not None:
            parent._children.pop(key, None)
        workflow.tasks.pop(key, None)
        self.tokens.pop(key, None)
        self.touched.pop(key, None)
        if key <= self.saved_id:
            self.dead.append(key)
            if wired:
                self.unwired.append(key)
        if token.locals is not None:
            self.dead_owners.append(f"t{key}")
        if not token.listener:
            workflow.active -= 1
        self.undo.append((self._bring_back, (token, wired)))
        if not workflow.completed:
            self.check[workflow] = None
            if workflow.joins:
                self.doubtful[workflow] = None

    def _cancel_all(self, tokens: Iterable[int]) -> None:
        for token in tokens:
            if token in self.tokens:
                self.cancel(self.tokens[token])

    def _bring_back(self, token: Token, wired: bool) -> None:
        """The token is where it was before it left; what hung on it comes back by itself."""
        workflow = token.workflow
        if token.parent is not None:
            token.parent._children[token.id] = None
        workflow.tasks[token.id] = self.tokens[token.id] = self.touched[token.id] = token
        if token.id <= self.saved_id:
            self.dead.remove(token.id)
            if wired:
                self.unwired.remove(token.id)
        self.rewired.add(token.id)
        if token.locals is not None:
            self.dead_owners.remove(f"t{token.id}")
        if not token.listener:
            workflow.active += 1
        self.check[workflow] = self.doubtful[workflow] = None

    def _close_what_waits(self, token: Token) -> None:
        notes = token.internal_data
        if "subs" in notes or "timers" in notes:
            self.register.remove(token)
            self.undo.append((self.register.add, (token,)))
        self.rewired.discard(token.id)
        token.stop_waiting()
        if "task" in notes:
            self.effects.append(Closed(notes["task"], "cancelled"))
        if "stuck" in notes:
            self.effects.append(Freed(token.id))

    def cancel(self, token: Token) -> None:
        """A token goes without completing, and the scope that it holds open with it."""
        if token.gone:
            return
        scope = self.subprocesses.get(token.id)
        token.retire(spiff.CANCELLED)
        if scope is not None:
            self.clear(scope)
            self.close_scope(scope)

    def clear(self, workflow: ScopeParts) -> None:
        """Every token of a scope goes, its listeners too."""
        for token in list(workflow.tasks.values()):
            if token is not workflow.task_tree:
                self.cancel(token)
        self.check[workflow] = None

    # --- scopes ------------------------------------------------------------------------------------------------------

    def open_scope(self, token: Token, container: str, *, wall: bool = False) -> Scope:
        scope = Scope(self.definition.containers[container], token, self, wall)
        self.subprocesses[token.id] = scope
        self.check[scope] = None
        self.undo.append((self._unopen, (scope,)))
        return scope

    def _unopen(self, scope: ScopeParts) -> None:
        """The scope was never there: its token may open another one under the same number."""
        self.close_scope(scope)
        self.dead_owners.remove(f"s{scope.id}")
        self.dead_scopes.remove(scope.id)

    def close_scope(self, scope: ScopeParts) -> None:
        if scope.completed:
            return
        scope.completed = True
        self.clear(scope)
        del self.subprocesses[scope.id], self.scopes[scope.id]
        self.tokens.pop(scope.task_tree.id, None)
        self.touched_scopes.pop(scope.id, None)
        self.check.pop(scope, None)
        self.doubtful.pop(scope, None)
        self.dead_owners.append(f"s{scope.id}")
        self.dead_scopes.append(scope.id)
        self.undo.append((self._open_again, (scope,)))

    def _open_again(self, scope: ScopeParts) -> None:
        """The scope is open as before; its tokens come back by themselves."""
        scope.completed = False
        self.subprocesses[scope.id] = self.scopes[scope.id] = scope
        self.tokens[scope.task_tree.id] = scope.task_tree
        self.touched_scopes[scope.id] = scope
        self.check[scope] = self.doubtful[scope] = None
        self.dead_owners.remove(f"s{scope.id}")
        self.dead_scopes.remove(scope.id)

    def conclude(self, state: str, end_state: str) -> None:
        """How the run comes out, as far as can be told."""
        self.undo.append((self.conclude, (self.state, self.end_state)))
        self.state, self.end_state = state, end_state

    def end(self, state: str = "completed") -> None:
        """Nothing is left to do: the run is over."""
        self.undo.append((setattr, (self, "completed", self.completed)))
        self.completed = True
        if self.state == "active":
            self.conclude(state, self.end_state)
        for token in list(self.tasks.values()):
            if token is not self.task_tree:
                self.cancel(token)
        detail = {"state": self.state, **({"end": self.end_state} if self.end_state else {})}
        self.effects.append(Noted("run_ended" if self.state != "cancelled" else "run_cancelled", "", detail))

    # --- what was done -----------------------------------------------------------------------------------------------

    def noted(self, kind: str, element: str, **detail: Any) -> None:
        self.effects.append(Noted(kind, element, detail or None))

    def done(self, token: Token) -> None:
        """An element completed."""
        scope = token.workflow.id
        self.effects.append(Noted("element_completed", token.task_spec.name, {"scope": scope} if scope else None))
