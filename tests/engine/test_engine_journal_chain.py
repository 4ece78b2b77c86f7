"""The chain of the journal: a row altered or removed is named; a day’s anchor tells what a forged chain hides."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest
from sqlalchemy import delete, func, select, text, update

from engine import anchors, tables
from engine.chain import Break
from engine.verification import Verified, verify
from tests.engine.house import CASE, House
from tests.support.models import chain, end, start, user

OTHER = "0000000000case02"


@pytest.fixture
def house(database, clock) -> House:
    found = House(database, clock)
    digest = found.deploy(start(), user("first"), user("second"), end(), chain("start", "first", "second", "end"))
    found.digest = digest
    found.begin(digest, {"dose": Decimal("0.1234567890123456789")})
    found.complete("first", note="vu")
    found.begin(digest, run=OTHER)
    return found


def faults(house: House, run: str | None = None) -> list[Break]:
    with house.database.read() as session:
        return [said for said in verify(session, "demo", run) if isinstance(said, Break)]


def tally(house: House) -> Verified:
    with house.database.read() as session:
        return next(said for said in verify(session, "demo") if isinstance(said, Verified))


def tamper(house: House, statement) -> None:
    """What somebody with the database's own password could do: the schema of these tests has no triggers."""
    with house.database.begin() as session:
        session.execute(statement)


def entry(n: int, run: str = CASE):
    return (tables.journal.c.run == run) & (tables.journal.c.n == n)


def test_what_was_written_holds(house):
    assert faults(house) == []
    found = tally(house)
    assert (found.runs, found.entries) == (2, house.count(tables.journal))


def test_a_run_that_is_loaded_again_goes_on_with_its_chain(house):
    fresh = House(house.database, house.clock)
    fresh.complete("second")
    assert faults(house) == []


@pytest.mark.parametrize(
    "values", [{"actor": "bob"}, {"detail": b"{}"}, {"at": datetime(2020, 1, 1, tzinfo=UTC)}, {"element": "second"}]
)
def test_an_altered_row_is_named(house, values):
    tamper(house, update(tables.journal).where(entry(2)).values(**values))
    assert faults(house) == [Break(CASE, 2, "altered")]
    assert faults(house, OTHER) == []


def test_a_removed_row_is_named(house):
    tamper(house, delete(tables.journal).where(entry(2)))
    assert faults(house) == [Break(CASE, 2, "missing")]


def test_a_removed_end_is_named(house):
    with house.database.read() as session:
        last = session.scalar(select(tables.run.c.entries).where(tables.run.c.id == CASE))
    tamper(house, delete(tables.journal).where(entry(last)))
    assert faults(house) == [Break(CASE, last, "missing")]


def test_a_journal_that_is_gone_is_named(house):
    tamper(house, delete(tables.journal).where(tables.journal.c.run == OTHER))
    assert faults(house) == [Break(OTHER, 1, "missing")]


def test_a_journal_without_its_run_is_named(house):
    tamper(house, text(f"DELETE FROM run WHERE id = '{OTHER}'"))
    assert [(found.run, found.reason) for found in faults(house)] == [(OTHER, "orphan")]


def test_a_run_rewritten_with_its_chain_is_told_by_the_days_anchor(house):
    """Who can write the whole database can forge a run's chain; not the hash that was noted elsewhere."""
    until = house.clock.now() + timedelta(hours=1)
    with house.database.begin() as session:
        made = anchors.anchor(session, "demo", date(2026, 3, 2), until)
        assert anchors.anchor(session, "demo", date(2026, 3, 2), until) is None
    assert made is not None
    assert made.entries == house.count(tables.journal)
    assert tally(house).anchors == 1
    tamper(house, delete(tables.journal).where(tables.journal.c.run == OTHER))
    tamper(house, text(f"DELETE FROM run WHERE id = '{OTHER}'"))
    assert [found.reason for found in faults(house)] == ["anchor"]


def test_the_next_anchor_seals_the_one_before(house):
    first = house.clock.now() + timedelta(hours=1)
    with house.database.begin() as session:
        anchors.anchor(session, "demo", date(2026, 3, 2), first)
    house.clock.advance(timedelta(days=1))
    house.complete("second")
    with house.database.begin() as session:
        made = anchors.anchor(session, "demo", date(2026, 3, 3), first + timedelta(days=1))
    assert made is not None
    assert made.since == first
    assert made.entries >= 1
    assert tally(house).anchors == 2


def test_a_clock_that_is_put_back_adds_nothing_to_a_sealed_day(house):
    """What is answered meanwhile bears the first instant after it; once the clock has caught up, its own again."""
    midnight = house.clock.now() + timedelta(hours=1)
    with house.database.begin() as session:
        anchors.anchor(session, "demo", date(2026, 3, 2), midnight)
    house.clock.advance(-timedelta(minutes=30))
    another_process = House(house.database, house.clock)
    another_process.complete("second")
    house.clock.advance(timedelta(hours=5))
    another_process.begin(house.digest, run="0000000000case03")
    assert faults(house) == []
    with house.database.read() as session:
        times = session.scalars(select(tables.journal.c.at).where(tables.journal.c.at >= midnight).distinct())
        assert sorted(times) == [midnight, house.clock.now()]


def test_a_clock_that_was_days_ahead_leaves_the_right_dates_and_an_anchor_that_says_so(house):
    """Whoever sealed next week meanwhile must not have every deadline of this week counted from there."""
    with house.database.begin() as session:
        anchors.anchor(session, "demo", date(2026, 12, 1), house.clock.now() + timedelta(days=7))
    another_process = House(house.database, house.clock)
    another_process.complete("second")
    with house.database.read() as session:
        assert session.scalar(select(func.max(tables.journal.c.at))) == house.clock.now()
    assert [found.reason for found in faults(house)] == ["anchor"]


def test_the_journal_holds_every_input_in_full(house):
    """Enough to play a case again: the definition, what it began with, what each input brought, to the last digit."""
    kept = chain_of(house)
    assert kept[0]["kind"] == "run_started"
    assert kept[0]["detail"]["definition"] == house.digest
    assert kept[0]["detail"]["variables"] == {"dossier": CASE, "dose": {"#": "0.1234567890123456789"}}
    answer = next(entry for entry in kept if entry["kind"] == "task_completed")
    assert answer["detail"]["variables"] == {"note": "vu"}
    assert answer["actor"] == "anne"


def chain_of(house: House) -> list[dict]:
    columns = tables.journal.c
    query = select(columns.kind, columns.actor, columns.detail).where(columns.run == CASE).order_by(columns.n)
    with house.database.read() as session:
        return [row._asdict() | {"detail": orjson.loads(row.detail or b"{}")} for row in session.execute(query)]
