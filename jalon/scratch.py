"""An engine that stands alone, for commands that look at files and touch no installation."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock, SystemClock
from engine.engine import Engine
from engine.environment import Environment
from pathways.operations import OPERATIONS


class NoQueue:
    """A queue that keeps nothing: whoever plays in memory has no worker."""

    def enqueue(
        self,
        session: Session,
        kind: str,
        payload: Mapping[str, str],
        *,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
        serial_key: str | None = None,
        priority: int = 0,
    ) -> str:
        return kind

    def cancel(self, session: Session, dedupe_key: str) -> int:
        return 0


def scratch_engine(clock: Clock | None = None) -> Engine:
    """An engine with the real operations and calendar of Paris, over no database."""
    environment = Environment(clock or SystemClock(), Calendar("Europe/Paris", ""), OPERATIONS, NoQueue())
    return Engine(environment, "essai")
