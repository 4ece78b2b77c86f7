"""The tasks that wait too long: late ones, those that nobody answers, those that nobody has; and whom to call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, select

from admin.cockpit.cases import COUNTED
from admin.cockpit.stretches import LATE_TASKS, Stretch, read_mark, unanswered_for
from base.conditions import has_row
from base.prepared import Query
from care.guard import attended
from care.identity.patients import patients
from care.tables import case, circle_member
from engine.tables import task, task_candidate
from inbox.desk import Desk
from inbox.lists.rows import urgency
from inbox.lists.walks import unattended_roles
from inbox.patient import describe
from people.persons import persons
from people.roles import label
from people.rosters.standing_in import away, unattended

PAGE = 30
PATIENCE = timedelta(days=2)
"""After how long without an answer a task is listed; à valider localement."""
LATE, UNANSWERED, NOBODYS = "en-retard", "sans-reponse", "personne"
LISTS = {LATE: "En retard", UNANSWERED: "Sans réponse depuis 2 jours", NOBODYS: "Personne ne l’a"}
WALKED: Mapping[str, Stretch] = {LATE: LATE_TASKS, UNANSWERED: unanswered_for(PATIENCE)}
offer, other = task_candidate.alias("offer"), task_candidate.alias("other")


@dataclass(frozen=True)
class Whom:
    """For whom a task waits; `away` when they declared an absence."""

    name: str
    phone: str = ""
    person: str = ""
    away: bool = False


@dataclass(frozen=True)
class Line:
    """A task that waits."""

    task: str
    case: str
    title: str
    pathway: str
    patient: str
    since: datetime
    due_at: datetime | None
    late: bool
    urgency: str
    whom: Whom


@dataclass(frozen=True)
class Page:
    lines: Sequence[Line]
    after: str = ""


def page(desk: Desk, name: str, after: str = "", most: int = PAGE) -> Page:
    """One page of a list. Raises Invalid for a place that is none."""
    if name == NOBODYS:
        found = nobodys(desk, most + 1)
        return Page(_lines(desk, found[:most]))
    stretch = WALKED[name]
    places = stretch.walk(desk.session, desk.tenant, desk.now, most + 1, after=read_mark(after, [stretch]))
    rows = _lines(desk, [place.key for place in places[:most]])
    return Page(rows, places[most - 1].mark if len(places) > most else "")


def count(desk: Desk, name: str) -> int:
    """How many wait, hardly beyond COUNTED."""
    if name == NOBODYS:
        return len(nobodys(desk, COUNTED + 1))
    return len(WALKED[name].walk(desk.session, desk.tenant, desk.now, COUNTED + 1))


def urgent(desk: Desk) -> int:
    """How many of the late tasks are urgent, of the first that are counted."""
    walked = WALKED[LATE].entries(desk.tenant, desk.now).with_only_columns(task.c.priority)
    first: Select[Any] = walked.order_by(task.c.due_at, task.c.id).limit(COUNTED)
    return sum(urgency(priority) == "p1" for priority in desk.session.scalars(first))


def nobodys(desk: Desk, most: int) -> list[str]:
    """The open tasks that only roles may answer which nobody who is there holds, those due first above."""
    values = {"now": desk.now, "most": most}
    query = _nobodys(desk.tenant)
    found = [row for role in unattended_roles(desk) for row in query.all(desk.session, {**values, "role": role})]
    found.sort(key=lambda row: (row.due_at, row.rank, row.task))
    return list(dict.fromkeys(row.task for row in found))[:most]


@lru_cache(maxsize=8)
def _nobodys(tenant: str) -> Query:
    """Of one role, in the order of its list."""
    somebody = select(other.c.task).where(
        other.c.tenant == tenant,
        other.c.task == offer.c.task,
        other.c.kind == "role",
        other.c.value.in_(attended(tenant)),
    )
    held = and_(task.c.assignee.is_not(None), task.c.assignee.not_in(unattended(tenant)))
    taken = select(task.c.id).where(task.c.tenant == tenant, task.c.id == offer.c.task, held)
    listed = select(offer.c.due_at, offer.c.rank, offer.c.task).where(
        offer.c.tenant == tenant, offer.c.kind == "role", offer.c.open, offer.c.value == bindparam("role")
    )
    walked = listed.where(~has_row(somebody), ~has_row(taken)).order_by(offer.c.due_at, offer.c.rank, offer.c.task)
    return Query(walked.limit(bindparam("most", type_=Integer())))


def _lines(desk: Desk, ids: Sequence[str]) -> list[Line]:
    """These tasks, in this order."""
    columns = (task.c.id, task.c.run, task.c.name, task.c.role, task.c.assignee, task.c.created_at, task.c.due_at)
    of_case = and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run)
    query = select(*columns, task.c.priority, case.c.patient, case.c.title).join(case, of_case)
    rows = {row.id: row for row in desk.session.execute(query.where(task.c.tenant == desk.tenant, task.c.id.in_(ids)))}
    named = patients(desk.session, desk.context.vault, {row.patient for row in rows.values()}) if rows else {}
    found = whom(desk, rows)
    return [
        Line(
            one, rows[one].run, rows[one].name, rows[one].title, describe(named[rows[one].patient], desk.today).name,
            rows[one].created_at, rows[one].due_at, rows[one].due_at is not None and rows[one].due_at < desk.now,
            urgency(rows[one].priority), found[one],
        )
        for one in ids
        if one in rows
    ]  # fmt: skip


def whom(desk: Desk, rows: Mapping[str, Any]) -> dict[str, Whom]:
    """Who has each task, else who holds its role in the circle of care and is there, else the role itself."""
    holders = _holders(desk, list(rows))
    gone = set(desk.session.scalars(away(desk.tenant), {"now": desk.now}))
    named = {one.assignee for one in rows.values() if one.assignee}
    known = persons(desk.session, named | {one for held in holders.values() for one in held})
    found: dict[str, Whom] = {}
    for key, row in rows.items():
        first = [row.assignee] if row.assignee else sorted(holders.get(key, ()), key=lambda one: one in gone)
        who = next((known[one] for one in first if one in known), None)
        role = label(row.role or "coordinateur")
        found[key] = Whom(role) if who is None else Whom(who.display, who.phone, who.id, who.id in gone)
    return found


def _holders(desk: Desk, ids: Sequence[str]) -> dict[str, list[str]]:
    joined = task.join(case, and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run))
    joined = joined.join(
        task_candidate, and_(task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id)
    )
    joined = joined.join(circle_member, circle_member.c.patient == case.c.patient)
    member = (circle_member.c.role == task_candidate.c.value, circle_member.c.until.is_(None))
    query = (
        select(task.c.id, circle_member.c.person)
        .select_from(joined)
        .where(task.c.tenant == desk.tenant, task.c.id.in_(ids), task_candidate.c.kind == "role", *member)
    )
    found: dict[str, list[str]] = {}
    for row in desk.session.execute(query):
        found.setdefault(row.id, []).append(row.person)
    return found
