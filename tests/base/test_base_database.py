import sqlite3
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from base.clock import FileClock, ManualClock, SystemClock
from base.database import Database, Instant, insert_into, only_reads
from base.ids import LENGTH, new_id

NOTES = Table("note", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant), Column("n", Integer))
NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def notes(database: Database):
    NOTES.create(database.engine)
    return database


def kept(database: Database) -> list:
    with database.read() as session:
        return list(session.execute(select(NOTES.c.id, NOTES.c.at).order_by(NOTES.c.at)).all())


def test_leaving_a_transaction_commits_and_an_error_rolls_back(notes):
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=1, at=NOON))
    with pytest.raises(ZeroDivisionError), notes.begin() as session:
        session.execute(insert(NOTES).values(id=2 // 0, at=NOON))
    assert kept(notes) == [(1, NOON)]


def test_a_checkpoint_carries_what_was_committed_into_the_file_while_somebody_writes(notes):
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=1, at=NOON))
    before = in_file(notes)
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=2, at=NOON))
        assert notes.checkpoint() == 0
    assert len(kept(notes)) == 2
    assert not notes.is_sqlite or (before, in_file(notes)) == (0, 1)


def in_file(database: Database) -> int:
    """How many notes the file alone holds, without its log."""
    if not database.is_sqlite:
        return 0
    path = database.engine.url.database
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as file:
        tables = file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'note'").fetchone()[0]
        return int(file.execute("SELECT count(*) FROM note").fetchone()[0]) if tables else 0


def test_a_transaction_for_reading_never_commits(notes):
    with suppress(DBAPIError), notes.read() as session:  # PostgreSQL says so, SQLite forgets
        session.execute(insert(NOTES).values(id=1, at=NOON))
    assert kept(notes) == []


def test_reading_is_not_held_up_by_a_writer_nor_sees_what_it_has_not_committed(notes):
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=1, at=NOON))
        assert kept(notes) == []
    assert len(kept(notes)) == 1


def test_what_is_read_in_one_transaction_belongs_together(notes):
    with notes.read() as session:
        before = session.execute(select(NOTES.c.id)).all()
        with notes.begin() as writer:
            writer.execute(insert(NOTES).values(id=1, at=NOON))
        assert session.execute(select(NOTES.c.id)).all() == before == []
        assert only_reads(session)
    assert kept(notes) == [(1, NOON)]


def test_instants_come_back_aware_and_in_utc_and_sort_by_time(notes):
    paris = timezone(timedelta(hours=1))
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=1, at=NOON.astimezone(paris)))
        session.execute(insert(NOTES).values(id=2, at=datetime(2026, 11, 24, 12, 30, tzinfo=paris)))
        session.execute(insert(NOTES).values(id=3, at=NOON + timedelta(microseconds=1)))
        early = session.execute(select(NOTES.c.id).where(NOTES.c.at < NOON)).scalars().all()
    assert [row.id for row in kept(notes)] == [2, 1, 3]
    assert kept(notes)[1].at == NOON
    assert kept(notes)[1].at.tzinfo is UTC
    assert early == [2]


def test_an_instant_without_its_zone_is_refused(notes):
    with pytest.raises(StatementError), notes.begin() as session:
        session.execute(insert(NOTES).values(id=1, at=NOON.replace(tzinfo=None)))


def test_writers_wait_for_each_other_instead_of_failing(notes):
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=1, n=0))

    def count() -> None:
        for _ in range(25):
            with notes.begin() as session:
                value = session.execute(select(NOTES.c.n).where(NOTES.c.id == 1).with_for_update()).scalar_one()
                session.execute(update(NOTES).values(n=value + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with notes.read() as session:
        assert session.execute(select(NOTES.c.n)).scalar_one() == 100


def test_an_insert_can_give_way_to_the_row_that_is_there(notes):
    for _ in range(2):
        with notes.begin() as session:
            session.execute(insert_into(session, NOTES).values(id=1, at=NOON).on_conflict_do_nothing())
    assert len(kept(notes)) == 1


def test_errors_of_the_database_do_not_quote_the_values(notes):
    with notes.begin() as session:
        session.execute(insert(NOTES).values(id=424242))
    with pytest.raises(DBAPIError) as failure, notes.begin() as session:
        session.execute(insert(NOTES).values(id=424242, n=515151))
    assert "515151" not in str(failure.value)


def test_ids_are_short_unique_and_sort_by_time():
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert {len(one) for one in ids} == {LENGTH}
    assert ids == sorted(ids)


def test_processes_share_a_file_clock(tmp_path):
    path = tmp_path / "clock"
    FileClock(path).set(NOON)
    clock = FileClock(path)
    assert clock.now() == NOON
    FileClock(path).set(NOON + timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1)


def test_every_clock_tells_utc():
    paris = timezone(timedelta(hours=1))
    manual = ManualClock(NOON.astimezone(paris))
    manual.advance(timedelta(hours=1))
    assert manual.now() == NOON + timedelta(hours=1)
    assert manual.now().tzinfo is SystemClock().now().tzinfo is UTC
