"""The lists of cases read by index show what the guard lets each person see, in order: due first, then the newest."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from bench.town import Size, Town
from care.tables import case
from inbox.case import cases
from inbox.desk import Desk
from inbox.lists.statements import sees_case
from pathways.context import Context, build
from people.persons import everybody


@pytest.fixture
def town(settings: Settings, database: Database, clock: ManualClock) -> Context:
    context = replace(build(settings), database=database, clock=clock)
    Town(context, Size(finished=200, open=160)).build()
    return context


def desks(context: Context) -> Iterator[Desk]:
    with context.database.read() as session:
        for person in everybody(session, context.tenant):
            yield Desk(session, context, person)


def one_by_one(desk: Desk, tab: str) -> list[str]:
    """Asked of every case in turn, without any list."""
    ended = case.c.closed_at.is_not(None) if tab == "termines" else case.c.closed_at.is_(None)
    due = () if tab == "termines" else (cases.NEXT_DUE.is_(None), cases.NEXT_DUE)
    found = select(case.c.id).where(sees_case(desk.person), ended)
    return list(desk.session.scalars(found.order_by(*due, case.c.opened_at.desc(), case.c.id), desk.values))


@pytest.mark.parametrize("tab", cases.TABS)
def test_a_list_begins_with_the_cases_that_come_first_of_all_that_may_be_seen(
    town: Context, tab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = 0
    for desk in desks(town):
        wanted = one_by_one(desk, tab)
        for page in (7, 75):
            monkeypatch.setattr(cases, "PAGE", page)
            rows, more = cases.cases(desk, tab)
            assert [row.id for row in rows] == wanted[:page]
            assert more == (len(wanted) > page)
        assert cases.counts(desk)[tab] == len(wanted)
        shown += len(wanted)
    assert shown > 100


def test_counting_cases_stops_where_it_tells_nobody_what_to_do(town: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "COUNTED", 12)
    counted = next(cases.counts(desk) for desk in desks(town) if "coordinateur" in desk.person.roles)
    assert counted == {"en-cours": 13, "termines": 13}
    assert (cases.said(13), cases.said(12)) == ("12+", "12")
