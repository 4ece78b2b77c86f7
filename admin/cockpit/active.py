"""The « file active »: the patients of a pathway as they are now, with its own columns and where each stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from admin.cockpit import cases
from admin.cockpit.cases import RunRow
from admin.cockpit.waiting import Whom, whom
from admin.cockpit.wanted import Wanted
from base.errors import NotFound
from care.identity.patients import patients
from engine.tables import task
from inbox.desk import Desk
from inbox.lists import columns
from inbox.lists.columns import Column
from inbox.lists.statements import ORDER
from inbox.patient import Who, describe
from pathways import catalogue

PAGE = 50
EXPORTED = 2000
"""The longest sheet: the guard is asked for each of its rows."""


@dataclass(frozen=True)
class Line:
    """One case: its patient, where it stands, who is awaited, since when, and the values of the pathway's columns."""

    case: str
    mark: str
    patient: Who
    standing: str
    whom: str
    since: datetime | None
    due_at: datetime | None
    late: bool
    stuck: bool
    opened_at: datetime
    values: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """One page of a pathway's patients; `after` is where the next one begins."""

    key: str
    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    after: str = ""


def page(desk: Desk, wanted: Wanted, most: int = PAGE) -> Page:
    """One page, each row with what the guard lets this person see of that case. Raises NotFound for no pathway."""
    title = _title(desk, wanted.pathway)
    found = cases.page(desk, wanted, most)
    shown = columns.columns(desk, wanted.pathway)
    return Page(wanted.pathway, title, shown, _lines(desk, found.rows, shown), found.after)


def exported(desk: Desk, wanted: Wanted) -> Page:
    """All of it up to EXPORTED."""
    return page(desk, replace(wanted, after=""), EXPORTED)


def marks(desk: Desk, wanted: Wanted) -> list[str]:
    """What is in the list now: a case that has moved has another mark."""
    return [row.mark for row in cases.page(desk, wanted, PAGE).rows]


def pathways(desk: Desk) -> list[tuple[str, str, int]]:
    """The pathways that have patients now: key, title, how many cases."""
    running = cases.running_counts(desk.session, desk.tenant)
    listed = catalogue.listing(desk.session, desk.tenant)
    return [(line.key, line.title, running[line.key]) for line in listed if running.get(line.key)]


def _title(desk: Desk, key: str) -> str:
    for line in catalogue.listing(desk.session, desk.tenant):
        if line.key == key:
            return line.title
    raise NotFound("Ce parcours n’existe pas.", code="pathway-unknown")


def _lines(desk: Desk, rows: Sequence[RunRow], shown: Sequence[Column]) -> list[Line]:
    ids = [row.id for row in rows]
    known = patients(desk.session, desk.context.vault, {row.patient for row in rows}) if rows else {}
    waits = _waits(desk, ids)
    names = whom(desk, {found[0].id: found[0] for found in waits.values()})
    own = columns.told(desk, ids, shown, involved=False)
    return [
        replace(
            _line(desk, row, describe(known[row.patient], desk.today), waits.get(row.id, ()), names),
            values=own[row.id],
        )
        for row in rows
    ]


def _line(desk: Desk, row: RunRow, who: Who, waits: Sequence[Any], names: Mapping[str, Whom]) -> Line:
    first = waits[0] if waits else None
    late = row.late_tasks > 0
    if first is None:
        over = row.end_state.replace("_", " ") if row.end_state else "Terminé"
        standing = "Suit son cours" if row.state == "active" else over
        return Line(row.id, row.mark, who, standing, "", None, None, late, row.stuck, row.started_at)
    others = f" et {len(waits) - 1} autre{'s' if len(waits) > 2 else ''}" if len(waits) > 1 else ""
    return Line(
        row.id, row.mark, who, f"{first.name}{others}", names[first.id].name, first.created_at, first.due_at,
        late, row.stuck, row.started_at,
    )  # fmt: skip


def _waits(desk: Desk, ids: Sequence[str]) -> dict[str, list[Any]]:
    """The open tasks of each case, what is due first above."""
    columns_ = (task.c.id, task.c.run, task.c.name, task.c.role, task.c.assignee, task.c.created_at, task.c.due_at)
    mine = (task.c.tenant == desk.tenant, task.c.run.in_(ids), task.c.state == "open")
    found: dict[str, list[Any]] = {}
    for row in desk.session.execute(select(*columns_).where(*mine).order_by(*ORDER)):
        found.setdefault(row.run, []).append(row)
    return found
