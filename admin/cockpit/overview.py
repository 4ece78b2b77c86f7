"""The coordinator's first page: what is stuck, late or unanswered, who is away, what is to be looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from admin.cockpit import cases, load, waiting
from admin.cockpit.cases import COUNTED, RunRow
from admin.cockpit.load import Load
from admin.cockpit.wanted import Wanted
from care.identity import duplicates
from care.sharing.tables import break_glass
from engine.tables import incident
from inbox.case.incidents import told
from inbox.desk import Desk
from people.persons import Person, persons
from people.rosters import absences, duty
from people.rosters.absences import Absence
from people.rosters.duty import Gap
from people.rosters.standing_in import stand_ins_of

STUCK_SHOWN, LATE_SHOWN, SILENT_SHOWN, AWAY_SHOWN, DAYS = 4, 4, 6, 6, 7


@dataclass(frozen=True)
class Stuck:
    """A case that is stuck: why, and since when."""

    row: RunRow
    incident: str
    message: str
    since: datetime


@dataclass(frozen=True)
class Silent:
    """Somebody who has not answered in time."""

    who: Person
    load: Load
    away: bool


@dataclass(frozen=True)
class Gone:
    """Somebody who is away now, and who stands in."""

    who: Person
    until: datetime
    stand_in: str


@dataclass(frozen=True)
class Figures:
    """Each counts hardly beyond COUNTED."""

    late: int
    urgent: int
    stuck: int
    unanswered: int
    nobodys: int
    active: int


@dataclass(frozen=True)
class ToReview:
    """What the coordination still has to look at."""

    emergencies: int
    pairs: int
    gaps: Sequence[Gap]
    sectors: Mapping[str, str]


def figures(desk: Desk) -> Figures:
    """What stands above everything."""
    found = cases.tally(desk, Wanted())
    late = waiting.count(desk, waiting.LATE)
    return Figures(
        late=late,
        urgent=waiting.urgent(desk) if 0 < late <= COUNTED else 0,
        stuck=found.stuck,
        unanswered=waiting.count(desk, waiting.UNANSWERED),
        nobodys=waiting.count(desk, waiting.NOBODYS),
        active=found.active,
    )


def stuck(desk: Desk, most: int = STUCK_SHOWN) -> list[Stuck]:
    """The cases that have been stuck longest."""
    rows = cases.page(desk, Wanted("bloques"), most).rows
    first: dict[str, Any] = {}
    mine = (incident.c.tenant == desk.tenant, incident.c.run.in_([row.id for row in rows]), incident.c.state == "open")
    for one in desk.session.execute(select(incident).where(*mine).order_by(incident.c.created_at, incident.c.id)):
        first.setdefault(one.run, one)
    return [
        Stuck(
            row, first[row.id].id, told(first[row.id].message, clinical=desk.sight(row.id).clinical),
            first[row.id].created_at,
        )
        for row in rows
    ]  # fmt: skip


def silent(desk: Desk, most: int = SILENT_SHOWN) -> list[Silent]:
    """Those with most late tasks."""
    found = [one for one in load.of(desk.session, desk.tenant, load.PERSON) if one.late][:most]
    known = persons(desk.session, {one.key for one in found})
    gone = {one.person for one in _now(desk)}
    return [Silent(known[one.key], one, one.key in gone) for one in found if one.key in known]


def gone(desk: Desk) -> list[Gone]:
    """Who is away now, with who stands in."""
    found = {one.person: one for one in _now(desk)}
    acting = {key: stand_ins_of(desk.session, desk.context.clock, desk.tenant, key) for key in list(found)[:AWAY_SHOWN]}
    known = persons(desk.session, {*found, *(one.stand_in for some in acting.values() for one in some)})
    return [
        Gone(
            known[key],
            one.until,
            next((known[by.stand_in].display for by in acting.get(key, ()) if by.because == "absence"), ""),
        )
        for key, one in found.items()
        if key in known
    ]


def to_review(desk: Desk) -> ToReview:
    """Emergencies that nobody has looked at, pairs of identities, duties that nobody covers in the next days."""
    unread = (break_glass.c.tenant == desk.tenant, break_glass.c.reviewed_at.is_(None))
    listed = select(break_glass.c.id).where(*unread).limit(COUNTED + 1).subquery()
    return ToReview(
        emergencies=desk.session.scalar(select(func.count()).select_from(listed)) or 0,
        pairs=len(duplicates.proposed(desk.session, desk.tenant, COUNTED + 1)),
        gaps=duty.gaps(desk.session, desk.context.calendar, desk.tenant, desk.today, DAYS),
        sectors={one.key: one.name for one in duty.sectors(desk.session, desk.tenant)},
    )


def _now(desk: Desk) -> list[Absence]:
    return [one for one in absences.coming(desk.session, desk.context.clock, desk.tenant) if one.since <= desk.now]
