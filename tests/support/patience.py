"""How long a test waits for what another process, thread or page does: only a failure ever takes so long."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0
"""Seconds; generous, for a machine that does much else."""
T = TypeVar("T")


def eventually(look: Callable[[], T | None], complaint: str, patience: float = PATIENCE) -> T:
    """Look again until something is there."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise AssertionError(complaint)
        time.sleep(0.05)


def until(holds: Callable[[], object], complaint: str, patience: float = PATIENCE) -> None:
    """Look again until it holds."""
    eventually(lambda: holds() or None, complaint, patience)
