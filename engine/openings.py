"""What begins runs by itself: the timers, signals, conditions and messages at the start of definitions in force.

A definition is armed when it comes into force and disarmed when it goes. Who the new run is about is not the engine's
business: the environment's `opens` says under which id it begins and with which values, or that it does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine import steps, tables, timers
from engine.advance import Mover
from engine.definition import Definition
from engine.dialect import Trigger
from engine.environment import Opening
from engine.expressions import to_stored, turned_true
from engine.run import Run
from engine.scopes import View

opening = tables.opening


@dataclass(frozen=True)
class Armed:
    """One trigger of one start event in force."""

    definition: str
    process: str
    element: str
    n: int
    kind: str
    name: str
    due_at: datetime | None
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class Outside:
    """What an expression sees that belongs to no run."""

    now: datetime
    functions: Mapping[str, Callable[..., Any]]


def arm(session: Session, mover: Mover, definition: str) -> int:
    """The events that start this definition's processes are awaited from now on; how many are. Again: no change.

    A date that is past starts nothing. Raises NotFound, ExpressionFailed, TimerUnreadable.
    """
    known = {
        (one.process, one.element, one.n) for one in armed(session, mover.tenant, opening.c.definition == definition)
    }
    rows = [row for row in _rows(session, mover, definition) if (row["process"], row["element"], row["n"]) not in known]
    if rows:
        session.execute(insert(opening), rows)
    return len(known) + len(rows)


def _rows(session: Session, mover: Mover, key: str) -> list[dict[str, Any]]:
    found, now = mover.library.definition(session, key), mover.environment.clock.now()
    seen, rows = _view(mover, found), []
    for process, node, trigger in found.events():
        place = {"process": process, "element": node.name, "n": node.triggers.index(trigger)}
        row = {"tenant": mover.tenant, "definition": key, "kind": trigger.kind, "name": trigger.name or "", **place}
        running = timers.first(trigger, seen, mover.environment.calendar) if trigger.kind == "timer" else None
        if running is None or running.due >= now:
            notes = {} if running is None else running.note()
            due_at = None if running is None else running.due
            rows.append({**row, "due_at": due_at, "notes": orjson.dumps(notes), "armed_at": now})
    return rows


def _view(mover: Mover, definition: Definition) -> View:
    outside = Outside(mover.environment.clock.now(), timers.functions(mover.environment.calendar))
    return View(outside, (), {"parametres": definition.parameters})


def disarm(session: Session, tenant: str, definition: str) -> int:
    """Nothing starts this definition's processes any more; how many events were awaited."""
    gone = delete(opening).where(opening.c.tenant == tenant, opening.c.definition == definition)
    return session.connection().execute(gone).rowcount


def armed(session: Session, tenant: str, *conditions: Any) -> list[Armed]:
    """In the order in which they begin something."""
    found = session.connection().execute(
        select(*(opening.c[name] for name in Armed.__dataclass_fields__))
        .where(opening.c.tenant == tenant, *conditions)
        .order_by(opening.c.due_at, opening.c.definition, opening.c.process, opening.c.element, opening.c.n)
    )
    return [Armed(**{**row._mapping, "notes": orjson.loads(row.notes)}) for row in found]


def named(session: Session, tenant: str, kind: str, name: str) -> list[Armed]:
    """Those that a message or a signal starts."""
    return armed(session, tenant, opening.c.kind == kind, opening.c.name == name)


def due(session: Session, mover: Mover) -> list[Armed]:
    """Those whose time has come, and all that wait for a condition."""
    now = mover.environment.clock.now()
    conditional = armed(session, mover.tenant, opening.c.kind == "conditional")
    return [*armed(session, mover.tenant, opening.c.due_at <= now), *conditional]


# --- beginning ----------------------------------------------------------------------------------------------------


def begin(session: Session, mover: Mover, one: Armed, values: Mapping[str, Any], actor: str) -> str | None:
    """A run begins with what its start event brought; None when nobody opens it."""
    opens, now = mover.environment.opens, mover.environment.clock.now()
    if opens is None:
        return None
    place = opens(session, Opening(one.definition, one.process, one.element, one.kind, one.name, dict(values), now))
    if place is None:
        return None
    found = mover.library.definition(session, one.definition)
    node = found.containers[one.process].task_specs[one.element]
    run = Run(found, one.process, mover.world(session, actor), place.run)
    given = {**place.variables, **values}
    told = {"process": one.process, "definition": one.definition, "trigger": one.n}
    run.noted("run_started", one.element, **told, variables=to_stored(given))
    mover.begin(session, run, lambda new: steps.start(new, given, node, one.n))
    return place.run


def begin_each(
    session: Session, mover: Mover, found: Sequence[Armed], values: Mapping[str, Any], actor: str
) -> list[str]:
    """The runs that a signal begins."""
    begun = (begin(session, mover, one, values, actor) for one in found)
    return [run for run in begun if run is not None]


def happen(mover: Mover, one: Armed, session: Session) -> bool:
    """A timer or a condition that is looked at: whether a run began. Of two processes that look, one begins it."""
    if one.kind == "conditional":
        return _turn(session, mover, one) and begin(session, mover, one, {}, "jalon") is not None
    following = timers.following(timers.timer(one.notes), mover.environment.calendar, mover.environment.clock.now())
    if following is None:
        taken = _change(session, mover, one, None)
    else:
        taken = _change(session, mover, one, {"due_at": following.due, "notes": orjson.dumps(following.note())})
    return taken and begin(session, mover, one, {}, "jalon") is not None


def _turn(session: Session, mover: Mover, one: Armed) -> bool:
    """Whether a condition has just turned true."""
    found = mover.library.definition(session, one.definition)
    trigger: Trigger = found.containers[one.process].task_specs[one.element].triggers[one.n]
    holds = turned_true(trigger.text or "", _view(mover, found))
    if holds == one.notes.get("held", False):
        return False
    return _change(session, mover, one, {"notes": orjson.dumps({"held": holds})}) and holds


def _change(session: Session, mover: Mover, one: Armed, values: Mapping[str, Any] | None) -> bool:
    """Whether it was still as it was read; without values it goes."""
    place = ("definition", "process", "element", "n")
    same = [opening.c.tenant == mover.tenant, *(opening.c[name] == getattr(one, name) for name in place)]
    same.append(opening.c.notes == orjson.dumps(one.notes))
    change = delete(opening).where(*same) if values is None else update(opening).where(*same).values(**values)
    return session.connection().execute(change).rowcount == 1
