"""What waits for a person: the open tasks they may see, late first, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy import case as when

from care.guard import visible_tasks
from care.patients import patients
from care.tables import case, circle_member
from engine.tables import task
from inbox.desk import Desk
from inbox.patient import Who, describe
from people.roles import label

PAGE = 50
SEARCHED = 500
TABS = {"moi": "Pour moi", "roles": "Mes rôles", "retard": "En retard"}
ORDER = (task.c.due_at.is_(None), task.c.due_at, task.c.priority.desc(), task.c.id)
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


def counts(desk: Desk) -> Counts:
    """Counted in one pass over the tasks that the person may see."""
    now = desk.now
    mine, late = _is_mine(desk), task.c.due_at < now
    kinds = (mine, ~mine, late, and_(task.c.due_at >= now, task.c.due_at < desk.midnight))
    sums = [func.coalesce(func.sum(when((kind, 1), else_=0)), 0) for kind in kinds]
    found = desk.session.execute(select(*sums).select_from(_open_tasks()).where(_open_to(desk))).one()
    return Counts(*found)


def queue(desk: Desk, tab: str = "moi", words: str = "", page: int = 1) -> tuple[list[Waiting], bool]:
    """The rows of one page of a tab, and whether more follow. `words` keeps those that contain them all."""
    statement = (
        select(task, case.c.patient, case.c.title, is_in_circle(desk).label("known"))
        .select_from(_open_tasks())
        .where(_open_to(desk), _in_tab(tab, desk))
        .order_by(*ORDER)
    )
    if words:
        found = desk.session.execute(statement.limit(SEARCHED)).all()
        rows = [row for row in _show(desk, found) if _contains(row, words)]
        return rows[:PAGE], len(rows) > PAGE
    found = desk.session.execute(statement.limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    return _show(desk, found[:PAGE]), len(found) > PAGE


def following(desk: Desk, tab: str = "moi") -> str | None:
    """The task that comes first now: of the tab if any is left, else of all that the person may see."""
    statement = select(task.c.id).select_from(_open_tasks()).where(_open_to(desk)).order_by(~_in_tab(tab, desk), *ORDER)
    return desk.session.scalar(statement.limit(1))


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


def _open_to(desk: Desk) -> ColumnElement[bool]:
    """Open, visible, and not in somebody else's hands."""
    free = or_(task.c.assignee.is_(None), task.c.assignee == desk.person.id)
    return and_(task.c.tenant == desk.tenant, task.c.state == "open", free, may_see(desk))


def may_see(desk: Desk) -> ColumnElement[bool]:
    """The guard's condition on a row of tasks."""
    columns = {"case_column": task.c.run, "role_column": task.c.role, "assignee_column": task.c.assignee}
    return visible_tasks(desk.person, tenant=desk.tenant, **columns)


def _in_tab(tab: str, desk: Desk) -> ColumnElement[bool]:
    if tab == "retard":
        return func.coalesce(task.c.due_at < desk.now, False)
    return _is_mine(desk) if tab == "moi" else ~_is_mine(desk)


def _is_mine(desk: Desk) -> ColumnElement[bool]:
    return or_(func.coalesce(task.c.assignee, "") == desk.person.id, is_in_circle(desk))


def is_in_circle(desk: Desk) -> ColumnElement[bool]:
    """The person holds the task's role in the circle of care of its patient."""
    return exists().where(
        circle_member.c.tenant == task.c.tenant,
        circle_member.c.patient == case.c.patient,
        circle_member.c.person == desk.person.id,
        circle_member.c.role == task.c.role,
        circle_member.c.until.is_(None),
    )


def _show(desk: Desk, found: Sequence[Row[Any]]) -> list[Waiting]:
    known = patients(desk.session, desk.context.vault, {row.patient for row in found})
    return [
        Waiting(
            row.id, row.run, row.name, row.title, describe(known[row.patient], desk.today),
            why(row.assignee is not None, row.known, row.role), row.created_at, row.due_at,
            _group(row.due_at, desk), urgency(row.priority),
        )
        for row in found
    ]  # fmt: skip


def _group(due: datetime | None, desk: Desk) -> str:
    if due is None or due >= desk.midnight:
        return "later"
    return "late" if due < desk.now else "today"


def _contains(row: Waiting, words: str) -> bool:
    text = f"{row.title} {row.pathway} {row.patient.name} {row.patient.commune}".casefold()
    return all(word in text for word in words.casefold().split())
