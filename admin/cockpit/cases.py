"""The cases of all, as those who follow them list them: by deadline, by what is stuck or over; by index alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, union
from sqlalchemy.orm import Session

from admin.cockpit.stretches import CLOSED, DUE, LATE, STUCK, UNDATED, Place, Stretch, read_mark
from admin.cockpit.wanted import Wanted
from base.conditions import in_order
from care.search import words
from care.tables import case, circle_member
from engine.tables import incident, run, task, token
from engine.tables import task_candidate as offer
from inbox.desk import Desk
from inbox.lists.narrowing import FEW, FEW_PATIENTS, case_words
from pathways.tables import pathway

PAGE = 20
COUNTED, COUNTED_CASES = 99, 999
LISTS: Mapping[str, Sequence[Stretch]] = {
    "en-cours": (DUE, UNDATED),
    "en-retard": (LATE,),
    "bloques": (STUCK,),
    "termines": (CLOSED,),
}
Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True)
class RunRow:
    """One case of the list."""

    id: str
    patient: str
    pathway: str
    pathway_title: str
    version: int
    title: str
    partner: str | None
    state: str
    end_state: str | None
    seq: int
    started_at: datetime
    ended_at: datetime | None
    open_tasks: int
    late_tasks: int
    incidents: int
    next_due: datetime | None

    @property
    def stuck(self) -> bool:
        return self.incidents > 0 and self.state == "active"

    @property
    def mark(self) -> str:
        """Another one as soon as the case has moved."""
        return f"{self.id}.{self.seq}"


@dataclass(frozen=True)
class Page:
    """One page of a list; `after` is where the next one begins, empty on the last."""

    rows: Sequence[RunRow]
    after: str = ""


@dataclass(frozen=True)
class Tally:
    """How many cases are late, stuck, running, over; counting stops a little beyond what tells what to do."""

    late: int
    stuck: int
    active: int
    finished: int


def page(desk: Desk, wanted: Wanted, most: int = PAGE) -> Page:
    """One page of the cases that are wanted. Raises Invalid for a place that is none."""
    places = _places(desk, wanted, most + 1)
    rows = run_rows(desk.session, desk.tenant, desk.now, [one.case for one in places[:most]])
    return Page(rows, places[most - 1].mark if len(places) > most else "")


def run_rows(session: Session, tenant: str, now: datetime, ids: Sequence[str]) -> list[RunRow]:
    """These cases, in this order."""
    found = session.execute(_detailed(tenant, now).where(case.c.id.in_(ids))) if ids else ()
    rows = {row.id: _row(row) for row in found}
    return [rows[one] for one in ids if one in rows]


def tally(desk: Desk, wanted: Wanted) -> Tally:
    """The figures above the list, of all pathways or of one."""
    kept = [case.c.pathway == wanted.pathway] if wanted.pathway else []
    return Tally(*(_count(desk, name, kept) for name in ("en-retard", "bloques", "en-cours", "termines")))


def said(count: int, most: int = COUNTED) -> str:
    """« 12 », or « 99+ » where counting stopped."""
    return f"{most}+" if count > most else str(count)


def running_counts(session: Session, tenant: str) -> dict[str, int]:
    """How many cases run in each pathway."""
    still = (case.c.tenant == tenant, case.c.closed_at.is_(None))
    counted = select(case.c.pathway, func.count().label("number")).where(*still).group_by(case.c.pathway)
    return {row.pathway: row.number for row in session.execute(counted)}


def partners(session: Session, tenant: str) -> list[str]:
    """The partners who opened a case, from one to the next by their index."""
    of_tenant = (case.c.tenant == tenant, case.c.partner.is_not(None))
    listed = select(func.min(case.c.partner).label("key")).where(*of_tenant).cte("partners", recursive=True)
    after: Any = select(func.min(case.c.partner)).where(*of_tenant, case.c.partner > listed.c.key).scalar_subquery()
    listed = listed.union_all(select(after).where(listed.c.key.is_not(None)))
    return list(session.scalars(select(listed.c.key).where(listed.c.key.is_not(None))))


def _places(desk: Desk, wanted: Wanted, most: int) -> list[Place]:
    """From the few cases that are meant, when they are few; else by walking the list and weighing each row."""
    stretches = LISTS[wanted.standing]
    after = read_mark(wanted.after, stretches)
    left = [one for n, one in enumerate(stretches) if after is None or n >= _index(stretches, after)]
    kept = conditions(desk, wanted)
    few = _few(desk, wanted, kept) if kept else None
    found: list[Place] = []
    for one in left:
        here = after if after is not None and after.letter == one.letter else None
        if few is not None:
            found += one.among(desk.session, desk.tenant, desk.now, few, here)
        else:
            found += one.walk(desk.session, desk.tenant, desk.now, most - len(found), kept, here)
        if len(found) >= most:
            break
    return found[:most]


def _index(stretches: Sequence[Stretch], place: Place) -> int:
    return next(n for n, one in enumerate(stretches) if one.letter == place.letter)


def _few(desk: Desk, wanted: Wanted, kept: Conditions) -> list[str] | None:
    over = case.c.closed_at.is_not(None) if wanted.standing == "termines" else case.c.closed_at.is_(None)
    meant = select(case.c.id).where(case.c.tenant == desk.tenant, over, *kept).limit(FEW + 1)
    found = list(desk.session.scalars(meant))
    return None if len(found) > FEW else found


def conditions(desk: Desk, wanted: Wanted) -> Conditions:
    """What keeps a case in the list."""
    found: Conditions = []
    if wanted.pathway:
        found.append(case.c.pathway == wanted.pathway)
    if wanted.partner:
        found.append(case.c.partner == wanted.partner)
    if wanted.commune:
        blinds = words.blinds(desk.context.vault, wanted.commune)
        found.append(case.c.patient.in_(words.answering(desk.tenant, words.said(blinds)).correlate(None)))
    if wanted.step:
        at = select(token.c.run).where(token.c.tenant == desk.tenant, token.c.element == wanted.step)
        found.append(case.c.id.in_(at.correlate(None)))
    if wanted.person:
        found.append(case.c.id.in_(waiting_for(desk.tenant, wanted.person)))
    return [*found, *(case_words(desk, wanted.words, FEW_PATIENTS) if wanted.words else ())]


def waiting_for(tenant: str, person: str) -> Any:
    """The cases with an open task in a person's hands, or free and for a role that they hold in the circle of care."""
    is_open = (task.c.tenant == tenant, task.c.state == "open")
    held = select(task.c.run).where(*is_open, task.c.assignee == person)
    offered = (offer.c.open, offer.c.kind == "role", offer.c.value == circle_member.c.role)
    joined = in_order(
        circle_member,
        (case, and_(case.c.tenant == tenant, case.c.patient == circle_member.c.patient, case.c.closed_at.is_(None))),
        (offer, and_(offer.c.tenant == tenant, offer.c.run == case.c.id, *offered)),
        (task, and_(task.c.tenant == tenant, task.c.id == offer.c.task, task.c.state == "open")),
    )
    member = (circle_member.c.tenant == tenant, circle_member.c.person == person, circle_member.c.until.is_(None))
    free = func.coalesce(task.c.assignee, "") == ""
    theirs = select(task.c.run).select_from(joined).where(*member, free)
    return union(held.correlate(None), theirs.correlate(None))


def _count(desk: Desk, standing: str, kept: Conditions) -> int:
    """Not beyond what the figure tells."""
    if standing == "en-cours":
        still = select(case.c.id).where(case.c.tenant == desk.tenant, case.c.closed_at.is_(None), *kept)
        return _length(desk, still.limit(COUNTED_CASES + 1))
    (stretch,) = LISTS[standing]
    most = COUNTED_CASES if standing == "termines" else COUNTED
    entries = stretch.entries(desk.tenant, desk.now, kept).with_only_columns(stretch.of)
    return _length(desk, entries.order_by(stretch.at).limit(most + 1))


def _length(desk: Desk, query: Select[Any]) -> int:
    return desk.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _detailed(tenant: str, now: datetime) -> Select[Any]:
    open_task = (task.c.tenant == tenant) & (task.c.run == run.c.id) & (task.c.state == "open")
    due = select(func.min(task.c.due_at)).where(open_task).correlate(run).scalar_subquery()
    return (
        select(
            case.c.id, case.c.patient, case.c.pathway, pathway.c.title.label("pathway_title"),
            case.c.pathway_version.label("version"), case.c.title, case.c.partner, run.c.state, run.c.end_state,
            run.c.seq, run.c.started_at, run.c.ended_at,
            _number(open_task).label("open_tasks"),
            _number(open_task & (task.c.due_at < now)).label("late_tasks"),
            _incidents(tenant).label("incidents"),
            due.label("next_due"),
        )
        .join(run, (run.c.tenant == case.c.tenant) & (run.c.id == case.c.id))
        .join(pathway, (pathway.c.tenant == case.c.tenant) & (pathway.c.key == case.c.pathway))
        .where(case.c.tenant == tenant)
    )  # fmt: skip


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(task).where(condition).correlate(run).scalar_subquery()


def _incidents(tenant: str) -> ColumnElement[int]:
    is_open = (incident.c.tenant == tenant) & (incident.c.run == run.c.id) & (incident.c.state == "open")
    return select(func.count()).select_from(incident).where(is_open).correlate(run).scalar_subquery()


def _row(row: Row[Any]) -> RunRow:
    return RunRow(**row._mapping)
