"""Jalon through HTTP as its users meet it: a webhook or the doctor begins the case, the doctor answers three tasks."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from base import statistics
from base.database import Database, metadata
from bench.client import DOCTORS, PARTNER, login, play_side_by_side
from bench.figures import Figures
from jalon.demo import load, sign_ins
from jalon.demo.names import rpps
from pathways import catalogue
from pathways.context import build
from pathways.library import read_folder
from people import persons
from people.sign_in import accounts
from tests.support.keys import WEBHOOK_SECRET
from tests.support.server import Server, running
from webhooks import partners

FOLDER = Path(__file__).parent / "trois-taches"
FEED = (
    "run", "variable", "token", "scope", "subscription", "timer", "task", "task_candidate", "outbox", "journal",
    "incident", "message_buffer", "reception", "delivery", "job", "case", "patient", "circle_member", "access_log",
)  # fmt: skip
"""The tables that cases write."""


class Bench:
    """One server on one database, with a doctor who is signed in and a partner who posts."""

    def __init__(self, folder: Path, database_url: str, processes: int = 1) -> None:
        more = {"JALON_WEB_PROCESSES": str(processes)}
        self.server = Server(folder, database_url, datetime.now(UTC), more=more)
        self.server.environ.pop("JALON_CLOCK_FILE")
        self.server.run("db", "upgrade")
        self.context = build(self.server.settings)
        self.turns = count(1)
        with self.context.database.begin() as session:
            load.add_people(session, self.context)
            self._open_accounts(session)
            partners.add(session, self.context, key=PARTNER, name="Banc d’essai", secret=WEBHOOK_SECRET)
            catalogue.publish(session, self.context, read_folder(FOLDER), "bench", "")

    def _open_accounts(self, session: Session) -> None:
        """One for the doctor of each client."""
        for number in DOCTORS:
            doctor = persons.by_rpps(session, self.context.tenant, rpps(number))
            if doctor is None:
                raise AssertionError(f"no doctor {number}")
            place = (session, self.context.clock, self.context.tenant)
            accounts.open_account(*place, doctor.id, login(number), sign_ins.PASSWORD)

    @contextmanager
    def open(self) -> Iterator[None]:
        with running(self.server):
            yield
        self.context.database.dispose()

    def look_at_tables(self) -> None:
        """Let the planner learn what the warm-up wrote, as autovacuum and our worker have it do in production."""
        statistics.renew(self.context.database)
        if not self.context.database.is_sqlite:
            with self.context.database.begin() as session:
                session.execute(text("ANALYZE"))

    def measure(self, setting: str, clients: int, seconds: float, way: str = "webhook") -> Figures:
        """Whole cases, one after the other in each client, for so long; begun by a webhook or by the doctor."""
        figures = Figures(setting, clients)
        before, busy = rows_and_bytes(self.context.database), self.processor()
        played = play_side_by_side(self.server.url, clients, seconds, next(self.turns), way)
        for one in played:
            for name, milliseconds in one.milliseconds:
                figures.add(name, milliseconds)
        figures.finish(sum(one.cases for one in played), max(one.seconds for one in played))
        busy = self.processor() - busy
        after = rows_and_bytes(self.context.database)
        figures.note(
            server_cpu_ms_per_case=1000 * busy / figures.cases,
            client_cpu_ms_per_case=1000 * sum(one.processor for one in played) / figures.cases,
        )
        figures.note(
            rows_per_case=(after[0] - before[0]) / figures.cases, bytes_per_case=(after[1] - before[1]) / figures.cases
        )
        return figures

    def processor(self) -> float:
        """Seconds of the processor that all processes of the server have used; the database server's are not in it."""
        return sum(processor_seconds(pid) for pid in processes_of(self.server.pid or 0))

    def idle_memory(self) -> list[float]:
        """Megabytes that each process of the server has for itself, shared pages told apart among their holders."""
        return sorted(proportional_megabytes(pid) for pid in processes_of(self.server.pid or 0))


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


def processes_of(first: int) -> list[int]:
    """A process and those that it started."""
    started = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    return [first, *(each for child in started for each in processes_of(int(child)))]


def processor_seconds(pid: int) -> float:
    """In our code and in the system's for us, of all threads."""
    ours, systems = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    return (int(ours) + int(systems)) / os.sysconf("SC_CLK_TCK")


def proportional_megabytes(pid: int) -> float:
    """Pss: private pages whole, shared ones by their share."""
    said = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return int(re.search(r"^Pss:\s+(\d+)", said, re.MULTILINE)[1]) / 1024  # type: ignore[index]  # Linux says it
