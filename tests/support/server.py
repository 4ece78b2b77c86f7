"""A real server process on a free loopback port, on a simulated clock, that a test can kill and start again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from base.clock import FileClock
from base.settings import Settings
from jalon.installation import upgrade_database
from tests.support import loopback
from tests.support.keys import SECRETS
from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]


class Server:
    """`python -m jalon` with settings of its own; `url` is where it answers, `clock` the time it believes."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        instant: datetime,
        *,
        command: tuple[str, ...] = ("serve", "--with-worker"),
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock = FileClock(folder / "clock.txt")
        self.clock.set(instant)
        self.environ = {
            **SECRETS,
            "JALON_DATABASE_URL": database_url,
            "JALON_PORT": str(self.port),
            "JALON_PUBLIC_URL": self.url,
            "JALON_DEMO": "1",
            "JALON_CLOCK_FILE": str(self.clock.path),
            "JALON_VAR_DIR": str(folder),
            **(more or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        """What the process reads: a test builds its own context on the same database with them."""
        return Settings.load(self.environ)

    @property
    def pid(self) -> int | None:
        """The process that watches the others, when it runs."""
        return None if self._process is None else self._process.pid

    def prepare(self) -> None:
        """What `jalon db upgrade` does, without a process of its own."""
        upgrade_database(self.settings)

    def run(self, *arguments: str) -> str:
        """Run one command of the program to its end (`db upgrade`, `pathways import`…) and return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "jalon", *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            raise AssertionError(f"jalon {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jalon", *self.command],
                env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._await()

    def kill(self) -> None:
        """SIGKILL, as a power cut would: no handler runs, in any process of the server."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an operator would."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        self.kill()
        self.start()

    def advance(self, by: timedelta) -> datetime:
        """Move the simulated clock on; the server sees it at its next look."""
        self.clock.set(self.clock.now() + by)
        return self.clock.now()

    def log(self) -> str:
        """What the process has written so far."""
        path = self.folder / "server.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    @property
    def environment(self) -> dict[str, str]:
        """What its processes, and others of the same installation, are started with."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}
        return {**kept, **self.environ, "PYTHONUNBUFFERED": "1"}

    def _await(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if loopback.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        self._end(signal.SIGKILL)
        raise AssertionError(f"the server did not answer:\n{self.log()}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process = None


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Start a server and see to it that nothing of it is left."""
    try:
        server.start()
        yield server
    finally:
        server.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
