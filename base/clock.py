"""Where the time comes from: the machine, or a file that a test or a rehearsal moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time, always aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """A simulated clock: the instant (ISO 8601, with an offset) that stands in a file, read at each call.

    Several processes that share the file share the time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text("utf-8").strip()).astimezone(UTC)

    def set(self, instant: datetime) -> None:
        """Move the clock; the file is replaced whole, so that no reader sees half an instant."""
        draft = self.path.with_suffix(".draft")
        draft.write_text(instant.astimezone(UTC).isoformat(), "utf-8")
        draft.replace(self.path)


class ManualClock:
    """A clock that only moves when told to, for runs in memory and unit tests."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by
