"""The lists read by index show what the guard lets each person see: all of it, once, in order, page after page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from psycopg import RawCursor
from sqlalchemy import event, or_, select, text, update
from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from bench.town import PATHWAY, Size, Town
from engine.tables import task
from inbox.desk import Desk
from inbox.lists import blocks, counting, narrowing, queue
from inbox.lists.orders import BY_INDEX
from inbox.lists.rows import Waiting
from inbox.lists.statements import ORDER, TASKS, sight
from inbox.lists.walks import TABS
from inbox.lists.wanted import SORTS, Wanted
from pathways.context import Context, build
from people.persons import everybody

SMALL = Size(finished=200, open=160)


@pytest.fixture
def town(settings: Settings, database: Database, clock: ManualClock) -> Context:
    """A small territory with every kind of task: of a circle, of a role, in somebody's hands, finished."""
    context = replace(build(settings), database=database, clock=clock)
    Town(context, SMALL).build()
    return context


def desks(context: Context) -> Iterator[Desk]:
    with context.database.read() as session:
        for person in everybody(session, context.tenant):
            yield Desk(session, context, person)


def seen_one_by_one(desk: Desk) -> list[str]:
    """Asked of every open task in turn, without any list."""
    free, person = or_(task.c.assignee.is_(None), task.c.assignee == desk.person.id), desk.person
    found = select(task.c.id).select_from(TASKS).where(task.c.state == "open", free, sight(person)).order_by(*ORDER)
    return list(desk.session.scalars(found, desk.values))


def pages(desk: Desk, tab: str, **asked: str) -> list[str]:
    """Every page of a tab, one after the other."""
    return [row.id for row in shown_rows(desk, Wanted.read({"liste": tab, **asked}))]


def shown_rows(desk: Desk, wanted: Wanted) -> list[Waiting]:
    found: list[Waiting] = []
    page = queue.queue(desk, wanted)
    while page.more:
        assert len(page.rows) == queue.PAGE or (page.cut and page.rows)
        found += page.rows
        page = queue.queue(desk, replace(wanted, apres=page.after))
    return [*found, *page.rows]


def test_the_pages_of_a_list_hold_each_task_that_may_be_seen_once(
    town: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 7)
    shown = 0
    for desk in desks(town):
        seen = seen_one_by_one(desk)
        mine, roles, late = (pages(desk, tab) for tab in ("moi", "roles", "retard"))
        assert sorted([*mine, *roles]) == sorted(seen)
        assert mine == [one for one in seen if one in mine]
        assert roles == [one for one in seen if one in roles]
        assert queue.queue(desk, Wanted("moi"), counting.mine(desk)) == queue.queue(desk, Wanted("moi"))
        due = {row.id: row.due_at for row in desk.session.execute(select(task.c.id, task.c.due_at))}
        assert late == [one for one in seen if due[one] and due[one] < desk.now]
        counted = counting.counts(desk)
        assert (counted.mine, counted.roles, counted.late) == (len(mine), len(roles), len(late))
        shown += len(seen)
    assert shown > SMALL.open / 2


URGENCY = {"p1": 0, "p2": 1, "p3": 2}
TRUE_ORDERS = {
    "echeance": lambda row: (),
    "urgence": lambda row: URGENCY[row.urgency],
    "attente": lambda row: (row.created_at, row.id),
    "patient": lambda row: row.patient.name.casefold(),
    "commune": lambda row: row.patient.commune.casefold(),
    "parcours": lambda row: row.pathway.casefold(),
    "role": lambda row: row.role.casefold(),
}
"""What each order puts rows by, before their deadline; said again here, to be compared."""


@pytest.mark.parametrize("narrowed", [{}, {"parcours": PATHWAY, "urgence": "p1"}])
def test_in_every_order_each_task_stands_once_and_in_its_place(
    town: Context, monkeypatch: pytest.MonkeyPatch, narrowed: dict[str, str]
) -> None:
    """Also in the orders that no index knows: those are true within each block of the list."""
    monkeypatch.setattr(queue, "PAGE", 7 if not narrowed else 2)
    monkeypatch.setattr(blocks, "BLOCK", 15 if not narrowed else 3)
    monkeypatch.setattr(narrowing, "FEW", 5)
    assert TRUE_ORDERS.keys() == SORTS.keys()
    longest = 0
    for desk in desks(town):
        for tab in TABS if desk.person.roles & {"coordinateur", "" if narrowed else "ide_liberale"} else ():
            by_deadline = shown_rows(desk, Wanted.read({"liste": tab, **narrowed}))
            for order, key in TRUE_ORDERS.items():
                size = len(by_deadline) + 1 if order in BY_INDEX else blocks.BLOCK
                parts = [by_deadline[at : at + size] for at in range(0, len(by_deadline), size)]
                expected = [row.id for part in parts for row in sorted(part, key=key)]
                assert pages(desk, tab, tri=order, **narrowed) == expected, (tab, order, desk.person.roles)
            longest = max(longest, len(by_deadline))
    assert longest > blocks.BLOCK


def test_a_block_goes_on_where_it_was_though_the_last_task_shown_was_answered(
    town: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 5)
    monkeypatch.setattr(blocks, "BLOCK", 40)
    with town.database.read() as session:
        person = next(one for one in everybody(session, town.tenant) if "coordinateur" in one.roles)
        before = pages(Desk(session, town, person), "roles", tri="patient")
        first = queue.queue(Desk(session, town, person), Wanted("roles", tri="patient"))
    with town.database.begin() as session:
        session.execute(update(task).where(task.c.id == before[4]).values(state="completed", completed_by=person.id))
    with town.database.read() as session:
        page = queue.queue(Desk(session, town, person), Wanted("roles", tri="patient", apres=first.after))
    assert [row.id for row in page.rows] == before[5:10]


def test_a_list_goes_on_after_a_task_that_was_answered_meanwhile(
    town: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    with town.database.read() as session:
        person = next(one for one in everybody(session, town.tenant) if "coordinateur" in one.roles)
        before = pages(Desk(session, town, person), "roles")
    with town.database.begin() as session:
        session.execute(update(task).where(task.c.id == before[2]).values(state="completed"))
    with town.database.read() as session:
        page = queue.queue(Desk(session, town, person), Wanted("roles", apres=before[2]))
    assert [row.id for row in page.rows] == before[3:6]


def test_counting_stops_where_it_tells_nobody_what_to_do(town: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNTED", 4)
    counted = next(counting.counts(desk) for desk in desks(town) if "coordinateur" in desk.person.roles)
    assert (counted.roles, counted.of("roles"), counted.of("moi")) == (5, "4+", "0")


def test_a_long_list_is_remembered_as_long_for_a_while_and_a_short_one_is_counted_each_time(
    town: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted() -> int:
        return next(counting.counts(desk).roles for desk in desks(town) if "coordinateur" in desk.person.roles)

    every = counted()
    with town.database.begin() as session:
        session.execute(update(task).where(task.c.id.like("%-1")).values(state="cancelled"))
    left = counted()
    assert 4 < left < every
    monkeypatch.setattr(counting, "COUNTED", 4)
    assert counted() == 5
    with town.database.begin() as session:
        session.execute(update(task).values(state="cancelled"))
    assert counted() == 5
    clock.advance(counting.LONG_FOR)
    assert counted() == 0


def test_no_list_looks_through_all_the_tasks(town: Context) -> None:
    """The servers say how they read; told nothing of the sizes, for so small a table is rightly read whole."""
    forget_sizes(town.database)
    for desk in desks(town):
        with statements_of(town.database) as asked:
            for tab in ("moi", "roles", "retard"):
                queue.queue(desk, Wanted(tab))
                queue.following(desk, tab)
            counting.counts(desk)
        whole = [one[0] for one in asked if any(WHOLE.search(step) for step in plan(desk.session, *one))]
        assert len(asked) > 6
        assert not whole


WHOLE = re.compile(r"SCAN (task|offer|case|circle_member)\b|Seq Scan on (task|task_candidate|circle_member)\b")


def forget_sizes(database: Database) -> None:
    if database.is_sqlite:
        with database.begin() as session:
            session.execute(text("DELETE FROM sqlite_stat1"))
        database.engine.dispose()


@contextmanager
def statements_of(database: Database) -> Iterator[list[tuple[str, Any]]]:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def plan(session: Session, statement: str, values: Any) -> list[str]:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values))]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    line: Any = connection.connection.dbapi_connection
    cursor = RawCursor(line) if "$1" in statement else line.cursor()
    return [step[0] for step in cursor.execute(f"EXPLAIN {statement}", values)]
