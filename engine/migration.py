"""A waiting run goes on with another version of its pathway, when everything that is alive in it stands there too.

What has begun stays as it was given: a timer keeps its due date, a message its key, a task its people. What the new
version adds around it, boundary events and event sub-processes, is waited for from now on.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound, RunError
from base.prepared import Prepared
from engine import compensation, rows, steps, tables, waiting
from engine.advance import Mover
from engine.definition import Container, Definition
from engine.elements.activity import Activity
from engine.elements.gateways import LATE, EventBased
from engine.elements.node import Node
from engine.elements.user_task import UserTask
from engine.pictures import Entry
from engine.run import Run, ScopeParts
from engine.token import Token

run, task = tables.run.c, tables.task.c
SET_DEFINITION = update(tables.run).where(run.tenant == bindparam("b_tenant"), run.id == bindparam("b_run"))
SET_TASK = Prepared(
    update(tables.task)
    .where(task.tenant == bindparam("b_tenant"), task.id == bindparam("b_task"))
    .values({name: bindparam(name) for name in ("definition", "name", "form")})
)
BEGUN = frozenset({"task", "job", "body", "subs", "timers"})
"""Notes of an activity whose boundary events listen."""
MIGRATED = "run_migrated"
MOST_NAMED = 5
Place = tuple[str, str]
"""(container, element)."""


def migrate(session: Session, mover: Mover, key: str, digest: str, actor: str) -> None:
    """Raises NotFound, Conflict when the run has ended or something alive in it has no place in that version."""
    before = mover.take(session, key, actor)
    after = mover.library.definition(session, digest)
    if before.state != "active":
        raise Conflict("Ce dossier est déjà terminé.", code="run-ended")
    if before.definition.digest == digest:
        return
    refuse(list(dict.fromkeys(obstacles(before, after))))
    moved = _under(session, mover, before, after, actor)
    moved.noted(MIGRATED, "", before=before.definition.digest, after=digest)
    _rename_tasks(session, moved)
    mover.begin(session, moved, lambda one: listen(one, before.definition))


def foreseen(session: Session, mover: Mover, key: str, digest: str) -> list[str]:
    """What stands in the way now, each once; writes and locks nothing. Raises NotFound."""
    header = rows.header(session, mover.tenant, key, lock=False)
    if header is None:
        raise NotFound("Ce dossier n’existe pas.")
    followed_now = mover.library.definition(session, header.definition)
    before = rows.load(session, header, followed_now, mover.world(session, ""), key)
    return list(dict.fromkeys(obstacles(before, mover.library.definition(session, digest))))


def refuse(found: list[str]) -> None:
    """Raises Conflict naming what stands in the way, if anything does."""
    if found:
        more = f" ; et {len(found) - MOST_NAMED} autres" if len(found) > MOST_NAMED else ""
        words = " ; ".join(found[:MOST_NAMED]) + more
        raise Conflict(f"Ce dossier ne peut pas passer à cette version : {words}.", code="run-not-movable")


def _under(session: Session, mover: Mover, before: Run, after: Definition, actor: str) -> Run:
    """The run as its rows tell it, read under the other version."""
    place = {"b_tenant": mover.tenant, "b_run": before.key}
    session.connection().execute(SET_DEFINITION.values(definition=after.digest), place)
    header = rows.header(session, mover.tenant, before.key)
    if header is None:
        raise Conflict("Ce dossier n’existe plus.", code="run-changed")
    return rows.load(session, header, after, mover.world(session, actor), before.key)


def _rename_tasks(session: Session, moved: Run) -> None:
    """Open tasks show the words and the form of the new version; who may answer them stays."""
    found = []
    for token in moved.tokens.values():
        node, opened = token.task_spec, token.internal_data.get("task")
        if opened is not None:
            form = node.form if isinstance(node, UserTask) else None
            place = {"b_tenant": moved.world.tenant, "b_task": opened}
            found.append({**place, "definition": moved.definition.digest, "name": node.label[:240], "form": form})
    SET_TASK.write(session.connection(), found)


def followed(history: Iterable[Entry], entry: Entry, digest: str) -> str:
    """The definition that a run followed when an entry was written; `digest` is the one that it follows now."""
    later = (one for one in history if one.kind == MIGRATED and one.n > entry.n)
    return next((str(one.detail["before"]) for one in later), digest)


# --- what stands in the way -------------------------------------------------------------------------------------------


def obstacles(moved: Run, after: Definition) -> Iterator[str]:
    """Why the run cannot go on with that version, in words."""
    if moved.process not in after.processes:
        yield f"le processus « {moved.process} » n’y est plus"
        return
    for token in moved.tokens.values():
        if token.id > 0:
            yield from _obstacle(token, after)
    for container, element in _remembered(moved):
        if _find(after, container, element) is None:
            yield f"« {_label(moved.definition, container, element)} » n’y est plus"
    for scope in moved.scopes.values():
        if scope.spec.name not in after.containers:
            yield f"« {scope.spec.description} » n’y est plus"


def _obstacle(token: Token, after: Definition) -> Iterator[str]:
    old, container = token.task_spec, token.workflow.spec.name
    new = _find(after, container, old.name)
    if new is None:
        yield f"« {old.label} » n’y est plus"
    elif _shape(new) != _shape(old):
        yield f"« {old.label} » y est autre chose"
    elif token in token.workflow.joins.get(old.name, ()) and _incoming(new) != _incoming(old):
        yield f"« {old.label} » n’y réunit plus les mêmes branches"


def _shape(node: Node) -> tuple[object, ...]:
    """What must not change under a token that stands here."""
    loop = node.loop if isinstance(node, Activity) else None
    triggers = [(t.kind, t.name, t.code, t.timer, t.text if t.kind == "conditional" else "") for t in node.triggers]
    branches = [flow.target for flow in node.flows] if isinstance(node, EventBased) else []
    repeats = loop and (loop.standard, loop.sequential)
    return type(node), node.kind, node.attached, node.parallel, repeats, triggers, branches


def _incoming(node: Node) -> set[str]:
    return {flow.id for flow in node.arrivals}


def _remembered(moved: Run) -> Iterator[Place]:
    """What no token stands on, but may be needed: what can be undone, what was chosen, gateways not yet reset."""
    for scope in moved.scopes.values():
        yield from _undone(scope.spec.name, compensation.records(scope))
        yield from ((scope.spec.name, name[len(LATE) :]) for name in scope.data if name.startswith(LATE))
    for token in moved.tokens.values():
        notes = token.internal_data
        if "undo" in notes:
            yield from _undone(moved.scopes[notes["undo_scope"]].spec.name, notes["undo"])
        if "line" in notes:
            yield from ((moved.scopes[token.id].spec.name, name) for name in notes["line"])


def _undone(container: str, records: Iterable[compensation.Record]) -> Iterator[Place]:
    for record in records:
        yield container, record["activity"]
        if record["handler"]:
            yield container, record["handler"]
        else:
            yield from _undone(record["container"], record["nested"])


def _find(definition: Definition, container: str, element: str) -> Node | None:
    inside: Container | None = definition.containers.get(container)
    found = None if inside is None else inside.task_specs.get(element)
    return found if isinstance(found, Node) else None


def _label(definition: Definition, container: str, element: str) -> str:
    found = _find(definition, container, element)
    return element if found is None else found.label


# --- what is new around what is alive ---------------------------------------------------------------------------------


def listen(moved: Run, before: Definition) -> None:
    """Raises Conflict when something new cannot be waited for."""
    moved.undo.clear()
    for scope in list(moved.scopes.values()):
        _listen_in(scope, before.containers[scope.spec.name])
    for token in list(moved.tokens.values()):
        if token.id > 0 and _has_begun(token):
            _listen_around(token, before.containers[token.workflow.spec.name])
    steps.settle(moved)


def _listen_in(scope: ScopeParts, before: Container) -> None:
    """New event sub-processes, unless another has ended what runs in their scope."""
    run = scope.top_workflow
    if _is_interrupted(scope) or (scope.owner is not None and "restored" in scope.owner.internal_data):
        return
    for handler in scope.spec.handlers:
        if handler.listens and handler.name not in before.task_specs:
            run.enqueue(run.spawn(scope, handler, listener=True))


def _is_interrupted(scope: ScopeParts) -> bool:
    tokens = [token for token in scope.tasks.values() if token is not scope.task_tree and not token.listener]
    return any(token.task_spec.by_event and token.task_spec.interrupts for token in tokens)


def _has_begun(token: Token) -> bool:
    """Its boundary events listen; those of a turn are its body's."""
    notes = token.internal_data
    if token.listener or token.inner or "restored" in notes or not isinstance(token.task_spec, Activity):
        return False
    return bool(BEGUN & notes.keys()) or token.id in token.host.subprocesses


def _listen_around(token: Token, before: Container) -> None:
    for boundary in token.task_spec.boundary:
        waits = any(trigger.kind in waiting.SUBSCRIBED for trigger in boundary.triggers)
        if waits and boundary.name not in before.task_specs:
            try:
                waiting.listen(token.workflow, boundary, token)
            except RunError as error:
                refuse([f"« {boundary.label} » : {error.message}"])
