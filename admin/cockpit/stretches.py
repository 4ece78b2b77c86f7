"""Lists that are read by an index in their order until a page is full, and gone on with after a place in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select, tuple_
from sqlalchemy.orm import Session

from base.conditions import has_row
from base.errors import Invalid
from care.tables import case
from engine.tables import incident, task

OPEN: ColumnElement[str] = literal_column("'open'")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
earlier_task, earlier_incident = task.alias("earlier_task"), incident.alias("earlier_incident")
Found = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Place:
    """One entry: the case, the moment and the row that it stands there for; `letter` names its stretch."""

    letter: str
    case: str
    at: datetime
    key: str

    @property
    def mark(self) -> str:
        """The place in an address."""
        return f"{self.letter}.{(self.at - EPOCH) // TICK}.{self.key}"


@dataclass(frozen=True)
class Stretch:
    """`found` selects entries at a moment; `of`, `at` and `key` are its case, and where it stands."""

    letter: str
    found: Callable[[str, datetime], Found]
    of: ColumnElement[str]
    at: ColumnElement[datetime]
    key: ColumnElement[str]
    newest_first: bool = False

    def walk(
        self,
        session: Session,
        tenant: str,
        now: datetime,
        most: int,
        kept: Sequence[ColumnElement[bool]] = (),
        after: Place | None = None,
    ) -> list[Place]:
        """The next entries whose case is `kept`."""
        query = self.entries(tenant, now, kept)
        if after is not None:
            here, there = tuple_(self.at, self.key), tuple_(after.at, after.key)
            query = query.where(here < there if self.newest_first else here > there)
        order = (self.at.desc(), self.key.desc()) if self.newest_first else (self.at, self.key)
        return self._places(session, query.order_by(*order).limit(most))

    def among(
        self, session: Session, tenant: str, now: datetime, cases: Sequence[str], after: Place | None
    ) -> list[Place]:
        """All entries of a few cases: found from the cases, and put in order here."""
        found = self._places(session, self.found(tenant, now).where(self.of.in_(cases))) if cases else []
        found.sort(key=_order, reverse=self.newest_first)
        if after is None:
            return found
        if self.newest_first:
            return [one for one in found if _order(one) < _order(after)]
        return [one for one in found if _order(one) > _order(after)]

    def entries(self, tenant: str, now: datetime, kept: Sequence[ColumnElement[bool]] = ()) -> Found:
        query = self.found(tenant, now)
        if not kept:
            return query
        mine = select(case.c.id).where(case.c.tenant == tenant, case.c.id == self.of, *kept)
        return query.where(*kept) if self.of is case.c.id else query.where(has_row(mine))

    def _places(self, session: Session, query: Found) -> list[Place]:
        return [Place(self.letter, row[0], row[1], row[2]) for row in session.execute(query)]


def _order(place: Place) -> tuple[datetime, str]:
    return place.at, place.key


def read_mark(text: str, stretches: Sequence[Stretch]) -> Place | None:
    """Where a list goes on; None at its beginning. Raises Invalid for what is no place of it."""
    if not text:
        return None
    letter, _, rest = text.partition(".")
    ticks, _, key = rest.partition(".")
    try:
        if letter not in {one.letter for one in stretches}:
            raise ValueError(letter)
        return Place(letter, "", EPOCH + int(ticks) * TICK, key)
    except (ValueError, OverflowError) as error:
        raise Invalid("Cette page de la liste n’existe plus : revenez au début.", code="place-unknown") from error


def _tasks(tenant: str) -> Found:
    return select(task.c.run, task.c.due_at, task.c.id).where(
        task.c.tenant == tenant, task.c.state == OPEN, task.c.due_at.is_not(None)
    )


def _first_due(tenant: str, _now: datetime) -> Found:
    """Of each case the open task with the first deadline."""
    place = tuple_(task.c.due_at, task.c.id)
    earlier = select(earlier_task.c.id).where(
        earlier_task.c.tenant == tenant,
        earlier_task.c.run == task.c.run,
        earlier_task.c.state == OPEN,
        earlier_task.c.due_at.is_not(None),
        tuple_(earlier_task.c.due_at, earlier_task.c.id) < place,
    )
    return _tasks(tenant).where(~has_row(earlier))


def _without_deadline(tenant: str, _now: datetime) -> Found:
    dated = select(task.c.id).where(
        task.c.tenant == tenant, task.c.run == case.c.id, task.c.state == OPEN, task.c.due_at.is_not(None)
    )
    still = (case.c.tenant == tenant, case.c.closed_at.is_(None))
    return select(case.c.id, case.c.opened_at, case.c.id).where(*still, ~has_row(dated))


def _stuck(tenant: str, _now: datetime) -> Found:
    """Of each case that still runs the first incident that nobody has resolved."""
    earlier = select(earlier_incident.c.id).where(
        earlier_incident.c.tenant == tenant,
        earlier_incident.c.run == incident.c.run,
        earlier_incident.c.state == "open",
        tuple_(earlier_incident.c.created_at, earlier_incident.c.id) < tuple_(incident.c.created_at, incident.c.id),
    )
    runs = select(case.c.id).where(case.c.tenant == tenant, case.c.id == incident.c.run, case.c.closed_at.is_(None))
    is_open = (incident.c.tenant == tenant, incident.c.state == "open")
    return select(incident.c.run, incident.c.created_at, incident.c.id).where(
        *is_open, ~has_row(earlier), has_row(runs)
    )


def _closed(tenant: str, _now: datetime) -> Found:
    over = (case.c.tenant == tenant, case.c.closed_at.is_not(None))
    return select(case.c.id, case.c.closed_at, case.c.id).where(*over)


def unanswered_for(span: timedelta) -> Stretch:
    """The open tasks that have waited for so long, whenever they are due."""

    def found(tenant: str, now: datetime) -> Found:
        waits = (task.c.tenant == tenant, task.c.state == OPEN, task.c.created_at < now - span)
        return select(task.c.run, task.c.created_at, task.c.id).where(*waits)

    return Stretch("a", found, task.c.run, task.c.created_at, task.c.id)


DUE = Stretch("d", _first_due, task.c.run, task.c.due_at, task.c.id)
LATE = Stretch("l", lambda tenant, now: _first_due(tenant, now).where(task.c.due_at < now), *(DUE.of, DUE.at, DUE.key))
UNDATED = Stretch("u", _without_deadline, case.c.id, case.c.opened_at, case.c.id, newest_first=True)
STUCK = Stretch("s", _stuck, incident.c.run, incident.c.created_at, incident.c.id)
CLOSED = Stretch("c", _closed, case.c.id, case.c.closed_at, case.c.id, newest_first=True)
LATE_TASKS = Stretch(
    "t", lambda tenant, now: _tasks(tenant).where(task.c.due_at < now), task.c.run, task.c.due_at, task.c.id
)
