"""Connections are shared out among the web processes, so that two clients do not wait for one Python."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from time import sleep

import pytest

from tests.support.patience import PATIENCE

PAIRS, APART = 10, 8
"""Dealt out by chance, eight pairs of ten or more are apart once in eighteen times; nearly all are."""
DEFERENCE = 0.25
"""Seconds, many more than in service: beside other tests a process may wait long for the processor."""
SERVER = """
import os
from gunicorn.app.base import BaseApplication
import jalon.attention
from jalon.attention import Attention

jalon.attention.DEFERENCE = {DEFERENCE}

def tell(environ, start):
    said = str(os.getpid()).encode()
    start("200 OK", [("Content-Length", str(len(said)))])
    return [said]

class Server(BaseApplication):
    def load_config(self):
        options = {"bind": f"fd://{FD}", "workers": 2, "threads": 4, "worker_class": Attention, "loglevel": "warning"}
        for name, value in {**options, "control_socket_disable": True}.items():
            self.cfg.set(name, value)

    def load(self):
        return tell

Server().run()
"""


@pytest.fixture
def address():
    """Where two processes answer with their own number."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        text = SERVER.replace("{FD}", str(listening.fileno())).replace("{DEFERENCE}", str(DEFERENCE))
        with subprocess.Popen([sys.executable, "-c", text], pass_fds=[listening.fileno()]) as server:
            yield listening.getsockname()
            server.send_signal(signal.SIGTERM)


def _answered_by(opened, address):
    """The process at the other end of a new connection, which stays open."""
    line = opened.enter_context(socket.create_connection(address, timeout=PATIENCE))
    line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    with line.makefile("rb") as answer:
        head = dict(row.split(b":", 1) for row in iter(answer.readline, b"\r\n") if b":" in row)
        return int(answer.read(int(head[b"Content-Length"])))


def _both_answer(address):
    seen = set()
    while len(seen) < 2:
        with ExitStack() as opened:
            seen.add(_answered_by(opened, address))
    return seen


def test_two_clients_are_answered_by_two_processes(address):
    processes = _both_answer(address)
    assert os.getpid() not in processes
    apart = 0
    for _ in range(PAIRS):
        sleep(2 * DEFERENCE)  # nobody defers to anybody any more
        with ExitStack() as opened:
            apart += len({_answered_by(opened, address), _answered_by(opened, address)}) == 2
    assert apart >= APART
