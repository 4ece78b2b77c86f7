"""The verbs of the engine: what a door may ask of it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict, RunError
from engine import correlate, kept, openings, steps, sweep
from engine.definition import Definition
from engine.environment import Operation
from engine.expressions import to_stored, to_values
from engine.findings import Finding
from engine.inspection import examine, inspect
from engine.look_verbs import LookVerbs
from engine.operator_verbs import OperatorVerbs
from engine.propagation import BpmnError
from engine.rehearsal import Rehearsal, start_node
from engine.run import Run
from engine.task_verbs import TaskVerbs
from engine.token import Token


class JobFailed(RunError):
    """An operation that ran as a job gave up."""

    code = "operation"


class Engine(TaskVerbs, OperatorVerbs, LookVerbs):
    """The verbs of the engine, for one CPTS; the caller opens the transaction, the engine never commits.

    Here are those of definitions, of what comes from outside a task, and of rehearsals.
    """

    # --- definitions -------------------------------------------------------------------------------------------------

    def inspect(self, files: Mapping[str, bytes]) -> Definition:
        """Read and check a pathway's files in memory. Raises Refused with all findings."""
        return inspect(files, self.environment.calendar, self.rules)

    def examine(self, files: Mapping[str, bytes]) -> tuple[Definition | None, list[Finding]]:
        """The definition, or None when it is refused; and all findings, warnings included. Raises nothing."""
        return examine(files, self.environment.calendar, self.rules)

    def deploy(self, session: Session, files: Mapping[str, bytes]) -> str:
        """Store a pathway's files; returns the definition's digest. Raises Refused with all findings."""
        return self.library.deploy(session, files)

    def arm(self, session: Session, definition: str) -> int:
        """From now on the start events of a definition begin runs, as far as the environment opens them; how many.

        Raises NotFound, RunError for a time that cannot be told.
        """
        return openings.arm(session, self.mover, definition)

    def disarm(self, session: Session, definition: str) -> int:
        """The start events of a definition begin nothing any more; how many did."""
        return openings.disarm(session, self.tenant, definition)

    # --- what comes from outside: starts, messages, time, results ----------------------------------------------------

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
        found = self.definition(session, definition)
        node = start_node(found, process, message)
        begun = Run(found, process, self.mover.world(session, actor), run)
        values = to_values(variables)
        begun.noted(
            "run_started",
            "" if node is None else node.name,
            process=process,
            definition=definition,
            variables=to_stored(values),
        )
        self.mover.begin(session, begun, lambda new: steps.start(new, values, node))

    def correlate(
        self, session: Session, *, message: str, key: str, variables: Mapping[str, Any], actor: str, message_id: str
    ) -> str | None:
        """Give a message to the run that waits for it, or keep it for a run that will; the run's id or None.

        The same `message_id` again changes nothing and gives the same answer.
        """
        letter = kept.Message(message, key, message_id, to_stored(to_values(variables)), actor)
        return correlate.correlate(session, self.mover, letter)

    def broadcast(
        self, session: Session, *, signal: str, variables: Mapping[str, Any], actor: str, sender: str | None = None
    ) -> int:
        """Let every waiting run but the sender hear a signal; how many heard it."""
        return correlate.broadcast(session, self.mover, signal, to_values(variables), actor, sender)

    def fire_due(self, database: Database, limit: int = 200) -> int:
        """Fire the timers that are due, each run in its own transaction; how many runs moved."""
        return sweep.sweep(database, self.mover, limit)

    def finish_job(
        self, session: Session, *, run: str, token: int, variables: Mapping[str, Any], actor: str = "jalon"
    ) -> None:
        """The result of an operation that ran as a job. Raises Conflict when nobody waits for it any more."""
        values = to_values(variables)

        def finish(moved: Run, held: Token) -> None:
            kind = held.internal_data["job"]
            moved.noted("operation_done", held.task_spec.name, type=kind, token=token, variables=to_stored(values))
            steps.finish(moved, held, values)

        self._job(session, run, token, actor, finish)

    def fail_job(
        self, session: Session, *, run: str, token: int, code: str | None, message: str, actor: str = "jalon"
    ) -> None:
        """An operation that ran as a job failed: `code` raises that BPMN error, else an incident."""
        error = JobFailed(message) if code is None else BpmnError(code, message=message)

        def fail(moved: Run, held: Token) -> None:
            moved.noted("job_failed", held.task_spec.name, token=token, code=code, message=message)
            steps.fail(moved, held, error)

        self._job(session, run, token, actor, fail)

    def _job(self, session: Session, run: str, token: int, actor: str, act: Callable[[Run, Token], None]) -> None:
        def with_token(moved: Run) -> None:
            held = moved.tokens.get(token)
            if held is None or "job" not in held.internal_data or held.stuck:
                raise Conflict("Plus rien n’attend ce résultat.", code="job-closed")
            act(moved, held)

        self.mover.move(session, run, actor, with_token)

    # --- rehearsals --------------------------------------------------------------------------------------------------

    def play(
        self,
        definition: Definition,
        process: str,
        variables: Mapping[str, Any] | None = None,
        *,
        message: str | None = None,
        clock: ManualClock | None = None,
        operations: Mapping[str, Operation] | None = None,
        actor: str = "jalon",
    ) -> Rehearsal:
        """A run in memory, started; operations that are not given do nothing."""
        still = clock or ManualClock(self.environment.clock.now())
        calendar = self.environment.calendar
        played = Rehearsal(definition, calendar, process=process, clock=still, operations=operations, actor=actor)
        return played.start(variables, message=message)
