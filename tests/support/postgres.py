"""A real PostgreSQL cluster of the tests' own: in a temporary folder, reached by a socket in it, gone at the end."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.support.absent import lacking, program

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


class Cluster:
    """One running server; `url(name)` addresses a database in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://jalon@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="jalon", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, name: str, *, template: str = "template0") -> str:
        """Make a database, empty or a copy of another, and return its URL."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
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
        with _started([*become, str(initdb.with_name("postgres"))], folder) as server:
            cluster = Cluster(folder)
            _await(cluster, server)
            yield cluster


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


@contextlib.contextmanager
def _started(postgres: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = [f"-c{name}={value}" for name, value in {**OPTIONS, "unix_socket_directories": str(folder)}.items()]
    with (folder / "log").open("wb") as log:
        command = [*postgres, "-D", str(folder / "data"), *settings]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        yield server
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(10)


def _await(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError):
            return cluster.execute("SELECT 1")
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {(cluster.folder / 'log').read_text()}")
