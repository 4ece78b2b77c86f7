"""The cases that a person may see, as a list: first what is due first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union,
)

from base.conditions import Texts, has_row, in_order, is_among, is_one_of, weighed
from base.database import Instant
from base.prepared import Query
from care.guard import asker, sees_every_case
from care.tables import case, circle_member
from engine.tables import NEVER, task
from inbox.desk import Desk
from inbox.lists.narrowing import FEW, FEW_OF_OWN, FEW_PATIENTS
from inbox.lists.statements import IS_OPEN, KEPT, ORDER, sees_case, unnamed
from inbox.lists.tables import involvement
from inbox.lists.typed import NOTHING, Typed, Values, of_case, typed
from inbox.lists.walks import MOST
from inbox.patient import Who, named
from people.persons import Person

PAGE = 50
SEARCHED = 500
COUNTED = 999
NEXT_DUE = (
    select(func.min(task.c.due_at))
    .where(task.c.tenant == case.c.tenant, task.c.run == case.c.id, task.c.state == "open")
    .correlate(case)
    .scalar_subquery()
)
AMONG = bindparam("among", type_=Texts())
NEXT_TASKS = Query(
    select(task.c.run, task.c.name, task.c.due_at)
    .where(task.c.tenant == bindparam("tenant"), is_one_of(task.c.run, AMONG), IS_OPEN)
    .order_by(*ORDER)
)
DUE = (task.c.due_at, task.c.id)
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


def cases(desk: Desk, tab: str, words: str = "") -> tuple[list[CaseRow], bool]:
    """The cases of a tab, first what is due first, and whether there are more; `words` keeps those that contain all."""
    asked, values = _asked(desk, tab, words)
    found = _first(unnamed(desk.person), tab, asked).all(desk.session, {**desk.values, **values, "most": PAGE + 1})
    return _rows(desk, found[:PAGE]), len(found) > PAGE


def counts(desk: Desk) -> dict[str, int]:
    """How many cases stand in each tab; counting stops at COUNTED + 1."""
    person, values = unnamed(desk.person), {**desk.values, "most": COUNTED + 1}
    return {tab: int(_count(person, tab).first(desk.session, values).number) for tab in TABS}


@lru_cache(maxsize=KEPT)
def _count(person: Person, tab: str) -> Query:
    found = select(case.c.id).where(_visible(person, tab)).limit(MOST)
    return Query(select(func.count().label("number")).select_from(found.subquery()))


def said(count: int) -> str:
    """« 12 », or « 999+ » where counting stopped."""
    return f"{COUNTED}+" if count > COUNTED else str(count)


def _rows(desk: Desk, found: Sequence[Row[Any]]) -> list[CaseRow]:
    """The rows with their patient and with what each waits for."""
    if not found:
        return []
    known = named(desk, {row.patient for row in found})
    due = _next_tasks(desk, [row.id for row in found])
    return [_row(row, known[row.patient], due.get(row.id, ()), desk.now) for row in found]


def _next_tasks(desk: Desk, ids: Sequence[str]) -> Mapping[str, list[Any]]:
    waiting: dict[str, list[Any]] = {}
    for row in NEXT_TASKS.all(desk.session, {"tenant": desk.tenant, "among": ids}):
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


@dataclass(frozen=True)
class Asked:
    """What narrows the list, without the values; `among` when the only cases that may be in it were found before."""

    words: Typed = NOTHING
    among: bool = False


def _asked(desk: Desk, tab: str, text: str) -> tuple[Asked, Values]:
    """Those who follow every case are not asked about each of them: first which are meant, or come first."""
    follows_all = sees_every_case(desk.person)
    words, values = typed(desk, text, "", FEW_PATIENTS if follows_all else FEW_OF_OWN)
    if not follows_all:
        return Asked(words), values
    meant = _meant(desk, tab, words, values) if text else None
    if meant is not None:
        return Asked(among=True), {"among": meant}
    if tab == "termines":
        return Asked(words), values
    return Asked(words, among=True), {**values, "among": _due_first(desk, SEARCHED if text else PAGE + 1)}


@lru_cache(maxsize=KEPT)
def _first(person: Person, tab: str, asked: Asked) -> Query:
    """The first cases of a tab: what is due first, then what was opened last; of those that are over the last ended."""
    if tab == "termines" and not sees_every_case(person):
        return Query(_ended(person, asked.words))
    only = [is_one_of(case.c.id, AMONG)] if asked.among else []
    listed = select(case).where(_visible(person, tab), *of_case(person.tenant, asked.words), *only).limit(MOST)
    if tab == "termines":
        return Query(listed.order_by(case.c.closed_at.desc(), case.c.id.desc()))
    newest = (case.c.opened_at.desc(), case.c.id)
    return Query(listed.order_by(func.coalesce(NEXT_DUE, literal(NEVER, Instant())), *newest))


def _ended(person: Person, words: Typed) -> Select[Any]:
    """The cases of a carer that ended last: put in order before the guard is asked, until it is enough."""
    known = union(*(found.correlate(None) for found in _theirs(person, "termines"))).subquery()
    last = (known.c.closed_at.desc(), known.c.run.desc())
    found = select(known).order_by(*last).offset(0).subquery()
    row = select(case.c.id).where(case.c.tenant == person.tenant, case.c.id == found.c.run, _in_tab("termines"))
    shown = [
        has_row(row.where(*each).correlate(found)) for each in (of_case(person.tenant, words), [sees_case(person)])
    ]
    first = select(found.c.run).where(*shown).order_by(found.c.closed_at.desc(), found.c.run.desc()).limit(MOST)
    listed = select(case).where(case.c.tenant == person.tenant, is_among(case.c.id, first.scalar_subquery()))
    return listed.order_by(case.c.closed_at.desc(), case.c.id.desc())


def _meant(desk: Desk, tab: str, words: Typed, values: Values) -> list[str] | None:
    """Of all cases those that the words mean, when they are few."""
    found = _having(desk.tenant, tab, words).all(desk.session, {**values, "most": FEW + 1})
    return None if len(found) > FEW else [row.id for row in found]


@lru_cache(maxsize=KEPT)
def _having(tenant: str, tab: str, words: Typed) -> Query:
    wanted = select(case.c.id).where(case.c.tenant == tenant, _in_tab(tab), *of_case(tenant, words))
    return Query(wanted.limit(MOST))


def _due_first(desk: Desk, most: int) -> list[str]:
    """Of every open case of the territory: those with the first deadlines, in their order; then the newest others."""
    due = task.alias("due")
    of_tenant = (task.c.tenant == desk.tenant, IS_OPEN)
    same = (due.c.tenant == desk.tenant, due.c.state == literal_column("'open'"), due.c.due_at.is_not(None))
    earlier = exists().where(*same, due.c.run == task.c.run, tuple_(due.c.due_at, due.c.id) < tuple_(*DUE))
    dated = select(task.c.run).where(*of_tenant, task.c.due_at.is_not(None), ~earlier).order_by(*DUE).limit(most)
    found = list(desk.session.scalars(dated))
    if len(found) < most:
        undated = ~exists().where(*same, due.c.run == case.c.id)
        others = select(case.c.id).where(case.c.tenant == desk.tenant, case.c.closed_at.is_(None), undated)
        found += desk.session.scalars(others.order_by(case.c.opened_at.desc()).limit(most - len(found)))
    return found


def _visible(person: Person, tab: str) -> ColumnElement[bool]:
    """The guard's condition, over the cases of a carer: those of their patients, and those of tasks of theirs."""
    allowed = and_(case.c.tenant == person.tenant, _in_tab(tab))
    if sees_every_case(person):
        return and_(allowed, sees_case(person))
    theirs = union(*(found.with_only_columns(found.selected_columns.run) for found in _theirs(person, tab)))
    return and_(allowed, case.c.id.in_(theirs), weighed(sees_case(person), case))


def _theirs(person: Person, tab: str) -> list[Select[str, datetime | None]]:
    """The cases of their patients, and of tasks that they held or answered, with when they ended."""
    of_patient = and_(case.c.tenant == person.tenant, case.c.patient == circle_member.c.patient, _in_tab(tab))
    followed = select(case.c.id.label("run"), case.c.closed_at).select_from(in_order(circle_member, (case, of_patient)))
    member = (circle_member.c.tenant == person.tenant, circle_member.c.person == asker(person))
    mine = (involvement.c.tenant == person.tenant, involvement.c.person == asker(person))
    is_over = involvement.c.closed_at.is_not(None) if tab == "termines" else involvement.c.closed_at.is_(None)
    return [
        followed.where(*member, circle_member.c.until.is_(None)).correlate(None),
        select(involvement.c.run, involvement.c.closed_at).where(*mine, is_over).correlate(None),
    ]


def _in_tab(tab: str) -> ColumnElement[bool]:
    return case.c.closed_at.isnot(None) if tab == "termines" else case.c.closed_at.is_(None)
