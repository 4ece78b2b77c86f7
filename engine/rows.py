"""A run as rows: one header, one row per live token, scope and variable; only what changed is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import UpdateBase

from base.errors import Conflict
from base.prepared import Prepared, Query, insert_if_new
from engine import feel, spiff, tables
from engine.definition import Definition
from engine.elements.gateways import LATE, Inclusive
from engine.environment import World
from engine.run import Run, Scope, ScopeParts
from engine.scopes import PLAIN_NOTE, Vars
from engine.token import Token

Rows = list[dict[str, Any]]


def _upsert(table: Table, changing: Sequence[str]) -> Prepared:
    """Insert or replace, in the words of each server."""
    statements: dict[str, UpdateBase] = {}
    for name, words in (("sqlite", sqlite), ("postgresql", postgresql)):
        fresh = words.insert(table)
        keys = [column.name for column in table.primary_key.columns]
        statements[name] = fresh.on_conflict_do_update(
            index_elements=keys, set_={column: fresh.excluded[column] for column in changing}
        )
    return Prepared(statements["sqlite"], statements)


def _removal(table: Table, *keys: str) -> Prepared:
    """Delete by tenant, run and these columns."""
    statement = delete(table)
    for key in ("tenant", "run", *keys):
        statement = statement.where(table.c[key] == bindparam(f"b_{key}"))
    return Prepared(statement)


PUT_TOKEN = _upsert(tables.token, ["scope", "parent", "element", "state", "place", "since", "notes"])
PUT_SCOPE = _upsert(tables.scope, ["container", "wall"])
PUT_VARIABLE = _upsert(tables.variable, ["value"])
DROP_TOKEN = _removal(tables.token, "id")
DROP_SCOPE = _removal(tables.scope, "id")
DROP_OWNER = _removal(tables.variable, "owner")
DROP_VARIABLE = _removal(tables.variable, "owner", "name")
DROP_SUBSCRIPTION = _removal(tables.subscription, "token")
DROP_TIMER = _removal(tables.timer, "token")
ADD_RUN = insert_if_new(tables.run, "tenant", "id")
ADD_SUBSCRIPTION, ADD_TIMER = Prepared(insert(tables.subscription)), Prepared(insert(tables.timer))
MOVING = ("version", "seq", "ticks", "entries", "chain", "end_state", "due_at")
ENDING = ("state", "ended_at")
"""Not of a run that goes on: SQLite would write its entry anew in each index that has one of these columns."""


def _change(columns: Sequence[str]) -> Prepared:
    """The header, if nobody else has written it since."""
    this = (tables.run.c.tenant == bindparam("b_tenant"), tables.run.c.id == bindparam("b_id"))
    as_read = update(tables.run).where(*this, tables.run.c.version == bindparam("b_version"))
    return Prepared(as_read.values({name: bindparam(name) for name in columns}))


MOVE_RUN, SET_RUN = _change(MOVING), _change((*MOVING, *ENDING))


# --- saving -----------------------------------------------------------------------------------------------------------


def save_parts(session: Session, run: Run) -> None:
    """Write what changed since the last save, beside the header."""
    connection = session.connection()
    for statement, rows in (*_departures(run), *_arrivals(run)):
        statement.write(connection, rows)
    forget(run)


def forget(run: Run) -> None:
    """What changed is known to the database now."""
    run.touched, run.changed, run.touched_scopes = {}, {}, {}
    run.dead, run.dead_owners, run.dead_scopes = [], [], []
    run.rewired, run.unwired, run.effects, run.saved_id = set(), [], [], run.seq
    run.undo.clear()


def save_header(session: Session, run: Run) -> None:
    """Write the header; it comes first, and its answer is waited for. Raises Conflict when somebody else wrote it."""
    world = run.world
    goes_on = run.state == run.stored_state == "active"
    values = {
        "version": run.version + 1,
        "seq": run.seq,
        "ticks": run.ticks,
        "entries": run.entries,
        "chain": run.chain,
        "end_state": run.end_state or None,
        "due_at": run.register.due(),
    }
    if not goes_on:
        values |= {"state": run.state, "ended_at": None if run.state == "active" else world.now}
    if run.version == 0:
        fixed = {"tenant": world.tenant, "id": run.key, "definition": run.definition.digest, "process": run.process}
        fresh = values | fixed | {"started_at": world.now, "started_by": world.actor}
        if not ADD_RUN.write(session, [fresh]):
            raise Conflict("Ce dossier a déjà été ouvert.", code="run-exists")
    else:
        values |= {"b_tenant": world.tenant, "b_id": run.key, "b_version": run.version}
        if not (MOVE_RUN if goes_on else SET_RUN).write(session, [values]):
            said = "Ce dossier vient d’être modifié par quelqu’un d’autre. Rechargez la page."
            raise Conflict(said, code="run-changed")
    run.version += 1
    run.stored_state = run.state


def _departures(run: Run) -> Iterator[tuple[Prepared, Rows]]:
    """(statement, rows) of what is no longer there; most steps leave no more behind than their token."""
    gone = {"b_tenant": run.world.tenant, "b_run": run.key}
    if run.dead:
        yield DROP_TOKEN, [{**gone, "b_id": key} for key in run.dead]
    if wired := [*run.unwired, *(key for key in run.rewired if key <= run.saved_id)]:
        rows = [{**gone, "b_token": key} for key in wired]
        yield DROP_SUBSCRIPTION, rows
        yield DROP_TIMER, rows
    if run.dead_owners:
        owners = [key for key in sorted(set(run.dead_owners)) if int(key[1:]) <= run.saved_id]
        yield DROP_OWNER, [{**gone, "b_owner": key} for key in owners]
        yield DROP_SCOPE, [{**gone, "b_id": key} for key in run.dead_scopes if key <= run.saved_id]
    if dropped := [(owner, name) for owner, name, scope in _changed(run) if name not in scope]:
        yield DROP_VARIABLE, [{**gone, "b_owner": owner, "b_name": name} for owner, name in dropped]


def _arrivals(run: Run) -> Iterator[tuple[Prepared, Rows]]:
    """(statement, rows) of what is new or not as it was."""
    own = {"tenant": run.world.tenant, "run": run.key}
    if run.touched_scopes:
        yield PUT_SCOPE, [own | scope_row(scope) for key, scope in run.touched_scopes.items() if key]
    yield PUT_TOKEN, [own | token_row(token) for token in run.touched.values() if token.id > 0 and not token.gone]
    if put := [(owner, name, scope[name]) for owner, name, scope in _changed(run) if name in scope]:
        yield PUT_VARIABLE, [{**own, "owner": owner, "name": name, "value": pack(name, v)} for owner, name, v in put]
    if run.rewired:
        waiting = [run.tokens[key] for key in sorted(run.rewired) if key in run.tokens]
        yield ADD_SUBSCRIPTION, [own | row for token in waiting for row in _subscription_rows(token)]
        yield ADD_TIMER, [own | row for token in waiting for row in _timer_rows(token)]


def _changed(run: Run) -> list[tuple[str, str, Vars]]:
    """(owner, name, scope) of each variable that changed, but for those that left with their owner."""
    dead = set(run.dead_owners)
    return [(owner, name, scope) for (owner, name), scope in run.changed.items() if owner not in dead]


def scope_row(scope: Any) -> dict[str, Any]:
    return {"id": scope.id, "container": scope.spec.name, "wall": scope.wall}


def token_row(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "scope": token.workflow.id,
        "parent": None if token._parent == token.workflow.task_tree.id else token._parent,
        "element": token.task_spec.name,
        "state": token._state,
        "place": token.place,
        "since": token.since,
        "notes": orjson.dumps(token.internal_data) if token.internal_data else None,
    }


def _subscription_rows(token: Token) -> Iterator[dict[str, Any]]:
    for n, kind, name, key in token.internal_data.get("subs", ()):
        if kind != "conditional" and not token.stuck:
            yield {"token": token.id, "n": n, "kind": kind, "name": name, "key": key, "since": token.since}


def _timer_rows(token: Token) -> Iterator[dict[str, Any]]:
    for n, note in (token.internal_data.get("timers", {}) if not token.stuck else {}).items():
        due = datetime.fromisoformat(note["due"])
        yield {
            "token": token.id,
            "n": int(n),
            "element": token.task_spec.name,
            "due_at": due,
            "created_at": token.since,
        }


def pack(name: str, value: Any) -> bytes:
    return orjson.dumps(value if name[0] == PLAIN_NOTE else feel.dump(value))


def unpack(name: str, value: bytes) -> Any:
    stored = orjson.loads(value)
    return stored if name[0] == PLAIN_NOTE else feel.load(stored)


# --- loading ----------------------------------------------------------------------------------------------------------


class Header(NamedTuple):
    """What is read of a run before anything else; reading it takes the run's lock on PostgreSQL."""

    definition: str
    process: str
    version: int
    seq: int
    ticks: int
    entries: int
    chain: bytes
    state: str
    end_state: str | None


OF_HEADER = [tables.run.c[name] for name in Header._fields]
OF_RUN = select(*OF_HEADER).where(tables.run.c.tenant == bindparam("tenant"), tables.run.c.id == bindparam("run"))
HEADER, LOCK_HEADER = Query(OF_RUN), Query(OF_RUN.with_for_update())


def header(session: Session, tenant: str, run: str, *, lock: bool = True) -> Header | None:
    found = (LOCK_HEADER if lock else HEADER).first(session, {"tenant": tenant, "run": run})
    return None if found is None else Header(*found)


def _of_run(table: Table, *columns: str, order: str | None = None) -> Query:
    statement = select(*(table.c[name] for name in columns)).where(
        table.c.tenant == bindparam("tenant"), table.c.run == bindparam("run")
    )
    return Query(statement if order is None else statement.order_by(table.c[order]))


TOKENS = _of_run(tables.token, "id", "scope", "parent", "element", "state", "place", "since", "notes", order="id")
SCOPES = _of_run(tables.scope, "id", "container", "wall")
VARIABLES = _of_run(tables.variable, "owner", "name", "value", order="name")


def load(session: Session, header: Header, definition: Definition, world: World, key: str) -> Run:
    """The run as it was saved. Nothing is evaluated."""
    of_run = {"tenant": world.tenant, "run": key}
    scopes, tokens = SCOPES.all(session, of_run), TOKENS.all(session, of_run)
    run = Run(definition, header.process, world, key)
    fill(run, scopes, tokens, VARIABLES.all(session, of_run))
    set_header(run, header)
    run.stored_state = run.state
    return run


def fill(run: Run, scopes: Iterable[Any], tokens: Iterable[Any], variables: Iterable[tuple[str, str, bytes]]) -> None:
    """Scopes in any order, tokens by their ids, variables by their names."""
    containers = {row.id: row for row in scopes}
    queue = [token for row in tokens if (token := _token(run, row, containers)) is not None]
    for scope in sorted(containers):
        _open(run, containers.pop(scope))
    for owner, name, value in variables:
        place = run.scopes[int(owner[1:])].data if owner[0] == "s" else run.tokens[int(owner[1:])].own()
        dict.__setitem__(place, name, unpack(name, value))
        if name.startswith(LATE):
            _reset_later(run, run.scopes[int(owner[1:])], name[len(LATE) :])
    run.queue.extend(sorted(queue, key=lambda token: token.place))


def header_of(run: Run) -> Header:
    return Header(
        run.definition.digest, run.process, run.version, run.seq, run.ticks, run.entries, run.chain, run.state,
        run.end_state,
    )  # fmt: skip


def set_header(run: Run, header: Header) -> None:
    run.seq, run.ticks, run.entries, run.version = header.seq, header.ticks, header.entries, header.version
    run.chain = header.chain
    run.state, run.end_state, run.completed = header.state, header.end_state or "", header.state != "active"
    forget(run)
    run.data_changed = False
    run.check.clear()


def _token(run: Run, row: Any, containers: dict[int, Any]) -> Token | None:
    """Put a token back; returned when it stands in the queue."""
    if row.scope not in run.scopes:
        _open(run, containers.pop(row.scope))
    scope = run.scopes[row.scope]
    parent = scope.task_tree if row.parent is None else run.tokens[row.parent]
    token = Token(scope, scope.spec.task_specs[row.element], parent, row.state, row.id)
    token.place, token.since = row.place, row.since
    token.internal_data = orjson.loads(row.notes) if row.notes else {}
    if not token.listener:
        scope.active += 1
    run.register.add(token)
    if _queued(token):
        return token
    _wait_at_join(run, token)
    return None


def _reset_later(run: Run, scope: ScopeParts, gateway: str) -> None:
    run.or_joins[(scope.id, gateway)] = (scope, scope.spec.task_specs[gateway])


def _queued(token: Token) -> bool:
    if token.stuck:
        return False
    if "todo" in token.internal_data or token._state == spiff.FUTURE:
        return True
    return bool(token._state == spiff.READY) and not token.task_spec.manual


def _wait_at_join(run: Run, token: Token) -> None:
    notes, node, scope = token.internal_data, token.task_spec, token.workflow
    state = notes["stuck"]["state"] if token.stuck else token._state
    if state != spiff.WAITING or not node.gathers or "subs" in notes or "timers" in notes or token.listener:
        return
    scope.joins.setdefault(node.name, []).append(token)
    run.doubtful[scope] = None
    if isinstance(node, Inclusive):
        run.or_joins[(scope.id, node.name)] = (scope, node)


def _open(run: Run, row: Any) -> None:
    """A scope is opened once its owner is there: owners have lower ids than what they own."""
    owner = run.tokens[row.id]
    run.subprocesses[row.id] = Scope(run.definition.containers[row.container], owner, run, row.wall)
