"""The verbs of a task: what those may ask who do it, hand it on, or plan it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from base.errors import Conflict
from engine import steps, taking_back, tasks
from engine.advance import Answer
from engine.effects import Closed
from engine.expressions import to_stored, to_values
from engine.reliance import Reason
from engine.run import Run
from engine.token import Token
from engine.wiring import Wiring


class TaskVerbs(Wiring):
    """Each is one input of the run that waits in the task."""

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


def _for(behalf: str | None) -> dict[str, str]:
    """What the journal says of whom somebody acts for."""
    return {"behalf": behalf} if behalf else {}
