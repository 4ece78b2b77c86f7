"""The cases that a person may see: the list of them, and one of them with where it stands and what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union,
)

from base.conditions import in_order, weighed
from base.database import Instant
from base.errors import NotFound
from care.guard import Sight, sees_every_case
from care.sharing.circle import members
from care.tables import case, circle_member
from engine.pictures import Entry, IncidentPicture
from engine.tables import NEVER, run, task
from inbox import dates, pathway
from inbox.case import authors, events, trail
from inbox.case.documents import Document, documents
from inbox.case.exchanges import Exchanges, exchanges
from inbox.case.said import Said
from inbox.case.why import Board, explained
from inbox.desk import Desk
from inbox.lists.narrowing import FEW, FEW_OF_OWN, FEW_PATIENTS, case_words
from inbox.lists.statements import ORDER, has_task, sees_case, statements
from inbox.patient import Who, named, patient_of
from inbox.task.page import answers, standing_of
from people.persons import persons
from people.roles import label

PAGE = 50
SEARCHED = 500
COUNTED = 999
NEXT_DUE = (
    select(func.min(task.c.due_at))
    .where(task.c.tenant == case.c.tenant, task.c.run == case.c.id, task.c.state == "open")
    .correlate(case)
    .scalar_subquery()
)
DUE = (task.c.due_at, task.c.id)
OPEN: ColumnElement[str] = literal_column("'open'")
TASK_STATES = ("open", "completed", "cancelled")
TABS = {"en-cours": "En cours", "termines": "Terminés"}


@dataclass(frozen=True)
class CaseRow:
    """One line of the list; `stake` is the sign of where it stands."""

    id: str
    title: str
    patient: Who
    standing: str
    stake: str
    late: bool
    due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


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


def cases(desk: Desk, tab: str, words: str = "") -> tuple[list[CaseRow], bool]:
    """The cases of a tab, first what is due first, and whether there are more; `words` keeps those that contain all."""
    found = desk.session.execute(_first(desk, tab, words), desk.values).all()
    return _rows(desk, found[:PAGE]), len(found) > PAGE


def counts(desk: Desk) -> dict[str, int]:
    """How many cases stand in each tab; counting stops at COUNTED + 1."""
    asked = [
        select(func.count()).select_from(select(case.c.id).where(_visible(desk, tab)).limit(COUNTED + 1).subquery())
        for tab in TABS
    ]
    return dict(zip(TABS, (desk.session.scalar(one, desk.values) or 0 for one in asked), strict=True))


def said(count: int) -> str:
    """« 12 », or « 999+ » where counting stopped."""
    return f"{COUNTED}+" if count > COUNTED else str(count)


def case_page(desk: Desk, case_id: str) -> CasePage:
    """One case, whole; raises NotFound, or Forbidden when the guard does not let this person see it."""
    row, sight = _case(desk, case_id)
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
        patient=patient_of(desk, row.patient),
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
        answers=answers(desk, definition, history, sight),
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


def _rows(desk: Desk, found: Sequence[Row[Any]]) -> list[CaseRow]:
    """The rows with their patient and with what each waits for."""
    if not found:
        return []
    known = named(desk, {row.patient for row in found})
    due = _next_tasks(desk, [row.id for row in found])
    return [_row(row, known[row.patient], due.get(row.id, ()), desk.now) for row in found]


def _next_tasks(desk: Desk, ids: Sequence[str]) -> Mapping[str, list[Any]]:
    statement = (
        select(task.c.run, task.c.name, task.c.due_at)
        .where(task.c.tenant == desk.tenant, task.c.run.in_(ids), task.c.state == "open")
        .order_by(*ORDER)
    )
    waiting: dict[str, list[Any]] = {}
    for row in desk.session.execute(statement):
        waiting.setdefault(row.run, []).append(row)
    return waiting


def _row(row: Row[Any], who: Who, waiting: Sequence[Any], now: datetime) -> CaseRow:
    due = waiting[0].due_at if waiting else None
    late = due is not None and due < now
    if row.closed_at is not None:
        standing, stake = row.outcome or "Terminé", "done"
    elif waiting:
        others = f" et {len(waiting) - 1} autre{'s' if len(waiting) > 2 else ''}" if len(waiting) > 1 else ""
        standing, stake = f"Attend : {waiting[0].name}{others}.", "late" if late else "here"
    else:
        standing, stake = "Suit son cours, rien n’est demandé.", "todo"
    return CaseRow(row.id, row.title, who, standing, stake, late, due, row.opened_at, row.closed_at)


def _since(row: Row[Any], now: datetime) -> str:
    if row.closed_at is not None:
        return "terminé"
    return f"en cours depuis {dates.since(row.opened_at, now)}"


def _first(desk: Desk, tab: str, words: str) -> Select[Any]:
    """The first cases of a tab: what is due first, then what was opened last."""
    newest = (case.c.opened_at.desc(), case.c.id)
    follows_all = sees_every_case(desk.person)
    kept = _kept(desk, words, FEW_PATIENTS if follows_all else FEW_OF_OWN) if words else []
    meant = _meant(desk, tab, kept) if kept and follows_all else None
    only = kept if meant is None else [case.c.id.in_(meant)]
    listed = select(case).where(_visible(desk, tab), *only).limit(PAGE + 1)
    if tab == "termines":
        return listed.order_by(*newest)
    if follows_all and meant is None:
        listed = listed.where(case.c.id.in_(_due_first(desk, SEARCHED if words else PAGE + 1)))
    return listed.order_by(func.coalesce(NEXT_DUE, literal(NEVER, Instant())), *newest)


def _kept(desk: Desk, words: str, most: int) -> list[ColumnElement[bool]]:
    """The condition that a case contains all the words; none does when they say nothing."""
    return case_words(desk, words, most) or [false()]


def _meant(desk: Desk, tab: str, kept: Sequence[ColumnElement[bool]]) -> list[str] | None:
    """Of all cases those that are kept, when they are few."""
    wanted = select(case.c.id).where(case.c.tenant == desk.tenant, _in_tab(tab), *kept).limit(FEW + 1)
    found = list(desk.session.scalars(wanted, desk.values))
    return None if len(found) > FEW else found


def _due_first(desk: Desk, most: int) -> list[str]:
    """Of every open case of the territory: those with the first deadlines, in their order; then the newest others."""
    due = task.alias("due")
    of_tenant = (task.c.tenant == desk.tenant, task.c.state == OPEN)
    same = (due.c.tenant == desk.tenant, due.c.state == OPEN, due.c.due_at.is_not(None))
    earlier = exists().where(*same, due.c.run == task.c.run, tuple_(due.c.due_at, due.c.id) < tuple_(*DUE))
    dated = select(task.c.run).where(*of_tenant, task.c.due_at.is_not(None), ~earlier).order_by(*DUE).limit(most)
    found = list(desk.session.scalars(dated))
    if len(found) < most:
        undated = ~exists().where(*same, due.c.run == case.c.id)
        others = select(case.c.id).where(case.c.tenant == desk.tenant, case.c.closed_at.is_(None), undated)
        found += desk.session.scalars(others.order_by(case.c.opened_at.desc()).limit(most - len(found)))
    return found


def _visible(desk: Desk, tab: str) -> ColumnElement[bool]:
    """The guard's condition, over the cases of a carer: those of their patients, and those of tasks of theirs."""
    allowed = and_(case.c.tenant == desk.tenant, _in_tab(tab))
    if sees_every_case(desk.person):
        return and_(allowed, sees_case(desk.person))
    person, of_tenant = desk.person.id, task.c.tenant == desk.tenant
    of_patient = and_(case.c.tenant == desk.tenant, case.c.patient == circle_member.c.patient, _in_tab(tab))
    followed = in_order(circle_member, (case, of_patient))
    member = (circle_member.c.tenant == desk.tenant, circle_member.c.person == person, circle_member.c.until.is_(None))
    theirs = union(
        select(case.c.id).select_from(followed).where(*member).correlate(None),
        *(select(task.c.run).where(of_tenant, mine).correlate(None) for mine in _held(person)),
    )
    return and_(allowed, case.c.id.in_(theirs), weighed(sees_case(desk.person), case))


def _held(person: str) -> list[ColumnElement[bool]]:
    """Tasks that they hold or answered, each way by its index."""
    states = [and_(task.c.state == state, task.c.assignee == person) for state in TASK_STATES]
    return [task.c.completed_by == person, *states]


def _in_tab(tab: str) -> ColumnElement[bool]:
    return case.c.closed_at.isnot(None) if tab == "termines" else case.c.closed_at.is_(None)
