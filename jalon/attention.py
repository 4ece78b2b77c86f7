"""gunicorn's threads, each of which stays with a connection for a moment: whoever has just asked often asks again."""

from select import POLLIN, poll
from socket import socket
from time import sleep

from gunicorn.workers.gthread import TConn, ThreadWorker

MOMENT = 20
"""Milliseconds. A browser asks for what a page needs, a program for its next step; people take longer to read."""
DEFERENCE = 0.001
"""Seconds: what a process lets pass before it takes one more connection, for each doubling of those that it has."""


class Attention(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Without this each request goes from the main thread to another and back, and both wait for Python's one lock.

    Half of the threads stay free for those who ask for the first time.
    """

    def init_process(self) -> None:
        self.held: set[TConn] = set()
        super().init_process()

    def accept(self, listener: socket) -> None:
        """Who has fewer connections is to take the next one: two clients of one process wait for its Python's lock, of
        two they do not. The system wakes all processes, and cares not which comes first.
        """
        if self.cfg.workers > 1:
            sleep(DEFERENCE * self.nr_conns.bit_length())
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Answer what the connection asks, and what it asks within a moment; what becomes of it is gunicorn's word."""
        self.held.add(conn)
        try:
            goes_on = super().handle(conn)
            while goes_on is True and self._asks_again(conn):
                goes_on = super().handle(conn)
        finally:
            self.held.discard(conn)
        return goes_on

    def _asks_again(self, conn: TConn) -> bool:
        if not self.alive or len(self.held) > self.cfg.threads // 2:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        waiting = poll()
        waiting.register(conn.sock, POLLIN)
        return bool(waiting.poll(MOMENT))
