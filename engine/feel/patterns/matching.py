"""What every way to run a pattern answers."""

from collections.abc import Iterator
from typing import Protocol


class Meter(Protocol):
    """What matching may cost."""

    def spend(self, steps: int = 1) -> None: ...
    def look(self) -> None: ...


class Match(Protocol):
    """One match in a text: group 0 is all of it; a group that took no part is None."""

    def group(self, index: int) -> str | None: ...
    def start(self) -> int: ...
    def end(self) -> int: ...


class Pattern(Protocol):
    """A compiled pattern; may be used from several threads at once."""

    groups: int

    def find(self, text: str, meter: Meter) -> Iterator[Match]: ...
