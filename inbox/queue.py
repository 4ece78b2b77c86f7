"""What waits for a person: the open tasks they may see, late first, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, case as when, exists, func, or_, select
from sqlalchemy.orm import Session

from care.guard import visible_tasks
from care.patients import patients
from care.tables import case, circle_member
from engine.tables import task
from inbox.dates import at_midnight_after
from inbox.patient import Who, describe
from pathways.context import Context
from people.persons import Person
from people.roles import label

PAGE = 50
SEARCHED = 500
TABS = {"moi": "Pour moi", "roles": "Mes rôles", "retard": "En retard"}
GROUPS = {"late": "En retard", "today": "Aujourd’hui", "later": "Ensuite"}


@dataclass(frozen=True)
class Waiting:
    """One row of the list; `group` is a key of GROUPS, `urgency` one of p1, p2, p3."""

    id: str
    case: str
    title: str
    pathway: str
    patient: Who
    why: str
    created_at: datetime
    due_at: datetime | None
    group: str
    urgency: str


@dataclass(frozen=True)
class Counts:
    """How many tasks wait: for the person, for their roles; and of both, how many are late or due today."""

    mine: int
    roles: int
    late: int
    today: int

    @property
    def all(self) -> int:
        return self.mine + self.roles

    @property
    def later(self) -> int:
        return self.all - self.late - self.today

    def of(self, tab: str) -> int:
        return {"moi": self.mine, "roles": self.roles, "retard": self.late}[tab]


def counts(session: Session, context: Context, person: Person) -> Counts:
    """Counted in one pass over the tasks that the person may see."""
    now = context.clock.now()
    midnight = at_midnight_after(now, _zone(context))
    mine, late = _is_mine(context, person), task.c.due_at < now
    kinds = (mine, ~mine, late, and_(task.c.due_at >= now, task.c.due_at < midnight))
    sums = [func.coalesce(func.sum(when((kind, 1), else_=0)), 0) for kind in kinds]
    found = session.execute(select(*sums).select_from(_open_tasks()).where(_open_to(context, person))).one()
    return Counts(*found)


def queue(
    session: Session, context: Context, person: Person, tab: str = "moi", words: str = "", page: int = 1
) -> tuple[list[Waiting], bool]:
    """The rows of one page of a tab, and whether more follow. `words` keeps those that contain them all."""
    statement = (
        select(task, case.c.patient, case.c.title, _is_mine(context, person).label("mine"), _is_in_circle(context, person).label("known"))
        .select_from(_open_tasks())
        .where(_open_to(context, person), _in_tab(tab, context, person))
        .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.priority.desc(), task.c.id)
    )
    if words:
        found = session.execute(statement.limit(SEARCHED)).all()
        rows = [row for row in _show(session, context, found) if _contains(row, words)]
        return rows[:PAGE], len(rows) > PAGE
    found = session.execute(statement.limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    return _show(session, context, found[:PAGE]), len(found) > PAGE


def following(session: Session, context: Context, person: Person, tab: str = "moi") -> str | None:
    """The task that comes first now: of the tab if any is left, else of all that the person may see."""
    statement = (
        select(task.c.id)
        .select_from(_open_tasks())
        .where(_open_to(context, person))
        .order_by((~_in_tab(tab, context, person)), task.c.due_at.is_(None), task.c.due_at, task.c.priority.desc(), task.c.id)
    )
    return session.scalar(statement.limit(1))


def grouped(rows: Sequence[Waiting]) -> list[tuple[str, str, list[Waiting]]]:
    """The rows under their headings, empty groups left out."""
    groups = [(key, name, [row for row in rows if row.group == key]) for key, name in GROUPS.items()]
    return [group for group in groups if group[2]]


def urgency(priority: int) -> str:
    """The sign of a priority: Zeebe's range is 0 to 100 and 50 is ordinary."""
    return "p1" if priority >= 80 else "p2" if priority > 50 else "p3"


def why(assigned: bool, known: bool, role: str | None) -> str:
    """One sentence that says why this task is shown to this person."""
    if known and role:
        return f"Vous êtes dans son cercle de soins : {label(role).lower()}."
    return "Elle vous est confiée." if assigned else f"Pour votre rôle : {label(role or '').lower()}."


def _open_tasks() -> Any:
    return task.join(case, and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run))


def _open_to(context: Context, person: Person) -> ColumnElement[bool]:
    tenant = context.settings.tenant
    seen = visible_tasks(
        person, tenant=tenant, case_column=task.c.run, role_column=task.c.role, assignee_column=task.c.assignee
    )
    return and_(task.c.tenant == tenant, task.c.state == "open", seen)


def _in_tab(tab: str, context: Context, person: Person) -> ColumnElement[bool]:
    if tab == "retard":
        return func.coalesce(task.c.due_at < context.clock.now(), False)
    return _is_mine(context, person) if tab == "moi" else ~_is_mine(context, person)


def _is_mine(context: Context, person: Person) -> ColumnElement[bool]:
    return or_(func.coalesce(task.c.assignee, "") == person.id, _is_in_circle(context, person))


def _is_in_circle(context: Context, person: Person) -> ColumnElement[bool]:
    """The person holds the task's role in the circle of care of its patient."""
    now = context.clock.now()
    return exists().where(
        circle_member.c.tenant == task.c.tenant,
        circle_member.c.patient == case.c.patient,
        circle_member.c.person == person.id,
        circle_member.c.role == task.c.role,
        circle_member.c.since <= now,
        or_(circle_member.c.until.is_(None), circle_member.c.until > now),
    )


def _show(session: Session, context: Context, found: Sequence[Row[Any]]) -> list[Waiting]:
    now = context.clock.now()
    midnight = at_midnight_after(now, _zone(context))
    known = patients(session, context.vault, {row.patient for row in found}) if found else {}
    return [
        Waiting(
            row.id, row.run, row.name, row.title, describe(known[row.patient], now.date()),
            why(row.assignee is not None, row.known, row.role), row.created_at, row.due_at,
            _group(row.due_at, now, midnight), urgency(row.priority),
        )
        for row in found
    ]  # fmt: skip


def _group(due: datetime | None, now: datetime, midnight: datetime) -> str:
    if due is None or due >= midnight:
        return "later"
    return "late" if due < now else "today"


def _contains(row: Waiting, words: str) -> bool:
    text = f"{row.title} {row.pathway} {row.patient.name} {row.patient.commune}".casefold()
    return all(word in text for word in words.casefold().split())


def _zone(context: Context) -> ZoneInfo:
    return ZoneInfo(context.settings.timezone)
