"""Where the lives of runs are played: one database, processes that share nothing but it, and looks at its rows."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select

from base.calendars import Calendar
from base.clock import ManualClock
from base.database import Database, metadata
from engine import tables
from engine.engine import Engine
from engine.environment import Environment
from tests.engine.house import Queue
from tests.engine.life import pathway

MORNING = datetime(2026, 11, 24, 9, tzinfo=UTC)
TENANT = "demo"


class Place:
    """A database with the two versions of the pathway in it, for one example after the other."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, ManualClock(MORNING)
        first = Engine(self.environment(), TENANT)
        with database.begin() as session:
            self.versions = [first.deploy(session, files) for files in (pathway(), pathway("extra"))]
        self.known = first.library.known

    def environment(self) -> Environment:
        return Environment(self.clock, Calendar(), {}, Queue())

    def engine(self) -> Engine:
        """A process: of what others know it has only the parsed files, which nothing can change."""
        engine = Engine(self.environment(), TENANT)
        engine.library.known = self.known
        return engine

    def clear(self) -> None:
        self.clock.instant = MORNING
        with self.database.begin() as session:
            for table in metadata.sorted_tables:
                if table.key not in ("definition", "definition_file"):
                    session.execute(delete(table))

    # --- what stands in the rows -------------------------------------------------------------------------------------

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.execute(select(table).where(table.c.tenant == TENANT, *where)))

    def open_tasks(self, run: str) -> list[Any]:
        task = tables.task
        found = self.rows(task, task.c.run == run, task.c.state == "open")
        return sorted(found, key=lambda row: (row.token, row.element))

    def token(self, run: str, element: str) -> int:
        found = self.rows(tables.token, tables.token.c.run == run, tables.token.c.element == element)
        return int(found[0].id)

    def incident(self, run: str, element: str) -> str:
        row = tables.incident.c
        found = self.rows(tables.incident, row.run == run, row.element == element, row.state == "open")
        assert len(found) == 1
        return str(found[0].id)
