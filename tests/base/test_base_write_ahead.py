"""What was committed on SQLite is on the disk before anybody is told, and nobody else's writing waits for that."""

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from base import write_ahead
from base.database import Database
from base.write_ahead import WriteAhead
from tests.support.patience import PATIENCE

bead = Table("bead", MetaData(), Column("id", Integer, primary_key=True))


@pytest.fixture
def open_database(tmp_path):
    """Opens a database whose commits are to survive a power cut, unless told otherwise."""
    opened = []

    def open_one(synchronous="FULL"):
        database = Database(f"sqlite:///{tmp_path / 'beads.db'}", synchronous=synchronous)
        opened.append(database)
        bead.create(database.engine, checkfirst=True)
        return database

    yield open_one
    for database in opened:
        database.dispose()


@pytest.fixture
def settled(monkeypatch):
    """The files that were waited for."""
    waited, fdatasync = [], os.fdatasync

    def wait(file):
        waited.append(os.fstat(file).st_ino)
        fdatasync(file)

    monkeypatch.setattr(write_ahead.os, "fdatasync", wait)
    return waited


def _add(database):
    with database.begin() as session:
        session.execute(insert(bead))


def _add_and_fail(database):
    with database.begin() as session:
        session.execute(insert(bead))
        raise ZeroDivisionError


def _count(database):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(bead))


@pytest.mark.parametrize("synchronous", ["FULL", "EXTRA"])
def test_each_commit_waits_once_for_the_log_that_it_wrote(open_database, settled, synchronous):
    database = open_database(synchronous)
    _add(database)
    _add(database)
    log = Path(f"{database.engine.url.database}-wal").stat().st_ino
    assert settled == [log, log]


def test_who_reads_or_takes_back_waits_for_no_disk(open_database, settled):
    database = open_database()
    assert _count(database) == 0
    with pytest.raises(ZeroDivisionError):
        _add_and_fail(database)
    assert settled == []


def test_who_asked_for_less_does_not_wait(open_database, settled):
    for synchronous in ("NORMAL", "OFF"):
        _add(open_database(synchronous))
    assert settled == []


def test_others_write_while_one_waits_for_the_disk(open_database, monkeypatch):
    database, waiting, written = open_database(), threading.Event(), threading.Event()

    def wait(_file):
        if threading.current_thread() is slow:
            waiting.set()
            assert written.wait(PATIENCE)

    monkeypatch.setattr(write_ahead.os, "fdatasync", wait)
    slow = threading.Thread(target=_add, args=(database,))
    slow.start()
    assert waiting.wait(PATIENCE)
    _add(database)
    assert _count(database) == 2
    assert slow.is_alive(), "nobody is told before the disk has it"
    written.set()
    slow.join(PATIENCE)


def test_a_disk_that_refuses_is_told_to_who_asked_and_the_next_commit_waits_again(open_database, monkeypatch):
    database = open_database()

    def refuse(_file):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(write_ahead.os, "fdatasync", refuse)
        with pytest.raises(OSError, match="Input/output"):
            _add(database)
    _add(database)
    assert _count(database) >= 1


def test_without_a_log_there_is_nothing_to_wait_for(tmp_path, settled):
    with WriteAhead(str(tmp_path / "elsewhere.db")).held() as settle:
        settle()
    assert settled == []
