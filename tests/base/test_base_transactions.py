"""A transaction: savepoints, its two ends and who is told of them, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError, ResourceClosedError

from base.database import RESTED, Database, only_reads
from base.jobs.bell import ring_at_commit

numbers = Table("numbers", MetaData(), Column("n", Integer, primary_key=True))


@pytest.fixture
def table(database):
    numbers.metadata.create_all(database.engine)
    return numbers


def kept(database):
    with database.read() as session:
        return session.scalars(select(numbers.c.n).order_by(numbers.c.n)).all()


def fail_after(session, n):
    session.execute(insert(numbers), {"n": n})
    raise ValueError("no")


def fail_in_savepoint(session, n):
    with session.begin_nested():
        fail_after(session, n)


def fail_whole(database):
    with database.begin() as session:
        fail_after(session, 1)


def test_what_fails_within_a_savepoint_is_taken_back_alone(database, table):
    for first in (1, 4):  # the second transaction finds a line that was used before
        with database.begin() as session:
            session.execute(insert(table), {"n": first})
            with pytest.raises(ValueError, match="no"):
                fail_in_savepoint(session, first + 1)
            with session.begin_nested():
                session.execute(insert(table), {"n": first + 2})
    with pytest.raises(ValueError, match="no"), database.begin() as session, session.begin_nested():
        fail_after(session, 7)
    assert kept(database) == [1, 3, 4, 6]


def test_an_exception_takes_everything_back(database, table):
    with pytest.raises(ValueError, match="no"):
        fail_whole(database)
    assert kept(database) == []


def test_nothing_is_written_after_a_rollback(database, table):
    with database.begin() as session:
        session.execute(insert(table), {"n": 1})
        session.rollback()
        with pytest.raises(ResourceClosedError):
            session.execute(insert(table), {"n": 2})
    assert kept(database) == []


def test_the_end_of_a_savepoint_is_not_yet_told(database, table):
    bell = threading.Event()
    with database.begin() as session:
        with session.begin_nested():
            ring_at_commit(session, bell)
            session.execute(insert(table), {"n": 1})
        assert not bell.is_set()
    assert bell.is_set()


def test_a_rollback_rings_no_bell(database, table):
    bell = threading.Event()
    with database.begin() as session:
        ring_at_commit(session, bell)
        session.execute(insert(table), {"n": 1})
        session.rollback()
    assert not bell.is_set()


def test_a_reader_sees_one_state_from_its_first_look_to_its_last(database, table):
    with database.read() as session:
        before = session.scalars(select(table.c.n)).all()
        with database.begin() as other:
            other.execute(insert(table), {"n": 1})
        assert session.scalars(select(table.c.n)).all() == before == []
    assert kept(database) == [1]


def line_of_a_writer(database, n):
    """Which connection of the driver wrote a number."""
    with database.begin() as session:
        session.execute(insert(numbers), {"n": n})
        return id(session.connection().connection.dbapi_connection)


def point_nowhere(database):
    with database.begin() as session:
        session.execute(text("INSERT INTO pointing (n) VALUES (7)"))


def lose_line(database):
    with database.begin() as session:
        session.connection().invalidate()
        raise ValueError("no")


def test_on_sqlite_all_who_write_do_so_by_the_line_that_knows_the_pages(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/numbers.db", synchronous="OFF")
    numbers.metadata.create_all(database.engine)
    first = line_of_a_writer(database, 1)
    with database.read() as other:
        assert id(other.connection().connection.dbapi_connection) != first
        with ThreadPoolExecutor(4) as threads:
            assert set(threads.map(lambda n: line_of_a_writer(database, n), range(2, 8))) == {first}
    with pytest.raises(IntegrityError):
        line_of_a_writer(database, 1)
    assert line_of_a_writer(database, 8) == first
    assert kept(database) == list(range(1, 9))
    database.dispose()


def test_a_commit_that_fails_leaves_nothing_to_the_next_writer(database, table):
    """A key that is checked at the end only, as SQLite does with a disk that is full: then the lock is still held."""
    with database.begin() as session:
        session.execute(text("CREATE TABLE pointing (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)"))
    with pytest.raises(IntegrityError):
        point_nowhere(database)
    line_of_a_writer(database, 1)
    with database.begin() as session:
        assert session.scalar(text("SELECT count(*) FROM pointing")) == 0
        session.execute(text("DROP TABLE pointing"))
    assert kept(database) == [1]


def test_a_writer_whose_line_is_gone_gets_another(database, table):
    with pytest.raises(ValueError, match="no"):
        lose_line(database)
    line_of_a_writer(database, 1)
    assert kept(database) == [1]


def test_a_look_sees_what_was_written_last(database, table):
    line_of_a_writer(database, 1)
    with database.look() as session:
        assert session.scalars(select(table.c.n)).all() == [1]
        assert only_reads(session)


@pytest.mark.parametrize(("said", "within"), [("", "10"), ("&connect_timeout=3", "3")])
def test_a_machine_that_vanished_is_given_up_soon_or_when_the_address_says(postgres, said, within):
    postgres.drop("patient")
    database = Database(postgres.create("patient") + said)
    with database.read() as session:
        told = session.connection().connection.dbapi_connection.info.get_parameters()
    database.dispose()
    assert (told["connect_timeout"], told["keepalives_idle"], told["tcp_user_timeout"]) == (within, "30", "30000")


def test_a_line_that_was_cut_while_it_rested_is_replaced(postgres):
    database = Database(postgres.create("cut"))
    numbers.metadata.create_all(database.engine)
    line_of_a_writer(database, 1)
    postgres.execute("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = 'cut'")
    sleep(RESTED)
    line_of_a_writer(database, 2)
    assert kept(database) == [1, 2]
    database.dispose()
