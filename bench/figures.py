"""The figures of one measured setting: medians, 95th percentiles, cases per second."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
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
