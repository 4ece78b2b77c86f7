"""What the rows of a run would say: to tell two runs apart, to make a second one alike, to write all of them anew."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Table, bindparam, delete
from sqlalchemy.orm import Session

from base.prepared import Prepared
from engine import rows, tables
from engine.definition import Definition
from engine.environment import World
from engine.run import Run
from engine.scopes import Vars

OF_RUN = (tables.token, tables.scope, tables.variable, tables.subscription, tables.timer)


def _wipe(table: Table) -> Prepared:
    return Prepared(delete(table).where(table.c.tenant == bindparam("b_tenant"), table.c.run == bindparam("b_run")))


WIPES = tuple(map(_wipe, OF_RUN))


def likeness(run: Run) -> dict[str, Any]:
    """Two runs with the same one go on the same."""
    return {
        "header": {"seq": run.seq, "ticks": run.ticks, "state": run.state, "end_state": run.end_state or ""},
        "tokens": {key: rows.token_row(token) for key, token in sorted(run.tokens.items()) if key > 0},
        "scopes": {key: rows.scope_row(scope) for key, scope in sorted(run.scopes.items()) if key},
        "variables": {(owner, name): rows.pack(name, scope[name]) for owner, name, scope in _variables(run)},
    }


def alike(run: Run, world: World, definition: Definition | None = None) -> Run:
    """A second run that shares nothing with the first, as if it had been saved and read back; with another definition,
    under that one."""
    said, under = likeness(run), definition or run.definition
    made = Run(under, run.process, world, run.key)
    rows.fill(
        made,
        (SimpleNamespace(**row) for row in said["scopes"].values()),
        (SimpleNamespace(**row) for row in said["tokens"].values()),
        ((owner, name, value) for (owner, name), value in sorted(said["variables"].items())),
    )
    rows.set_header(made, rows.header_of(run))
    return made


def write_anew(session: Session, run: Run) -> None:
    """Nothing of what the rows of this run say counts any more: the next save writes all of it."""
    for wipe in WIPES:
        wipe.write(session, [{"b_tenant": run.world.tenant, "b_run": run.key}])
    rows.forget(run)
    run.saved_id = 0
    run.touched = {key: token for key, token in run.tokens.items() if key > 0}
    run.touched_scopes = {key: scope for key, scope in run.scopes.items() if key}
    run.changed = {(owner, name): scope for owner, name, scope in _variables(run)}
    run.rewired = {key for key, token in run.touched.items() if {"subs", "timers"} & token.internal_data.keys()}


def _variables(run: Run) -> Iterator[tuple[str, str, Vars]]:
    """(owner, name, where it lives)."""
    own = [token.locals for token in run.tokens.values() if token.locals]
    for scope in [*(scope.data for scope in run.scopes.values()), *own]:
        yield from ((scope.owner, name, scope) for name in sorted(scope))
