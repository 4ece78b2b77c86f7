"""The database: one engine, one transaction per unit of work, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from sqlalchemy import (
    URL,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from base.transactions import Lines, Transaction
from base.turns import Turn
from base.write_ahead import WAITS, WriteAhead

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps it as sortable ISO text with microseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


READ_ONLY = "jalon_read_only"
LOOKING = {READ_ONLY: True, "isolation_level": "AUTOCOMMIT"}
WRITING = "BEGIN IMMEDIATE"
RESTED = 0.1
"""Seconds after which a line to another machine is tried before it is used: it may have been cut meanwhile."""
PREPARED_MAX = 300
"""How many statements a line to PostgreSQL keeps prepared; the driver's 100 are fewer than a carer's day asks."""
MAPPED = f"mmap_size={2**30}"
"""How much of the file SQLite reads as memory instead of by a call for each page that its small cache has not."""
LOGGED = "wal_autocheckpoint=8000"
"""Pages of SQLite's log after which a commit carries them into the file itself, if the worker has not: 32 MB."""
PLANNING = "-c jit=off -c random_page_cost=1.1"
PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""How soon a machine that vanished without a word is given up: in seconds, the last in milliseconds. Without these the
system waits for two minutes to be let in, a quarter of an hour for an answer, and two hours before it asks at all.
"""
Id = String(16)
Key = String(120)


def only_reads(session: Session) -> bool:
    """Whether the session's transaction is one of `Database.read`."""
    return bool(session.connection().get_execution_options().get(READ_ONLY))


class Database:
    """Opens transactions: leaving `with database.begin() as session` commits, an exception rolls back."""

    def __init__(self, url: str, *, pool_size: int = 8, synchronous: str = "FULL") -> None:
        self.engine = _connect(url, pool_size, synchronous)
        self._turn = _turn(self.engine)
        waits = self.is_sqlite and synchronous in WAITS
        self._log = WriteAhead(str(self.engine.url.database)) if waits else None
        self._writers = Lines(self.engine, kept=1 if self._turn else 0, begins=WRITING)
        self._readers = Lines(self.engine.execution_options(**_reading(self.is_sqlite)), kept=4 if self._turn else 0)
        self._lookers = self._readers if self.is_sqlite else Lines(self.engine.execution_options(**LOOKING))

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction. On SQLite it takes the write lock at once (BEGIN IMMEDIATE)."""
        session = Transaction(self._writers, self._turn, self._log)
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction for reading only, that sees one state of the database from its first look to its last.

        On SQLite it takes no write lock and is rolled back. On PostgreSQL it is REPEATABLE READ READ ONLY and ends by
        COMMIT, because a ROLLBACK makes the driver forget the statements that it has prepared.
        """
        with self._read_by(self._readers) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        """For one statement that reads: PostgreSQL needs no transaction for it, which would be two more round trips."""
        with self._read_by(self._lookers) as session:
            yield session

    @contextmanager
    def _read_by(self, lines: Lines) -> Iterator[Session]:
        session = Transaction(lines)
        session.connection()
        try:
            yield session
            if self.is_sqlite:
                session.leave()
            else:
                session.commit()
        finally:
            session.rollback()

    def checkpoint(self) -> int:
        """Carry what SQLite's log holds into its file beside those who write, so that no commit has to. Gives 0.

        A page that was written often is carried once.
        """
        if self.is_sqlite:
            line = self.engine.raw_connection()
            try:
                line.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()
            finally:
                line.close()
        return 0

    def dispose(self) -> None:
        self._writers.close()
        self._readers.close()
        self.engine.dispose()


def _reading(on_sqlite: bool) -> dict[str, Any]:
    options: dict[str, Any] = {READ_ONLY: True}
    return options if on_sqlite else options | {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _turn(engine: Engine) -> Turn | None:
    """Only SQLite has one writer at a time, and only files have others who write."""
    file = engine.url.database
    return Turn(f"{file}-turn") if engine.dialect.name == "sqlite" and file and file != ":memory:" else None


def insert_into(session: Session, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, on either database."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def _connect(url: str, pool_size: int, synchronous: str) -> Engine:
    """Parameters stay out of error messages: they may hold what identifies a patient.

    PostgreSQL compiles no statement of ours: seconds of compiling for milliseconds of looking (docs/performance.md). A
    page is said to cost about the same wherever it lies, as on the disks of today: few rows are found by their index.
    The connection that was used last is used first: it knows its pages, or its statements, better than the others.
    """
    given = make_url(url)
    told = {} if given.get_backend_name() == "sqlite" else {**_patience(given), "options": PLANNING}
    size = {"pool_size": pool_size, "max_overflow": pool_size, "pool_use_lifo": True}
    engine = create_engine(url, **size, hide_parameters=True, connect_args=told)
    if engine.dialect.name == "sqlite":
        _settle_sqlite(engine, synchronous)
    else:
        _settle_postgresql(engine)
    return engine


def _patience(url: URL) -> dict[str, str]:
    """What the address itself says of it stands."""
    return {name: value for name, value in PATIENCE.items() if name not in url.query}


def _settle_sqlite(engine: Engine, synchronous: str) -> None:
    """WAL, foreign keys, and a write lock taken at BEGIN: a later upgrade of the lock would lose transactions.

    Where there is a log, it is we who wait for the disk (base/write_ahead.py); SQLite itself where it can have none.
    """

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        is_logged = connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        said = (
            f"synchronous={'NORMAL' if is_logged and synchronous in WAITS else synchronous}",
            "busy_timeout=10000",
            "foreign_keys=ON",
            MAPPED,
            LOGGED,
        )
        for pragma in said:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reading = connection.get_execution_options().get(READ_ONLY)
        connection.connection.driver_connection.execute("BEGIN" if reading else WRITING).close()


def _settle_postgresql(engine: Engine) -> None:
    """A line that has rested is tried first; to try each line each time would cost a round trip a transaction."""
    dialect = engine.dialect

    @event.listens_for(engine, "connect")
    def _keep_statements(connection: Any, _record: Any) -> None:
        connection.prepared_max = PREPARED_MAX

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _try(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("rests_since", monotonic()) < RESTED:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
