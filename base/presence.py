"""The mark that every running process holds on its database, so that nothing is changed beneath it unawares.

A shared lock that goes with the process, whatever ends it: on PostgreSQL an advisory lock of a connection of its own,
on SQLite a lock on a file beside the database.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from pathlib import Path

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from base.database import Database

KEY = 0x6A616C6F6E + 1
LOOK_SECONDS = 5.0
"""How soon a connection that was lost is noticed, and the mark set anew."""
log = structlog.get_logger()


@contextmanager
def present(database: Database) -> Iterator[None]:
    """This process uses the database from here to there."""
    with _by_file(database) if database.is_sqlite else _by_connection(database):
        yield


@contextmanager
def alone(database: Database, connection: Connection | None = None) -> Iterator[bool]:
    """Whether no process uses the database; when so, none begins to before this ends and the connection has
    committed. Without a connection this has its own on PostgreSQL, and does not open SQLite's file."""
    if not database.is_sqlite:
        with database.engine.begin() if connection is None else nullcontext(connection) as line:
            yield bool(line.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": KEY}).scalar())
        return
    with ExitStack() as stack:
        path = _file(database)
        yield path is None or _lock(stack, path, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _file(database: Database) -> Path | None:
    """Beside the database; none for one in memory, which nobody else uses."""
    name = database.engine.url.database
    return None if not name or name == ":memory:" else Path(f"{name}.processes")


def _lock(stack: ExitStack, path: Path, how: int) -> bool:
    held = stack.enter_context(path.open("a"))
    with suppress(BlockingIOError):
        fcntl.flock(held, how)
        return True
    return False


@contextmanager
def _by_file(database: Database) -> Iterator[None]:
    with ExitStack() as stack:
        path = _file(database)
        if path is not None:
            _lock(stack, path, fcntl.LOCK_SH)
        yield


@contextmanager
def _by_connection(database: Database) -> Iterator[None]:
    """A thread holds the mark, on another connection when the server has dropped the one before."""
    stop, begun = threading.Event(), threading.Event()
    keeper = threading.Thread(target=_keep, args=(database, begun, stop), name="presence", daemon=True)
    keeper.start()
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        keeper.join(LOOK_SECONDS)


def _keep(database: Database, begun: threading.Event, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with closing(_marked(database)) as line:
                begun.set()
                while not stop.wait(LOOK_SECONDS):
                    line.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            log.warning("presence_lost", error=type(error).__name__)
            begun.set()
            stop.wait(LOOK_SECONDS)


def _marked(database: Database) -> Connection:
    """A connection of its own, outside the pool; while a migration is under way this waits."""
    line = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    line.detach()
    try:
        line.execute(text("SELECT pg_advisory_lock_shared(:key)"), {"key": KEY})
    except SQLAlchemyError:
        line.close()
        raise
    return line
