"""A real PostgreSQL cluster of the tests' own: in a temporary folder, reached by a socket in it, gone at the end."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import psycopg

from tests.support.absent import lacking, program
from tests.support.patience import PATIENCE

REMEDY = "apt-get install postgresql"
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
}
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "512MB",
}
"""What a production server does and tests need not: for measuring."""

STRANGERS = """DO $$ DECLARE stranger text; BEGIN
FOR stranger IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ({known})
LOOP EXECUTE format('DROP TABLE %I CASCADE', stranger); END LOOP; END $$;"""
"""Drops the tables that a test made for itself."""


class Cluster:
    """One server, run by `command`; `url(name)` addresses a database in it."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.folder, self.command = folder, command

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        end = time.monotonic() + PATIENCE
        while self.server.poll() is None and time.monotonic() < end:
            with contextlib.suppress(psycopg.OperationalError):
                return self.execute("SELECT 1")
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT: at once, as if the power had gone; SIGINT: all lines are cut off, then it ends in order."""
        self.server.send_signal(how)
        self.server.wait(PATIENCE)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://jalon@/{name}?host={self.folder}"

    def execute(self, statement: str, *, within: str = "postgres") -> None:
        with psycopg.connect(host=str(self.folder), user="jalon", dbname=within, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, name: str, *, template: str = "template0") -> str:
        """Make a database, empty or a copy of another, and return its URL."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def empty(self, name: str, tables: Collection[str]) -> str:
        """Take every row, and every table but these, out of a database, whatever keys and triggers say; return its URL.

        Many times faster than a fresh copy, and than TRUNCATE on tables that hold next to nothing.
        """
        deletes = "".join(f'DELETE FROM "{table}";' for table in tables)
        strangers = STRANGERS.format(known=", ".join(f"'{table}'" for table in tables))
        settings = "SET lock_timeout = '60s'; SET session_replication_role = replica;"
        self.execute(f"{settings} {strangers} {deletes}", within=name)
        return self.url(name)

    def drop(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def running_cluster(changed: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Start a cluster and stop it. PostgreSQL refuses root, so root hands it to the user `postgres`."""
    initdb = program("initdb", also_in="/usr/lib/postgresql/*/bin")
    if initdb is None:
        lacking("PostgreSQL", REMEDY)
    account, become = _other_user()
    with tempfile.TemporaryDirectory(prefix="jalon-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        _initialise([*become, str(initdb)], folder)
        postgres = [*become, str(initdb.with_name("postgres"))]
        cluster = Cluster(folder, [*postgres, "-D", str(folder / "data"), *_options(folder, changed or {})])
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def _options(folder: Path, changed: Mapping[str, str]) -> list[str]:
    options = {**OPTIONS, **changed, "unix_socket_directories": str(folder)}
    return [f"-c{name}={value}" for name, value in options.items()]


def _other_user() -> tuple[pwd.struct_passwd | None, list[str]]:
    """The account that runs PostgreSQL if it cannot be us, and the words before a command that make it stop with us."""
    setpriv = shutil.which("setpriv")
    if os.getuid() != 0:
        return None, [setpriv, "--pdeathsig=INT"] if setpriv else []
    if setpriv is None:
        lacking("setpriv", "apt-get install util-linux")
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        lacking("L'utilisateur postgres", REMEDY)
    return account, [setpriv, "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"]


def _initialise(initdb: list[str], folder: Path) -> None:
    command = [*initdb, "-D", str(folder / "data"), "-U", "jalon", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    made = subprocess.run([*command, "--no-sync"], capture_output=True, text=True, cwd=folder)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")
