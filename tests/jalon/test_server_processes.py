"""Several web processes on one database: one port, one announcement, and every process answers."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.support.server import Server, running
from tests.support.town import eventually

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    made = Server(tmp_path, f"sqlite:///{tmp_path / 'jalon.db'}", NOW, more={"JALON_WEB_PROCESSES": "3"})
    made.run("db", "upgrade")
    return made


def processes(server: Server) -> int:
    """How many processes of this server answer: the children of the one that watches."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    return sum(parent == server.pid for _, parent in pairs)


def test_as_many_processes_answer_as_the_settings_say(server: Server) -> None:
    with running(server):
        eventually(lambda: processes(server) == 3 or None, "three processes never answered", 20)
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: httpx.get(f"{server.url}/health", timeout=20), range(60)))
    assert {answer.status_code for answer in answers} == {200}
    assert server.log().count("Jalon répond à") == 1
