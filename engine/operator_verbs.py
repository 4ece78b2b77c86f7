"""The verbs of an operator: what sets a run right that is stuck, late, unwanted, or of an older version."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from base.errors import Conflict
from engine import incidents, migration, steps
from engine.expressions import to_values
from engine.run import Run
from engine.waiting import reschedule
from engine.wiring import Wiring


class OperatorVerbs(Wiring):
    """Each is written into the run's journal, with whoever did it."""

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
