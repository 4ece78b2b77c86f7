"""Whose turn it is to write: SQLite takes one writer at a time, and has the others sleep ever longer between looks."""

import fcntl
import os
import threading
import weakref
from time import monotonic, sleep

PATIENCE = 10.0
SOON, LATER = 0.00005, 0.0005
"""Seconds between two looks at another process's turn: a turn takes a few milliseconds, and ends unseen on average half
a look before the next begins."""
HURRY = 0.005
"""Seconds of looking often."""


class Turn:
    """Writers wait for each other here: threads of one process are woken at once, one of each process looks often.

    It only keeps order. Whoever never gets a turn goes to SQLite without one, and is told there that it is locked.
    The file beside the database is locked, never written; the system frees it when its holder dies.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._among_threads = threading.Lock()
        self._file: int | None = None

    def take(self) -> bool:
        """Whether it is ours until it is given back."""
        began = monotonic()
        if not self._among_threads.acquire(timeout=PATIENCE):
            return False
        try:
            file = self._open()
            while not _is_free(file):
                waited = monotonic() - began
                if waited > PATIENCE:
                    raise TimeoutError
                sleep(SOON if waited < HURRY else LATER)
        except OSError:
            self._among_threads.release()
            return False
        return True

    def give_back(self) -> None:
        fcntl.flock(self._open(), fcntl.LOCK_UN)
        self._among_threads.release()

    def _open(self) -> int:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
        return self._file


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
