"""A whole database as one file and back, in the words of each server: SQLite's online backup, PostgreSQL's dump."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import URL, Connection, func, inspect, make_url, select, table, text

from base.database import Database
from base.settings import environment

PROGRAMS = {"pg_dump": "postgresql-client", "pg_restore": "postgresql-client"}


def dump(database: Database, target: Path) -> dict[str, int]:
    """Copy the database as it stands at one instant, while it goes on serving; returns the rows of each table then."""
    url = database.engine.url
    if database.is_sqlite:
        _copy_sqlite(Path(url.database or ""), target)
        return _rows_of_file(target)
    with database.read() as session:
        snapshot = session.execute(text("SELECT pg_export_snapshot()")).scalar()
        counted = rows(session.connection())
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        _run("pg_dump", url, *options, f"--file={target}", f"--dbname={_address(url)}")
    return counted


def fill(url: str, source: Path) -> None:
    """Put a copy in the place of whatever the database holds: all of it, or nothing when it fails."""
    found = make_url(url)
    if found.get_backend_name() == "sqlite":
        _replace_sqlite(source, Path(found.database or ""))
        return
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run("pg_restore", found, *options, f"--dbname={_address(found)}", str(source))


def is_empty(url: str) -> bool:
    """True when the database has no table, or SQLite's file is not there."""
    found = make_url(url)
    if found.get_backend_name() == "sqlite" and not Path(found.database or "").exists():
        return True
    database = Database(url)
    try:
        return not inspect(database.engine).get_table_names()
    finally:
        database.dispose()


def rows(connection: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    names = sorted(inspect(connection).get_table_names())
    counts = {name: connection.execute(select(func.count()).select_from(table(name))).scalar() for name in names}
    return {name: int(count or 0) for name, count in counts.items()}


def faults(database: Database) -> list[str]:
    """What the server itself finds wrong with its file; PostgreSQL checks while it restores."""
    if not database.is_sqlite:
        return []
    with database.read() as session:
        said = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
        orphans = len(session.execute(text("PRAGMA foreign_key_check")).all())
    return said + ([f"{orphans} lignes sans celle dont elles dépendent"] if orphans else [])


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as read, closing(sqlite3.connect(target)) as made:
        read.backup(made)


def _rows_of_file(path: Path) -> dict[str, int]:
    copy = Database(f"sqlite:///{path}")
    try:
        with copy.read() as session:
            return rows(session.connection())
    finally:
        copy.dispose()


def _replace_sqlite(source: Path, target: Path) -> None:
    """The new file takes the name at once; the old one's write-ahead log must not be read into it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.restored")
    shutil.copyfile(source, fresh)
    for rest in ("-wal", "-shm"):
        target.with_name(target.name + rest).unlink(missing_ok=True)
    fresh.replace(target)


def _run(program: str, url: URL, *arguments: str) -> None:
    """The password goes by the environment: arguments can be read by every user of the machine."""
    path = shutil.which(program)
    if path is None:
        raise click.ClickException(f"Il manque le programme {program} : installez {PROGRAMS[program]}.")
    environ = {**environment(), **({"PGPASSWORD": url.password} if isinstance(url.password, str) else {})}
    done = subprocess.run([path, *arguments], env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(
            f"{program} a échoué : {(done.stderr.strip().splitlines() or ['sans rien dire'])[-1]}"
        )


def _address(url: URL) -> str:
    """As libpq wants it, without the driver's name and the password."""
    return url.set(drivername="postgresql", password=None).render_as_string()
