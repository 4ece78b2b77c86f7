"""Several web processes on one database: one port, one announcement, and every process answers."""

import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from tests.support import loopback
from tests.support.patience import PATIENCE, until
from tests.support.server import Server, running

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    made = Server(folder, f"sqlite:///{folder / 'jalon.db'}", NOW, more={"JALON_WEB_PROCESSES": "3"})
    made.prepare()
    with running(made):
        yield made


def processes(server: Server) -> int:
    """How many processes of this server answer: the children of the one that watches."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    return sum(parent == server.pid for _, parent in pairs)


def asked(server: Server, times: int) -> bytes:
    request = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n"
    return (request * times).encode()


def answered(line: socket.socket, times: int) -> int:
    """How many of so many answers come, each of them good."""
    read, said = line.makefile("rb"), 0
    for _ in range(times):
        assert read.readline() == b"HTTP/1.1 200 OK\r\n"
        headers = dict(header.lower().split(b": ") for header in iter(read.readline, b"\r\n"))
        said += bool(read.read(int(headers[b"content-length"])))
    return said


def test_as_many_processes_answer_as_the_settings_say(server: Server) -> None:
    until(lambda: processes(server) == 3, "three processes never answered")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: loopback.get(f"{server.url}/health"), range(60)))
    assert {answer.status_code for answer in answers} == {200}
    until(lambda: "Jalon répond à" in server.log(), "nobody announced the address")
    assert server.log().count("Jalon répond à") == 1


def test_who_keeps_a_connection_open_keeps_nobody_waiting(server: Server) -> None:
    """Three times as many lines as there are threads, each asking again and again, some before they were answered."""
    with ExitStack() as lines:
        place = ("127.0.0.1", server.port)
        opened = [lines.enter_context(socket.create_connection(place, timeout=PATIENCE)) for _ in range(72)]
        for times in (1, 1, 3):
            for line in opened:
                line.sendall(asked(server, times))
            assert [answered(line, times) for line in opened] == [times] * len(opened)
