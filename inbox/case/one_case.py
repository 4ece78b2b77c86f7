"""One case that a person may see: where it stands, what it waits for, and what happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from base.errors import NotFound
from care.guard import Sight
from care.sharing.circle import members
from care.tables import case
from engine.pictures import Entry, IncidentPicture
from engine.tables import run
from inbox import dates, pathway
from inbox.case import authors, events, trail
from inbox.case.documents import Document, documents
from inbox.case.exchanges import Exchanges, exchanges
from inbox.case.said import Said
from inbox.case.why import Board, explained
from inbox.desk import Desk
from inbox.lists.statements import has_task, statements
from inbox.patient import Who, patient_of
from inbox.task.page import answers, standing_of
from people.persons import persons
from people.roles import label


@dataclass(frozen=True)
class Expected:
    """A task that the case waits for."""

    id: str
    title: str
    whom: str
    due_at: datetime | None
    late: bool
    mine: bool


@dataclass(frozen=True)
class Member:
    """Somebody of the circle of care."""

    display: str
    initials: str
    role: str
    phone: str


@dataclass(frozen=True)
class CasePage:
    """One case, whole."""

    id: str
    title: str
    version: int
    patient: Who
    standing: str
    opened_at: datetime
    closed_at: datetime | None
    late: int
    stuck: Sequence[IncidentPicture]
    steps: Sequence[trail.Step]
    near: Sequence[trail.Step]
    tasks: Sequence[Expected]
    history: Sequence[events.Event]
    answers: Sequence[Said]
    circle: Sequence[Member]
    exchanges: Exchanges
    documents: Sequence[Document]


def case_page(desk: Desk, case_id: str) -> CasePage:
    """One case, whole; raises NotFound, or Forbidden when the guard does not let this person see it."""
    row, sight = _case(desk, case_id)
    who = patient_of(desk, row.patient)
    history = desk.context.engine.history(desk.session, case_id)
    standing = standing_of(desk, case_id, history)
    picture = standing.picture
    definition = desk.context.engine.definition(desk.session, picture.definition)
    people = persons(desk.session, authors.ids(history))
    expected = _expected(desk, case_id)
    planted = trail.steps(definition, standing)
    return CasePage(
        id=case_id,
        title=row.title,
        version=row.pathway_version,
        patient=who,
        standing=_since(row, desk.now),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        late=sum(task.late for task in expected),
        stuck=[incident for incident in picture.incidents if incident.state == "open"],
        steps=planted,
        near=trail.nearby(planted),
        tasks=expected,
        history=events.events(
            definition,
            history,
            people,
            picture.end_state,
            _why(desk, picture.definition, history, sight),
            clinical=sight.clinical,
        ),
        answers=() if who.erased else answers(desk, definition, history, sight),
        circle=_circle(desk, row.patient),
        exchanges=exchanges(desk, case_id, row.patient, sight),
        documents=documents(desk, case_id, sight),
    )


def _why(desk: Desk, digest: str, history: list[Entry], sight: Sight) -> Callable[[Entry], Sequence[Board]]:
    """What explains a decision, to those who may see what is clinical."""
    return explained(desk.context.engine, desk.session, history, digest) if sight.clinical else lambda _: ()


def diagram(desk: Desk, case_id: str) -> bytes:
    """The BPMN file that the case follows."""
    _case(desk, case_id)
    wanted = select(run.c.definition, run.c.process).where(run.c.tenant == desk.tenant, run.c.id == case_id)
    followed = desk.session.execute(wanted).one()
    return pathway.main_file(desk.context.engine.definition(desk.session, followed.definition), followed.process)


def state(desk: Desk, case_id: str) -> dict[str, object]:
    """Where the case stands, for its drawing."""
    _case(desk, case_id)
    return trail.state(standing_of(desk, case_id, ()))


def _case(desk: Desk, case_id: str) -> tuple[Row[Any], Sight]:
    """The case, and what the guard lets this person see of it."""
    wanted = select(case, has_task(desk.person).label("involved")).where(
        case.c.tenant == desk.tenant, case.c.id == case_id
    )
    row = desk.session.execute(wanted, desk.values).one_or_none()
    if row is None:
        raise NotFound("Ce dossier n’existe pas.")
    return row, desk.sight(case_id, involved=row.involved)


def _expected(desk: Desk, case_id: str) -> list[Expected]:
    """The open tasks of the case, with whom they wait for."""
    found = statements(desk.person).expected.all(desk.session, {**desk.values, "id": case_id})
    people = persons(desk.session, {row.assignee for row in found if row.assignee})
    return [
        Expected(
            row.id, row.name, people[row.assignee].display if row.assignee in people else label(row.role or ""),
            row.due_at, row.due_at is not None and row.due_at < desk.now, row.mine,
        )
        for row in found
    ]  # fmt: skip


def _circle(desk: Desk, patient: str) -> list[Member]:
    found = members(desk.session, patient)
    people = persons(desk.session, {member.person for member in found})
    known = [(people[member.person], label(member.role)) for member in found if member.person in people]
    return [Member(who.display, who.initials, role, who.phone) for who, role in known]


def _since(row: Row[Any], now: datetime) -> str:
    if row.closed_at is not None:
        return "terminé"
    return f"en cours depuis {dates.since(row.opened_at, now)}"
