"""Who has how much to do: counted by the worker now and then, since no index tells a median; read from its rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, delete, exists, func, insert, select
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from admin.cockpit.tables import workload
from base.database import Instant
from base.prepared import Query
from care.tables import case, circle_member
from engine.tables import task, task_candidate
from pathways.context import Context
from people.persons import Person, everybody, persons
from people.roles import label

PERSON, PROFESSION = "person", "profession"
SPAN = timedelta(days=30)
YOUNG = timedelta(minutes=5)
LAST = Query(select(workload.c.at).where(workload.c.tenant == bindparam("tenant")).limit(1))
NOW = bindparam("now", type_=Instant())
ANSWERS = Query(
    select(task.c.created_at, task.c.completed_at).where(
        task.c.tenant == bindparam("tenant"),
        task.c.completed_by == bindparam("person"),
        task.c.completed_at >= bindparam("since", type_=Instant()),
    )
)


@dataclass(frozen=True)
class Load:
    """What waits for a person or a profession, and how they answered lately; `key` is an id or a name."""

    kind: str
    key: str
    people: int
    open: int
    late: int
    oldest_at: datetime | None
    answered: int
    median_minutes: int | None
    at: datetime

    @property
    def is_busy(self) -> bool:
        """Whether anything waits for them, or was answered lately."""
        return bool(self.open or self.answered)

    @property
    def each(self) -> float:
        """How many open tasks a person of it has."""
        return self.open / max(self.people, 1)


@dataclass
class Sum:
    """What is added up for one line."""

    people: int = 0
    open: int = 0
    late: int = 0
    oldest_at: datetime | None = None
    minutes: list[float] = field(default_factory=list)

    def add(self, other: "Sum") -> None:
        """One more person of it."""
        self.people += 1
        self.minutes += other.minutes
        self.wait(other)

    def wait(self, other: "Sum") -> None:
        """What waits for a whole role is in nobody's hands: for a profession it counts once."""
        self.open, self.late = self.open + other.open, self.late + other.late
        self.oldest_at = _first(self.oldest_at, other.oldest_at)

    def load(self, kind: str, key: str, now: datetime) -> Load:
        half = round(median(self.minutes)) if self.minutes else None
        counted = (self.people, self.open, self.late, self.oldest_at, len(self.minutes))
        return Load(kind, key, *counted, half, now)


def of(session: Session, tenant: str, kind: str) -> list[Load]:
    """The lines of a kind, those with most late tasks first."""
    mine = select(workload).where(workload.c.tenant == tenant, workload.c.kind == kind)
    rows = session.execute(mine.order_by(workload.c.late.desc(), workload.c.open.desc(), workload.c.key))
    return [Load(**{name: value for name, value in row._mapping.items() if name != "tenant"}) for row in rows]


def named(session: Session, found: Sequence[Load]) -> list[tuple[Person, Load]]:
    """Each person's line with who they are."""
    known = persons(session, {one.key for one in found})
    return [(known[one.key], one) for one in found if one.key in known]


def measure_if_old(context: Context) -> int:
    """For the worker: count anew unless that was done a short while ago, by whichever process; how many times."""
    now = context.clock.now()
    with context.database.read() as session:
        last = LAST.first(session, {"tenant": context.tenant})
    if last is not None and last.at > now - YOUNG:
        return 0
    return min(measure(context), 1)


def measure(context: Context) -> int:
    """Count anew, and keep it; how many lines."""
    with context.database.read() as session:
        found = count(session, context.tenant, context.clock.now())
    with context.database.begin() as session:
        _take_turns(session, context.tenant)
        session.execute(delete(workload).where(workload.c.tenant == context.tenant))
        if found:
            session.execute(insert(workload), [{"tenant": context.tenant, **asdict(one)} for one in found])
    return len(found)


def count(session: Session, tenant: str, now: datetime) -> list[Load]:
    """The lines of all who work here, and those of their professions."""
    waits = _waiting(session, tenant, now)
    people = [one for one in everybody(session, tenant) if one.active and one.roles]
    each = {one.id: _of_person(session, one, waits, now) for one in people}
    professions: dict[str, Sum] = {}
    for one in people:
        professions.setdefault(profession(one), Sum()).add(each[one.id])
    for role, found in _of_roles(session, tenant, now).items():
        professions.setdefault(_answering(people, role), Sum()).wait(found)
    return [
        *(each[one.id].load(PERSON, one.id, now) for one in people),
        *(found.load(PROFESSION, name, now) for name, found in professions.items()),
    ]


def profession(person: Person) -> str:
    """What their load counts for: their profession, else their first role."""
    return person.profession or label(min(person.roles))


def _answering(people: Sequence[Person], role: str) -> str:
    """The profession that most of those who hold a role have; the role's own name when nobody holds it."""
    found = Counter(profession(one) for one in people if role in one.roles)
    return min(found, key=lambda name: (-found[name], name)) if found else label(role)


def _of_person(session: Session, person: Person, waits: Mapping[str, Sum], now: datetime) -> Sum:
    found = waits.get(person.id, Sum())
    answers = ANSWERS.all(session, {"tenant": person.tenant, "person": person.id, "since": now - SPAN})
    minutes = [(row.completed_at - row.created_at).total_seconds() / 60 for row in answers]
    return Sum(1, found.open, found.late, found.oldest_at, minutes)


def _waiting(session: Session, tenant: str, now: datetime) -> dict[str, Sum]:
    """The open tasks in people's hands, and those that are free and for their role in a circle of care."""
    found: dict[str, Sum] = {}
    for row in (one for query in _open(tenant) for one in session.execute(query, {"now": now})):
        found.setdefault(row.person, Sum()).wait(Sum(0, row.open, row.late, row.oldest_at))
    return found


def _of_roles(session: Session, tenant: str, now: datetime) -> dict[str, Sum]:
    """The open tasks that are free for a role which nobody of the patient's circle has: they wait for all of it."""
    joined = _offered().join(case, (case.c.tenant == task.c.tenant) & (case.c.id == task.c.run))
    has_it = exists().where(
        circle_member.c.tenant == tenant,
        circle_member.c.patient == case.c.patient,
        circle_member.c.role == task_candidate.c.value,
        circle_member.c.until.is_(None),
    )
    asked = select(task_candidate.c.value.label("role"), *_sums()).select_from(joined).where(*_is_free(tenant), ~has_it)
    rows = session.execute(asked.group_by(task_candidate.c.value), {"now": now})
    return {row.role: Sum(0, row.open, row.late, row.oldest_at) for row in rows}


def _offered() -> FromClause:
    return task.join(task_candidate, (task_candidate.c.tenant == task.c.tenant) & (task_candidate.c.task == task.c.id))


def _is_free(tenant: str) -> Sequence[ColumnElement[bool]]:
    is_open = (task.c.tenant == tenant, task.c.state == "open")
    return (*is_open, task.c.assignee.is_(None), task_candidate.c.kind == "role")


def _open(tenant: str) -> Iterable[Select[Any]]:
    is_open = (task.c.tenant == tenant, task.c.state == "open")
    held = select(task.c.assignee.label("person"), *_sums()).where(*is_open, task.c.assignee.is_not(None))
    joined = _offered().join(case, (case.c.tenant == task.c.tenant) & (case.c.id == task.c.run))
    joined = joined.join(circle_member, circle_member.c.patient == case.c.patient)
    member = (
        circle_member.c.tenant == tenant,
        circle_member.c.role == task_candidate.c.value,
        circle_member.c.until.is_(None),
    )
    theirs = (
        select(circle_member.c.person.label("person"), *_sums()).select_from(joined).where(*_is_free(tenant), *member)
    )
    return held.group_by(task.c.assignee), theirs.group_by(circle_member.c.person)


def _sums() -> list[Any]:
    late = when((task.c.due_at < NOW, task.c.id))
    counted = [func.count(task.c.id.distinct()).label("open"), func.count(late.distinct()).label("late")]
    return [*counted, func.min(task.c.created_at).label("oldest_at")]


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((found for found in (one, other) if found is not None), default=None)


def _take_turns(session: Session, tenant: str) -> None:
    """One worker after the other; SQLite writes so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"workload of {tenant}"))))
