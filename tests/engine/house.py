"""An engine on a database with one pathway in it, and the queue that it asks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import ManualClock
from base.database import Database
from base.jobs import JobQueue
from engine import tables
from engine.engine import Engine
from engine.environment import Environment
from tests.support.models import document, message, process

CASE = "0000000000case01"
LETTER = message("m", "lettre")


class Queue:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def enqueue(self, session: Session, kind: str, payload: Mapping[str, str], **options: Any) -> str:
        self.asked.append((kind, payload))
        return "job"

    def cancel(self, session: Session, dedupe_key: str) -> int:
        return 0


class House:
    """An engine on a database, with one pathway in it."""

    def __init__(self, database: Database, clock: ManualClock, operations: Mapping[str, Any] | None = None) -> None:
        self.database, self.clock, self.queue = database, clock, Queue()
        port: JobQueue = self.queue
        self.engine = Engine(Environment(clock, Calendar(), operations or {}, port), "demo")

    def deploy(self, *parts: str, given: str = LETTER, **files: bytes) -> str:
        bundle = {"test.bpmn": document(given, process("p", *parts)), **files}
        with self.database.begin() as session:
            return self.engine.deploy(session, bundle)

    def begin(
        self, digest: str, variables: Mapping[str, Any] | None = None, *, run: str = CASE, message: str | None = None
    ) -> None:
        given = {"dossier": run, **(variables or {})}
        with self.database.begin() as session:
            self.engine.start(
                session, run=run, definition=digest, process="p", message=message, variables=given, actor="anne"
            )

    def tasks(self, state: str = "open") -> list[Any]:
        with self.database.read() as session:
            found = session.execute(
                select(tables.task).where(tables.task.c.state == state).order_by(tables.task.c.token)
            )
            return list(found)

    def complete(self, element: str, **values: Any) -> None:
        task = next(task for task in self.tasks() if task.element == element)
        with self.database.begin() as session:
            self.engine.complete(session, task=task.id, variables=values, actor="anne")

    def correlate(self, name: str, key: str = CASE, id: str = "id1", **values: Any) -> str | None:
        with self.database.begin() as session:
            return self.engine.correlate(session, message=name, key=key, variables=values, actor="chu", message_id=id)

    def look(self, run: str = CASE) -> Any:
        with self.database.read() as session:
            return self.engine.look(session, run)

    def journal(self, run: str = CASE) -> list[str]:
        with self.database.read() as session:
            return [entry.kind for entry in self.engine.history(session, run)]

    def variables(self) -> Mapping[str, Any]:
        return self.look().scopes[0].variables

    def count(self, table: Any) -> int:
        with self.database.read() as session:
            return len(session.execute(select(table)).all())
