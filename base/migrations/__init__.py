"""The schema's versions: brings a database to the newest, and says which one it has."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from base.database import Database
from base.errors import Conflict, SettingsError
from base.presence import alone, present

IN_USE = (
    "La mise à jour {} demande que tout Jalon soit arrêté, et un processus utilise encore cette base : "
    "arrêtez le site et les travaux de fond sur toutes les machines, puis recommencez."
)
FOLDER = Path(__file__).parent
LOCK = 0x6A616C6F6E
"""PostgreSQL's advisory lock: of several processes that start together, one migrates and the others wait."""
ALONE = frozenset({"0002_journal_chain", "0005_offers"})
"""Migrations beside which no process of an older program may go on."""


def upgrade(database: Database | str) -> list[str]:
    """Bring a database to the newest version, in one transaction; returns the versions applied, if any.

    Raises Conflict when one of them must be alone and another process uses the database.
    """
    if isinstance(database, str):
        opened = Database(database)
        try:
            return upgrade(opened)
        finally:
            opened.dispose()
    if not pending(database):
        return []
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        version = _current(connection)
        missing = _missing(version)
        with alone(database, connection) if version and ALONE & set(missing) else nullcontext(True) as free:
            if not free:
                raise Conflict(IN_USE.format(min(ALONE & set(missing))), code="database-in-use")
            command.upgrade(config(connection), "head")
    return missing


@contextmanager
def in_use(database: Database) -> Iterator[None]:
    """This process uses the database: nothing is changed beneath it. Raises SettingsError when a newer program has
    changed it since this one looked.
    """
    with present(database):
        with suppress(SQLAlchemyError):  # a server that is away for the moment is waited for by whoever asks it
            pending(database)
        yield


def current(database: Database) -> str | None:
    """The version that the database has, nothing when it is empty."""
    with database.read() as session:
        return _current(session.connection())


def pending(database: Database) -> list[str]:
    """The versions that the database lacks, the oldest first. Raises SettingsError when it is newer than this Jalon."""
    return _missing(current(database))


def is_current(database: Database) -> bool:
    return not pending(database)


def versions() -> list[str]:
    """All the versions, the oldest first: the names of their files, which are also their revisions."""
    return sorted(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def config(connection: Connection) -> Config:
    """What Alembic's commands want, without a file of settings."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _missing(version: str | None) -> list[str]:
    known = versions()
    if version is not None and version not in known:
        raise SettingsError([f"La base est à la version {version}, plus récente que ce Jalon : installez le nouveau."])
    return [one for one in known if version is None or one > version]
