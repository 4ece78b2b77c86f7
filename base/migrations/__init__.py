"""The schema's versions: brings a database to the newest, and says which one it has."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from base.database import Database
from base.errors import SettingsError

FOLDER = Path(__file__).parent
LOCK = 0x6A616C6F6E
"""PostgreSQL's advisory lock: of several processes that start together, one migrates and the others wait."""


def upgrade(database: Database | str) -> list[str]:
    """Bring a database to the newest version, in one transaction; returns the versions applied, if any."""
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
        missing = _missing(_current(connection))
        command.upgrade(config(connection), "head")
    return missing


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
