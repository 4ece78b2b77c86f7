"""SQLite's write-ahead log: on the disk before anybody is told that something is done, but after the writer's turn.

SQLite itself (`synchronous=FULL`) waits for the disk within the transaction, and all who write wait with it. When it is
told NORMAL, the waiting is ours: what is in the log is whole or not at all, and a wait covers all that came before it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WAITS = frozenset({"FULL", "EXTRA"})
"""How sure SQLite is told to be when each commit is to survive a power cut."""


class WriteAhead:
    """The log of one database file. It may be another file after its last user has left: it is opened each time."""

    def __init__(self, database: str) -> None:
        self.path = f"{database}-wal"

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """The log as it is now, asked for while its connection is open; called, it waits until the disk has it all.

        It then raises OSError when the disk refuses. Without a log, SQLite has waited itself.
        """
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield lambda: None
            return
        try:
            yield lambda: os.fdatasync(file)
        finally:
            os.close(file)
