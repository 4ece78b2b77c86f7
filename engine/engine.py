"""The verbs of the engine: what a door may ask of it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.database import Database, only_reads
from base.errors import Conflict, NotFound, RunError
from engine import correlate, incidents, journal, kept, migration, openings, rows, steps, sweep, taking_back, tasks
from engine.advance import Answer, Mover
from engine.bundles import Library
from engine.definition import Definition
from engine.effects import Closed
from engine.environment import Environment, Operation
from engine.expressions import to_stored, to_values
from engine.findings import Finding
from engine.inspection import examine, inspect
from engine.look import definition_of, look
from engine.pictures import Entry, RunPicture
from engine.propagation import BpmnError
from engine.refusals import RULES
from engine.refusals.care import only_message_starts
from engine.rehearsal import Rehearsal, start_node
from engine.reliance import Reason
from engine.replay import Replay, Unlike, unlike
from engine.run import Run
from engine.scopes import view
from engine.token import Token
from engine.waiting import reschedule


class JobFailed(RunError):
    """An operation that ran as a job gave up."""

    code = "operation"


class Engine:
    """The verbs of the engine, for one CPTS; the caller opens the transaction, the engine never commits."""

    def __init__(self, environment: Environment, tenant: str) -> None:
        self.environment, self.tenant = environment, tenant
        self.rules = tuple(rule for rule in RULES if environment.opens is None or rule is not only_message_starts)
        self.library = Library(tenant, environment.clock, environment.calendar, self.rules)
        self.mover = Mover(environment, tenant, self.library)

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

    def definition(self, session: Session, digest: str) -> Definition:
        """The definition of that digest. Raises NotFound."""
        return self.library.definition(session, digest)

    def arm(self, session: Session, definition: str) -> int:
        """From now on the start events of a definition begin runs, as far as the environment opens them; how many.

        Raises NotFound, RunError for a time that cannot be told.
        """
        return openings.arm(session, self.mover, definition)

    def disarm(self, session: Session, definition: str) -> int:
        """The start events of a definition begin nothing any more; how many did."""
        return openings.disarm(session, self.tenant, definition)

    # --- inputs ------------------------------------------------------------------------------------------------------

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

    def complete(
        self, session: Session, *, task: str, variables: Mapping[str, Any], actor: str, outcome: str | None = None,
        behalf: str | None = None,
    ) -> bool:  # fmt: skip
        """Answer a task; whether its run has ended with it. `behalf` is whom the actor acts for, if for somebody.

        Raises Conflict when it is no longer open, NotFound.
        """
        values = to_values(variables)

        def answer(moved: Run, held: Token) -> Run:
            moved.noted("task_completed", held.task_spec.name, task=task, variables=to_stored(values), **_for(behalf))
            moved.effects.append(Closed(task, "completed", outcome))
            held.note(task=None)
            steps.finish(moved, held, values)
            return moved

        return self._task(session, task, actor, answer).state != "active"

    def take_back(self, session: Session, *, task: str, actor: str) -> None:
        """Take one's own answer back: the run stands where it stood before, the task is open again.

        Raises Conflict, with the code and the words of `may_take_back`, when somebody relies on it; NotFound.
        """
        taking_back.take_back(session, self.mover, task, actor)

    def may_take_back(self, session: Session, *, task: str, actor: str) -> Reason | None:
        """What stands against taking an answer back, in words; None: nothing does. Raises NotFound."""
        return taking_back.reason_against(session, self.mover, task, actor)

    def choose(
        self, session: Session, *, task: str, element: str, actor: str, seen: int | None = None,
        behalf: str | None = None,
    ) -> bool:  # fmt: skip
        """Begin an activity of an ad-hoc sub-process through its task; whether the run has ended with it. Completing
        that task says that it is done.

        Raises NotFound, Conflict when the task is no longer open, the activity cannot begin now, or was begun more
        often than `seen`.
        """

        def begin(moved: Run, held: Token) -> Run:
            if "choice" not in held.internal_data:
                raise Conflict("Il n’y a rien à choisir dans cette tâche.", code="not-a-choice")
            steps.choose(moved, held, element, seen, _for(behalf))
            return moved

        return self._task(session, task, actor, begin).state != "active"

    def assign(
        self, session: Session, *, task: str, before: str | None, after: str | None, actor: str,
        behalf: str | None = None,
    ) -> None:  # fmt: skip
        """Put an open task into somebody's hands, or back into its roles' (None).

        Raises Conflict when it is no longer in the hands of `before`, NotFound.
        """

        def hand_over(moved: Run, held: Token) -> None:
            tasks.assign(session, self.tenant, task, before, after)
            said = {"task": task, "before": before, "after": after, **_for(behalf)}
            moved.noted("task_assigned", held.task_spec.name, **said)

        self._task(session, task, actor, hand_over)

    def is_open(self, session: Session, *, task: str) -> bool:
        """Whether a task still waits for an answer."""
        return tasks.is_open(session, self.tenant, task)

    def hold(self, session: Session, *, task: str) -> None:
        """Take the lock of a task's run: who may answer is then known for sure until the transaction ends."""
        tasks.hold(session, self.tenant, task)

    def plan(
        self, session: Session, *, task: str, priority: int, follow_up_at: datetime | None, actor: str,
        behalf: str | None = None,
    ) -> None:  # fmt: skip
        """Give an open task another priority (0 to 100) and follow-up date. Raises Conflict, NotFound."""

        def put(moved: Run, held: Token) -> None:
            tasks.plan(session, self.tenant, task, priority, follow_up_at)
            when = None if follow_up_at is None else follow_up_at.astimezone(UTC).isoformat()
            said = {"task": task, "priority": priority, "follow_up_at": when, **_for(behalf)}
            moved.noted("task_planned", held.task_spec.name, **said)

        self._task(session, task, actor, put)

    def offer(self, session: Session, *, task: str, role: str, actor: str) -> None:
        """Offer an open task to one more role. Raises Conflict, NotFound."""

        def put(moved: Run, held: Token) -> None:
            tasks.offer(session, self.tenant, task, role)
            moved.noted("task_offered", held.task_spec.name, task=task, role=role)

        self._task(session, task, actor, put)

    def turn_down(self, session: Session, *, task: str, code: str, actor: str, behalf: str | None = None) -> bool:
        """Whether the pathway foresees that nobody does this task: its boundary event of that error or escalation code
        then takes over; else the journal alone says it. Raises Conflict, NotFound.
        """
        said = {"task": task, "code": code, **_for(behalf)}

        def refuse(moved: Run, held: Token) -> bool:
            foreseen = steps.turn_down(moved, held, said)
            if not foreseen:
                moved.noted("task_declined", held.task_spec.name, **said)
            return foreseen

        return self._task(session, task, actor, refuse)

    def _task(self, session: Session, task: str, actor: str, act: Callable[[Run, Token], Answer]) -> Answer:
        """One input of the run that waits in a task. Raises Conflict when the task is no longer open, NotFound."""
        found = tasks.held(session, self.tenant, task)

        def with_token(moved: Run) -> Answer:
            held = moved.tokens.get(found.token)
            if held is None or held.internal_data.get("task") != task:
                raise tasks.taken()
            return act(moved, held)

        return self.mover.move(session, found.run, actor, with_token, found.header)

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

    # --- operators ---------------------------------------------------------------------------------------------------

    def cancel(self, session: Session, *, run: str, actor: str, reason: str) -> None:
        """Stop a run for good. Raises Conflict when it has ended already, NotFound."""

        def stop(moved: Run) -> None:
            if moved.state != "active":
                raise Conflict("Ce dossier est déjà terminé.", code="run-ended")
            steps.cancel(moved, reason)

        self.mover.move(session, run, actor, stop)

    def retry(self, session: Session, *, incident: str, actor: str) -> None:
        """Try again where a run is stuck. Raises Conflict when the incident is resolved already, NotFound."""
        run, token = incidents.find(session, self.tenant, incident)

        def again(moved: Run) -> None:
            held = moved.tokens.get(token)
            if held is None or not held.stuck:
                raise Conflict("Cet incident est déjà résolu.", code="incident-resolved")
            steps.retry(moved, held)

        self.mover.move(session, run, actor, again)

    def mend(
        self, session: Session, *, run: str, variables: Mapping[str, Any], actor: str, incident: str | None = None
    ) -> None:
        """Set variables by hand, before a retry: the run's own or, with an incident, those that its token sees.

        Raises Conflict when the incident is resolved already, NotFound.
        """
        token = None if incident is None else incidents.find(session, self.tenant, incident)[1]

        def put(moved: Run) -> None:
            held = None if token is None else moved.tokens.get(token)
            steps.mend(moved, held, to_values(variables))

        self.mover.move(session, run, actor, put)

    def reschedule(self, session: Session, *, run: str, timer: str, due: datetime, actor: str) -> None:
        """Let a timer of a run (by the id that `look` gives it) fall due at another time, which may be past already.

        Raises Conflict when it waits no longer, NotFound.
        """
        token, _, n = timer.partition(".")

        def put_off(moved: Run) -> None:
            held = moved.tokens.get(int(token)) if token.isdecimal() else None
            timers = {} if held is None or held.stuck else held.internal_data.get("timers", {})
            if held is None or n not in timers:
                raise Conflict("Cette échéance n’attend plus.", code="timer-closed")
            moved.undo.clear()
            moment = due.astimezone(UTC)
            told = {"before": timers[n]["due"], "due": moment.isoformat(), "timer": timer}
            moved.noted("timer_moved", held.task_spec.name, **told)
            reschedule(held, int(n), moment)

        self.mover.move(session, run, actor, put_off)

    def migrate(self, session: Session, *, run: str, definition: str, actor: str) -> None:
        """Let a waiting run go on with another version of its pathway; with its own, nothing happens.

        Raises Conflict naming every live element that has no place there, or when it has ended already, NotFound.
        """
        migration.migrate(session, self.mover, run, definition, actor)

    def obstacles(self, session: Session, *, run: str, definition: str) -> list[str]:
        """Why a waiting run cannot go on with another version, in words; nothing when it can. Raises NotFound."""
        return migration.foreseen(session, self.mover, run, definition)

    # --- what can be seen --------------------------------------------------------------------------------------------

    def look(self, session: Session, run: str) -> RunPicture:
        """Where a run stands. Raises NotFound."""
        found = self.definition(session, definition_of(session, self.tenant, run))
        return look(session, self.tenant, run, found)

    def variables(self, session: Session, *, task: str) -> dict[str, Any]:
        """What an open task sees: its own inputs, then its scopes outwards. Raises NotFound, Conflict.

        Within a transaction that writes it takes the run's lock, so that what is read belongs together.
        """
        run, token = tasks.find(session, self.tenant, task)
        header = rows.header(session, self.tenant, run, lock=not only_reads(session))
        if header is None:
            raise NotFound("Ce dossier n’existe pas.")
        found = self.definition(session, header.definition)
        held = rows.load(session, header, found, self.mover.world(session, ""), run).tokens.get(token)
        if held is None or held.internal_data.get("task") != task:
            raise tasks.taken()
        seen = view(held)
        return {name: seen[name] for name in seen}

    def history(self, session: Session, run: str, *, whole: bool = False) -> list[Entry]:
        """The journal of a run, oldest first; answers that were taken back, and what had followed from them, only as
        a `whole`. Raises NotFound.
        """
        if rows.header(session, self.tenant, run, lock=False) is None:
            raise NotFound("Ce dossier n’existe pas.")
        found = journal.read(session, self.tenant, run)
        return found if whole else journal.standing(found)

    def replay(self, session: Session, run: str) -> Replay:
        """A run built again from its journal, input by input; writes nothing. Raises NotFound."""
        if rows.header(session, self.tenant, run, lock=False) is None:
            raise NotFound("Ce dossier n’existe pas.")
        given, entries = self.environment, journal.stored(session, self.tenant, run)
        return Replay(run, entries, lambda digest: self.definition(session, digest), given.calendar, given.operations)

    def unlike(self, session: Session, replay: Replay) -> Unlike | None:
        """In what a replay that came to its end is not what is stored. Raises NotFound."""
        header = rows.header(session, self.tenant, replay.key, lock=False)
        if header is None:
            raise NotFound("Ce dossier n’existe pas.")
        found = self.definition(session, header.definition)
        stored = rows.load(session, header, found, self.mover.world(session, ""), replay.key)
        return unlike(replay.run, stored, tasks.open_ones(session, self.tenant, replay.key))

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


def _for(behalf: str | None) -> dict[str, str]:
    """What the journal says of whom somebody acts for."""
    return {"behalf": behalf} if behalf else {}
