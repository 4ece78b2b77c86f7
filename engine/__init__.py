"""The engine: gives BPMN its meaning and runs it. It knows nothing of care, people or HTTP."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from base.database import Database
from engine.environment import Environment
from engine.pictures import Entry, RunPicture


class Engine:
    """The verbs of the engine, for one CPTS; the caller opens the transaction, the engine never commits."""

    def __init__(self, environment: Environment, tenant: str) -> None:
        self.environment, self.tenant = environment, tenant

    def inspect(self, files: Mapping[str, bytes]) -> Any:
        """Read and check a pathway's files in memory. Raises Refused with all findings."""
        raise NotImplementedError

    def deploy(self, session: Session, files: Mapping[str, bytes]) -> str:
        """Store a pathway's files; returns the definition's digest. Raises Refused with all findings."""
        raise NotImplementedError

    def definition(self, session: Session, digest: str) -> Any:
        """The definition of that digest. Raises NotFound."""
        raise NotImplementedError

    def start(
        self,
        session: Session,
        *,
        run: str,
        definition: str,
        process: str,
        message: str | None,
        variables: Mapping[str, Any],
        actor: str,
    ) -> None:
        """Start a run. Raises Conflict when the run exists already, NotFound for an unknown process or message."""
        raise NotImplementedError

    def complete(self, session: Session, *, task: str, variables: Mapping[str, Any], actor: str) -> None:
        """Answer a task. Raises Conflict when it is no longer open, NotFound."""
        raise NotImplementedError

    def correlate(
        self, session: Session, *, message: str, key: str, variables: Mapping[str, Any], actor: str, message_id: str
    ) -> str | None:
        """Give a message to the run that waits for it, or keep it for a run that will; the run's id or None."""
        raise NotImplementedError

    def fire_due(self, database: Database, limit: int = 200) -> int:
        """Fire the timers that are due, each run in its own transaction; how many runs moved."""
        raise NotImplementedError

    def finish_job(
        self, session: Session, *, run: str, token: int, variables: Mapping[str, Any], actor: str = "jalon"
    ) -> None:
        """The result of an operation that ran as a job."""
        raise NotImplementedError

    def fail_job(self, session: Session, *, run: str, token: int, code: str | None, message: str) -> None:
        """An operation that ran as a job failed: `code` raises that BPMN error, else an incident."""
        raise NotImplementedError

    def cancel(self, session: Session, *, run: str, actor: str, reason: str) -> None:
        """Stop a run for good. Raises Conflict when it has ended already, NotFound."""
        raise NotImplementedError

    def retry(self, session: Session, *, incident: str, actor: str) -> None:
        """Try again where a run is stuck. Raises Conflict when the incident is resolved already, NotFound."""
        raise NotImplementedError

    def look(self, session: Session, run: str) -> RunPicture:
        """Where a run stands. Raises NotFound."""
        raise NotImplementedError

    def history(self, session: Session, run: str) -> list[Entry]:
        """The journal of a run, oldest first."""
        raise NotImplementedError
