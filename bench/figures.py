"""The figures of one measured setting: medians, 95th percentiles, cases per second, bytes."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


class Figures:
    """Collects milliseconds by name; several threads may add to it."""

    def __init__(self, setting: str, clients: int) -> None:
        self.setting, self.clients = setting, clients
        self.cases = 0
        self.seconds = 0.0
        self.notes: dict[str, float] = {}
        self._milliseconds: dict[str, list[float]] = defaultdict(list)
        self._lock = Lock()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.add(name, (time.perf_counter() - began) * 1000)

    def add(self, name: str, milliseconds: float) -> None:
        with self._lock:
            self._milliseconds[name].append(milliseconds)

    def finish(self, cases: int, seconds: float) -> None:
        self.cases, self.seconds = cases, seconds

    def note(self, **figures: float) -> None:
        self.notes.update(figures)

    def median(self, name: str) -> float:
        return statistics.median(self._milliseconds[name])

    def p95(self, name: str) -> float:
        ordered = sorted(self._milliseconds[name])
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]

    def row(self) -> dict[str, str | int | float]:
        """One JSON line: milliseconds rounded to the microsecond."""
        row: dict[str, str | int | float] = {"setting": self.setting, "clients": self.clients, "cases": self.cases}
        row["cases_per_second"] = round(self.cases / self.seconds, 1) if self.seconds else 0.0
        for name in sorted(self._milliseconds):
            row[f"{name}_median_ms"] = round(self.median(name), 3)
            row[f"{name}_p95_ms"] = round(self.p95(name), 3)
        return row | {name: round(value, 1) for name, value in self.notes.items()}


@dataclass
class Timing:
    """What one small thing costs: microseconds of each call, or bytes, or calls per second."""

    setting: str
    microseconds: list[float] = field(default_factory=list)
    wanted: float = 0.0
    bytes_used: float = 0.0
    per_second: float = 0.0
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.microseconds)

    @property
    def p95(self) -> float:
        return sorted(self.microseconds)[min(len(self.microseconds) - 1, int(len(self.microseconds) * 0.95))]

    def row(self) -> dict[str, str | float]:
        """One JSON line."""
        row: dict[str, str | float] = {"setting": self.setting}
        if self.microseconds:
            row |= {"median_us": round(self.median, 2), "p95_us": round(self.p95, 2), "calls": len(self.microseconds)}
        named = {"wanted_us": self.wanted, "bytes": self.bytes_used, "per_second": self.per_second}
        return row | {name: round(value, 2) for name, value in {**named, **self.notes}.items() if value}

    def line(self) -> str:
        """As people read it."""
        if self.bytes_used:
            return f"{self.setting:50} {self.bytes_used / 1024:10.1f} kB"
        if self.per_second:
            return f"{self.setting:50} {self.per_second:10.0f} a second"
        wanted = f"   wanted: under {self.wanted:.0f}" if self.wanted else ""
        notes = "".join(f"   {name.replace('_', ' ')} {value:.2f}" for name, value in self.notes.items())
        return f"{self.setting:50} {self.median:10.1f} µs   p95 {self.p95:10.1f}{wanted}{notes}"
