"""Web processes and workers are replaced one after the other under load, as an upgrade does: no request is lost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.over_http import FOLDER
from jalon.demo import load
from pathways import catalogue
from pathways.context import Context, build
from pathways.library import read_folder
from tests.crashes.load import HOSPITAL, Books, Client
from tests.crashes.test_books import balance, settle
from tests.support import loopback
from tests.support.balance import balancing
from tests.support.keys import WEBHOOK_SECRET
from tests.support.nursery import ROOT, Nursery
from tests.support.patience import PATIENCE, until
from tests.support.server import Server
from webhooks import partners

ROUNDS, CLIENTS, WORKERS = 2, 3, 2
GOES_ON = 6
"""Answers between one replacement and the next."""
AS_SYSTEMD_DOES = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "jalon", "serve"])
"""
"""Hands the address over as descriptor 3, and becomes the program."""


class Held:
    """A web process on an address that stays open when it goes, as deploy/systemd/jalon-web.socket keeps it."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.socket.getsockname()[1]
        self.environ, self.log = {**environ, "JALON_PORT": str(self.port)}, log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        number = self.socket.fileno()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", AS_SYSTEMD_DOES, str(number)], env=self.environ, cwd=ROOT, stdout=log,
                stderr=log, pass_fds=(number,), start_new_session=True,
            )  # fmt: skip

    def answers(self) -> None:
        """Waits in the address's queue until a process is there to answer."""
        assert loopback.get(f"{self.url}/health").status_code == 200

    def stop(self) -> float:
        """SIGTERM; how long it took to end by itself."""
        assert self.process is not None
        begun = time.monotonic()
        os.kill(self.process.pid, signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        return time.monotonic() - begun

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.socket.close()


@dataclass
class Place:
    context: Context
    webs: list[Held]
    nursery: Nursery


@pytest.fixture
def server(postgres_url: str, tmp_path: Path) -> Server:
    """The settings of every process, and the schema on one PostgreSQL."""
    server = Server(tmp_path, postgres_url, datetime.now(UTC), command=("serve",))
    server.environ.pop("JALON_CLOCK_FILE")
    server.prepare()
    return server


@pytest.fixture
def web(server: Server, tmp_path: Path) -> Iterator[Held]:
    """One web process and nothing beside it."""
    web = Held(server.environment, tmp_path / "web.log")
    web.start()
    web.answers()
    yield web
    web.close()


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Iterator[Place]:
    """Two web processes, two workers, one pathway of three questions."""
    context = build(server.settings)
    with context.database.begin() as session:
        load.add_people(session, context)
        partners.add(session, context, key=HOSPITAL, name="Banc d’essai", secret=WEBHOOK_SECRET)
        catalogue.publish(session, context, read_folder(FOLDER), "essai", "")
    with ExitStack() as stack:
        stack.callback(context.database.dispose)
        webs = [Held(server.environment, tmp_path / f"web-{number}.log") for number in range(2)]
        nursery = Nursery(server.environment, tmp_path / "workers.log")
        stack.callback(nursery.close)
        for web in webs:
            stack.callback(web.close)
            web.start()
        for _ in range(WORKERS):
            nursery.bear("worker")
        for web in webs:
            web.answers()
        yield Place(context, webs, nursery)


@contextmanager
def working(url: str, books: Books) -> Iterator[None]:
    clients = [Client(url, books, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    yield
    for client in clients:
        client.stopping.set()
    for client in clients:
        client.join(120)


def replace_worker(nursery: Nursery) -> None:
    """SIGTERM to the oldest: the job in hand ends, no other begins."""
    old = nursery.children.pop(0)
    os.kill(old, signal.SIGTERM)
    until(lambda: not is_there(old), "the worker did not stop")
    nursery.bear("worker")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def goes_on(books: Books, answers: int) -> None:
    until(lambda: len(books.answered) >= answers, "the work does not go on")


def test_no_request_is_lost_while_every_process_is_replaced(place: Place) -> None:
    books, took = Books(), list[float]()
    with balancing([web.port for web in place.webs]) as front, working(front.url, books):
        for _ in range(ROUNDS):
            for web in place.webs:
                before = len(books.answered)
                took.append(web.stop())
                web.start()
                web.answers()
                replace_worker(place.nursery)
                goes_on(books, before + GOES_ON)
    print(f"\n{front.answered} requests, {len(books.cases)} cases; a process stopped in at most {max(took):.1f} s")
    assert front.lost == []
    assert books.faults == []
    assert books.resent == 0
    assert front.answered > ROUNDS * len(place.webs) * GOES_ON * 2, "too few requests to prove anything"
    settle(place.context)
    balance(place.context, books)


def test_a_request_under_way_ends_and_the_next_one_waits_for_the_next_process(web: Held) -> None:
    form = b"login=personne@loire-sucs.test&password=faux"
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE) as line:
        line.sendall(
            b"POST /connexion HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(form)
        )
        line.sendall(form[:10])
        time.sleep(0.3)
        assert web.process is not None
        os.kill(web.process.pid, signal.SIGTERM)
        time.sleep(0.3)
        with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE) as following:
            following.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            line.sendall(form[10:])
            assert line.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 401", b"HTTP/1.1 403", b"HTTP/1.1 422")
            assert web.process.wait(PATIENCE) == 0
            web.start()
            assert following.recv(12) == b"HTTP/1.1 200"
