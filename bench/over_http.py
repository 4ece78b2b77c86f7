"""Jalon through HTTP as its users meet it: a signed webhook starts the case, a signed-in person answers three tasks."""

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
from sqlalchemy import func, select, text

from base.database import Database, metadata
from bench.figures import Figures
from jalon.demo import MAIL_DOMAIN, load, sign_ins
from jalon.demo.discharges import STORIES, message
from pathways import catalogue
from pathways.context import build
from pathways.library import read_folder
from tests.support.keys import WEBHOOK_SECRET
from tests.support.partner import Partner
from tests.support.server import Server, running
from tests.support.visitor import Visitor
from webhooks import partners

FOLDER = Path(__file__).parent / "trois-taches"
PARTNER = "banc"
DOCTORS = ("medecin", "medecin2")
NEXT_TASK = re.compile(r"/taches/(\w+)")
ANSWER = {"systolique": "142", "commentaire": "RAS", "suite": "poursuivre"}
FEED = (
    "run", "variable", "token", "scope", "subscription", "timer", "task", "task_candidate", "outbox", "journal",
    "incident", "message_buffer", "reception", "delivery", "job", "case", "patient", "circle_member", "access_log",
)  # fmt: skip
"""The tables that cases write."""


class Bench:
    """One server on one database, with a doctor who is signed in and a partner who posts."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.server = Server(folder, database_url, datetime.now(UTC))
        self.server.environ.pop("JALON_CLOCK_FILE")
        self.server.run("db", "upgrade")
        self.context = build(self.server.settings)
        self.numbers = count(1)
        with self.context.database.begin() as session:
            load.add_people(session, self.context)
            partners.add(session, self.context, key=PARTNER, name="Banc d’essai", secret=WEBHOOK_SECRET)
            catalogue.publish(session, self.context, read_folder(FOLDER), "bench", "")

    @contextmanager
    def open(self) -> Iterator[None]:
        with running(self.server):
            yield
        self.context.database.dispose()

    def look_at_tables(self) -> None:
        """Let PostgreSQL learn what the warm-up wrote, as its autovacuum does within a minute in production."""
        if not self.context.database.is_sqlite:
            with self.context.database.begin() as session:
                session.execute(text("ANALYZE"))

    def measure(self, setting: str, clients: int, seconds: float) -> Figures:
        """Whole cases, one after the other in each client, for so long."""
        figures = Figures(setting, clients)
        before = rows_and_bytes(self.context.database)
        end = time.perf_counter() + seconds
        done = [0] * clients
        threads = [threading.Thread(target=self._client, args=(figures, end, done, one)) for one in range(clients)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        figures.finish(sum(done), time.perf_counter() - began)
        after = rows_and_bytes(self.context.database)
        figures.note(
            rows_per_case=(after[0] - before[0]) / figures.cases, bytes_per_case=(after[1] - before[1]) / figures.cases
        )
        return figures

    def _client(self, figures: Figures, end: float, done: list[int], one: int) -> None:
        client = Client(self.server.url, figures, one)
        while time.perf_counter() < end:
            client.case(next(self.numbers))
            done[one] += 1


class Line:
    """One connection kept open, as thin as it can be: what is timed is the server."""

    def __init__(self, url: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=20)

    def post(self, path: str, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """The status and the `Location` of the answer."""
        self.connection.request("POST", path, body.encode(), dict(headers))
        response = self.connection.getresponse()
        response.read()
        return response.status, response.headers.get("location", "")


class Client:
    """One client with its own connections: plays the hospital, then the patients' own doctor."""

    def __init__(self, url: str, figures: Figures, one: int) -> None:
        self.figures, self.rank = figures, one % len(DOCTORS)
        self.doctor = Visitor(url, f"{DOCTORS[self.rank]}@{MAIL_DOMAIN}", sign_ins.PASSWORD)
        self.csrf = self.doctor.client.get("/api/session").json()["csrf"]
        self.hospital = Partner(url, PARTNER, _Now())
        self.http = httpx.Client(base_url=url, timeout=20)
        self.line = Line(url)
        cookies = "; ".join(f"{name}={value}" for name, value in self.doctor.client.cookies.items())
        self.form = {"content-type": "application/x-www-form-urlencoded", "cookie": cookies}

    def case(self, number: int) -> None:
        venue = f"B{number:08d}"
        began = time.perf_counter()
        location = self._post(number, venue)
        self.figures.add("post_to_202", (time.perf_counter() - began) * 1000)
        case = self._case_of(location)
        task = self._open_task(case)
        self.figures.add("post_to_task", (time.perf_counter() - began) * 1000)
        for _ in range(3):
            if task is None:
                raise AssertionError("the case ended too soon")
            task = self._complete(task)

    def _post(self, number: int, venue: str) -> str:
        person = replace(
            STORIES[0], family_name=f"PAT-BANC-{number}", status="PROV", diagnoses=("Z00",), doctor=self.rank + 1
        )
        body = json.dumps(message(person, datetime.now(UTC), f"banc-{number}", venue), ensure_ascii=False)
        headers = {"content-type": "application/json", **self.hospital.sign(f"banc-{number}", body)}
        status, location = self.line.post(f"/webhooks/{PARTNER}/events", body, headers)
        if status != 202:
            raise AssertionError(f"{status} for the message {number}")
        return location

    def _case_of(self, location: str) -> str:
        """Ask the status until the case is there, as the hospital would, only more often."""
        while True:
            said = self.http.get(location, headers=self.hospital.sign("look", "")).json()
            if said["state"] in ("refused", "failed"):
                raise AssertionError(said)
            if said.get("case"):
                return str(said["case"])
            time.sleep(0.002)

    def _open_task(self, case: str) -> str | None:
        found = (str(row["id"]) for row in self.doctor.tasks("moi") if row["case"] == case)
        return next(found, None)

    def _complete(self, task: str) -> str | None:
        """Send the page's own form; the response leads to the next task of the list, if there is one."""
        with self.figures.timed("completion"):
            status, location = self.line.post(f"/taches/{task}", urlencode({"_csrf": self.csrf, **ANSWER}), self.form)
        if status != 303:
            raise AssertionError(f"{status} for the form of {task}")
        following = NEXT_TASK.search(location)
        return following[1] if following else None


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def rows_and_bytes(database: Database) -> tuple[int, int]:
    """All rows of what cases write, and the bytes of their values as text."""
    rows = total = 0
    with database.read() as session:
        for name in FEED:
            table = metadata.tables.get(name)
            if table is None:
                continue
            rows += session.scalar(select(func.count()).select_from(table)) or 0
            lengths = [func.coalesce(func.length(column), 0) for column in table.columns]
            if database.is_sqlite:
                total += session.scalar(select(func.coalesce(func.sum(sum(lengths[1:], lengths[0])), 0))) or 0
            else:
                total += (
                    session.scalar(select(func.coalesce(func.sum(func.pg_column_size(table.table_valued())), 0))) or 0
                )
    return rows, total
