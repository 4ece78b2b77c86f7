"""A whole database as one file and back, in the words of each server: SQLite's online backup, PostgreSQL's dump."""

import os
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import URL, Connection, func, inspect, make_url, select, table, text

from base.database import Database
from base.settings import environment
from jalon import causes

DAMAGED = "La base est abîmée ({}) : rien n’a été sauvegardé. Gardez la dernière sauvegarde et restaurez-la."
PROGRAMS = {"pg_dump": "postgresql-client", "pg_restore": "postgresql-client"}


def dump(database: Database, target: Path) -> dict[str, int]:
    """Copy the database as it stands at one instant, while it goes on serving; returns the rows of each table then.

    Raises ClickException, also for a database that is damaged: its copy would take the place of a good one.
    """
    url = database.engine.url
    if database.is_sqlite:
        _copy_sqlite(Path(url.database or ""), target)
        if wrong := faults(url, target):
            raise click.ClickException(DAMAGED.format(wrong[0]))
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


def make_folder(url: str) -> None:
    """Of SQLite's file, when it is not there yet."""
    found = make_url(url)
    if found.get_backend_name() == "sqlite":
        Path(found.database or "").parent.mkdir(parents=True, exist_ok=True)


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


def faults(url: str | URL, file: Path | None = None) -> list[str]:
    """What is wrong with a database, or with a copy of it; PostgreSQL checks while it saves and restores."""
    found = make_url(url)
    if found.get_backend_name() != "sqlite":
        return []
    path = file or Path(found.database or "")
    try:
        with closing(_opened(path, "mode=rw" if file is None else "immutable=1")) as line:
            said = [str(row[0]) for row in line.execute("PRAGMA integrity_check") if row[0] != "ok"]
            orphans = len(line.execute("PRAGMA foreign_key_check").fetchall())
    except sqlite3.DatabaseError as error:
        return [causes.of_database(error)]
    return said + ([f"{orphans} lignes sans celle dont elles dépendent"] if orphans else [])


def put(fresh: Path, target: Path) -> None:
    """Give a whole file its name, once the disk has it: after a power cut it is there whole, or the one before."""
    _settle(fresh)
    fresh.replace(target)
    _settle(target.parent)


def _settle(path: Path) -> None:
    line = os.open(path, os.O_RDONLY)
    try:
        os.fsync(line)
    finally:
        os.close(line)


def _opened(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with closing(_opened(source, "mode=rw")) as read, closing(sqlite3.connect(target)) as made:
            read.backup(made)
    except sqlite3.Error as error:
        raise click.ClickException(f"La base n’a pas pu être copiée : {causes.of_database(error)}.") from error


def _rows_of_file(path: Path) -> dict[str, int]:
    copy = Database(f"sqlite:///{path}")
    try:
        with copy.read() as session:
            return rows(session.connection())
    finally:
        copy.dispose()


def _replace_sqlite(source: Path, target: Path) -> None:
    """The new file takes the name at once, its owner and its mode; the old one's write-ahead log must not be read into
    it.
    """
    fresh = target.with_name(f"{target.name}.restored")
    try:
        fresh.touch(0o600)
        shutil.copyfile(source, fresh)
        if target.exists():
            _take_after(fresh, target.stat())
        for rest in ("-wal", "-shm"):
            target.with_name(target.name + rest).unlink(missing_ok=True)
        put(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)


def _take_after(file: Path, before: os.stat_result) -> None:
    """Who restores as root must not take the database away from whoever runs Jalon."""
    file.chmod(stat.S_IMODE(before.st_mode))
    if os.geteuid() == 0:
        os.chown(file, before.st_uid, before.st_gid)


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
