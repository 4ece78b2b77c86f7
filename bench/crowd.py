"""A crowd at work: 50 professionals read their lists and tasks, write drafts and answer, before 100 000 open tasks.

Each is a doctor of the town, who begins cases of their own and answers them, and stops to think as people do. What is
looked for besides the time: a task that still stands in somebody's list after its answer was taken, a draft that is
not read back as it was written.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from bench.client import ANSWER, STARTING, TRAITS, Line
from bench.figures import Figures
from bench.over_http import Bench
from bench.town import Size, Town
from people.sign_in import accounts, sessions
from people.sign_in.sessions import Opening
from tests.support.postgres import DURABLE, running_cluster

CROWD, CLIENTS = 50, 2
"""Professionals, and the processes that play them."""
SIZE = Size(1_000, 100_000)
THINKING = (2.0, 6.0)
"""Seconds between two acts of one person."""
SECONDS, WARM_UP = 60.0, 20.0
WANTED = 150.0
READS, ANSWERS = ("list", "task page", "draft read"), ("answer", "draft")
DATABASES = ("sqlite", "postgresql")


@dataclass
class Seen:
    """What one process's people did and met."""

    milliseconds: list[tuple[str, float]] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    stale: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Badge:
    """By what a person who is signed in is known."""

    name: str
    token: str
    csrf: str


class Professional:
    """One doctor, on a line of their own."""

    def __init__(self, url: str, badge: Badge, seen: Seen, end: float) -> None:
        self.url, self.badge, self.seen, self.end = url, badge, seen, end
        self.dice, self.turn = random.Random(badge.name), 0
        self.cookie = {"cookie": f"jalon_session={badge.token}"}
        self.change = {"content-type": "application/json", "x-csrf-token": badge.csrf, **self.cookie}

    def work(self) -> None:
        try:
            self._think()
            while time.monotonic() < self.end:
                self._case()
        except Exception as error:  # noqa: BLE001 - told in the figures
            self.seen.faults.append(f"{self.badge.name}: {error!r}"[:300])

    def _case(self) -> None:
        """Begin a case, and answer its three tasks."""
        self.turn += 1
        who = {"nom": f"PAT-FOULE-{self.badge.name}-{self.turn % 20}", **TRAITS}
        wanted = {"pathway": "trois-taches", "identity": who, "role": "medecin_traitant", "answers": STARTING}
        key = {"idempotency-key": f"{self.badge.token[:12]}-{self.turn}"}
        task = json.loads(self._ask("start", "POST", "/api/cases", json.dumps(wanted), self.change | key, 201))["task"]
        for _ in range(3):
            if task is None or time.monotonic() >= self.end:
                return
            task = self._task(task)

    def _task(self, task: str) -> str | None:
        self._list("moi")
        self._ask("task page", "GET", f"/taches/{task}", "", self.cookie, 200)
        self._think()
        self._draft(task)
        self._think()
        case = json.loads(self._ask("task", "GET", f"/api/tasks/{task}", "", self.cookie, 200))["case"]
        form = urlencode({"_csrf": self.badge.csrf, **ANSWER})
        posted = {"content-type": "application/x-www-form-urlencoded", **self.cookie}
        self._ask("answer", "POST", f"/taches/{task}", form, posted, 303)
        self.seen.answered.add(task)
        rows = self._list("moi")
        self._list(self.dice.choice(("roles", "retard")))
        return next((str(row["id"]) for row in rows if row["case"] == case), None)

    def _draft(self, task: str) -> None:
        """Type something; it is read back as it was typed."""
        typed = {"commentaire": f"Vu {self.turn}, {self.dice.random():.9f}"}
        self._ask("draft", "PUT", f"/api/tasks/{task}/draft", json.dumps({"answers": typed}), self.change, 200)
        kept = json.loads(self._ask("draft read", "GET", f"/api/tasks/{task}/draft", "", self.cookie, 200))
        self.seen.lost += {name: kept["answers"].get(name) for name in typed} != typed

    def _list(self, tab: str) -> list[dict[str, Any]]:
        """Whatever anybody's answer was taken for before the list was asked must not stand in it."""
        over = set(self.seen.answered)
        found = json.loads(self._ask("list", "GET", f"/api/tasks?list={tab}", "", self.cookie, 200))["tasks"]
        self.seen.stale += sum(row["id"] in over for row in found)
        self._think()
        return list(found)

    def _ask(self, name: str, method: str, path: str, body: str, headers: dict[str, str], wanted: int) -> bytes:
        began = time.perf_counter()
        line = Line(self.url)  # as a browser whose connection was closed while its owner thought
        status, _, said = line._ask(method, path, body.encode(), headers)
        line.close()
        self.seen.milliseconds.append((name, (time.perf_counter() - began) * 1000))
        if status != wanted:
            raise AssertionError(f"{status} for {method} {path}: {said[:200]!r}")
        return said

    def _think(self) -> None:
        time.sleep(self.dice.uniform(*THINKING))


def measure(seconds: float = SECONDS) -> Iterator[Figures]:
    """Each database that is named on the command line, else both."""
    chosen = [name for name in DATABASES if name in sys.argv] or DATABASES
    places: dict[str, Callable[[Path], Iterator[Figures]]] = {
        "sqlite": lambda folder: _crowd(folder, f"sqlite:///{folder}/jalon.db", "SQLite", seconds),
        "postgresql": lambda folder: _on_postgresql(folder, seconds),
    }
    for name in chosen:
        with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
            yield from places[name](Path(folder))


def _on_postgresql(folder: Path, seconds: float) -> Iterator[Figures]:
    with running_cluster(DURABLE) as cluster:
        yield from _crowd(folder, cluster.create("crowd"), "PostgreSQL", seconds)


def _crowd(folder: Path, url: str, database: str, seconds: float) -> Iterator[Figures]:
    bench = Bench(folder, url)
    town = Town(bench.context, SIZE)
    town.build()
    badges = list(_signed_in(bench, town.people["medecin_traitant"][:CROWD]))
    with bench.open():
        _play(bench.server.url, badges, WARM_UP)
        bench.look_at_tables()
        _play(bench.server.url, badges, WARM_UP)  # whose plans PostgreSQL forgets when it looks at its tables
        yield _told(f"{CROWD} professionals, {SIZE.open} open tasks, {database}", seconds, bench.server.url, badges)


def _signed_in(bench: Bench, people: list[str]) -> Iterator[Badge]:
    parts = bench.context
    with parts.database.begin() as session:
        for one in people:
            account = accounts.open_without_password(session, parts.clock, parts.tenant, one, f"{one}@foule.test")
            opening = Opening(account, "password")
            token, known = sessions.open_session(session, parts.clock, parts.vault, parts.tenant, opening)
            yield Badge(one, token, known.csrf)


def _told(setting: str, seconds: float, url: str, badges: list[Badge]) -> Figures:
    figures = Figures(setting, len(badges))
    seen = _play(url, badges, seconds)
    for one in seen:
        for name, milliseconds in one.milliseconds:
            figures.add(name.replace(" ", "_"), milliseconds)
            if name in (*READS, *ANSWERS):
                figures.add("reads" if name in READS else "answers", milliseconds)
    figures.finish(sum(len(one.answered) for one in seen) // 3, seconds)
    figures.note(
        answered=sum(len(one.answered) for one in seen), stale=sum(one.stale for one in seen),
        lost=sum(one.lost for one in seen), faults=sum(len(one.faults) for one in seen), wanted_p95_ms=WANTED,
    )  # fmt: skip
    for fault in [fault for one in seen for fault in one.faults][:5]:
        print(f"  {fault}", flush=True)
    return figures


def _play(url: str, badges: list[Badge], seconds: float) -> list[Seen]:
    """Side by side in processes of their own: none waits for another's Python more than it must."""
    spawn = get_context("spawn")
    ends = [spawn.Pipe() for _ in range(CLIENTS)]
    played = [
        spawn.Process(target=_play_some, args=(theirs, url, badges[rank::CLIENTS], seconds), daemon=True)
        for rank, (_, theirs) in enumerate(ends)
    ]
    for process in played:
        process.start()
    seen: list[Seen] = [ours.recv() for ours, _ in ends]
    for process in played:
        process.join()
    return seen


def _play_some(end: Connection, url: str, badges: list[Badge], seconds: float) -> None:
    seen, until = Seen(), time.monotonic() + seconds
    threads = [Thread(target=Professional(url, badge, seen, until).work, daemon=True) for badge in badges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end.send(seen)
