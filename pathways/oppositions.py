"""What an opposition stops: the open cases that it closes end, by their own diagram when it says how, else at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.case import cases
from care.case.cases import Case
from care.identity import merges
from care.identity.merges import Merge
from care.sharing import consents
from care.sharing.consents import EVERYTHING, Reach
from engine.tables import subscription, task
from pathways import closing
from pathways.context import Context
from people.notices.kinds import STOPPED
from people.notices.rows import tell
from people.persons import Person

MESSAGE = "opposition"
"""A diagram that waits for this message says itself how its case ends, and whom it tells."""
REASON = "La personne s’est opposée au partage."


@dataclass(frozen=True)
class Waiting:
    """An open task that stops: its name, and to whom it was given or offered."""

    id: str
    name: str
    assignee: str | None
    role: str | None


@dataclass(frozen=True)
class Consequence:
    """What becomes of one case. `by_itself`: its own diagram goes on to its end."""

    case: Case
    tasks: Sequence[Waiting]
    by_itself: bool


def foresee(session: Session, context: Context, patient: str, reach: Reach) -> list[Consequence]:
    """What an opposition would stop; nothing when it only keeps some people from seeing."""
    if not reach.closes_case:
        return []
    concerned = [
        case
        for case in cases.by_patient(session, patient)
        if case.is_open and case.tenant == context.tenant and reach.scope in (EVERYTHING, case.pathway)
    ]
    return [Consequence(case, _waiting(session, case), _listens(session, case)) for case in concerned]


def oppose(
    session: Session,
    context: Context,
    patient: str,
    reach: Reach,
    *,
    by: Person,
    mode: str,
    proof: str = "",
    until: datetime | None = None,
) -> list[Consequence]:
    """Keep the opposition and stop what it stops, in the transaction at hand; what was stopped. Raises Invalid."""
    stopped = foresee(session, context, patient, reach)
    kept = consents.oppose(
        session, context.clock, context.tenant, patient,
        reach=reach, mode=mode, recorded_by=by.id, until=until, proof=(context.vault, proof),
    )  # fmt: skip
    for one in stopped:
        _stop(session, context, one, kept, by)
    return stopped


def after_merge(session: Session, context: Context, merge: Merge, by: Person) -> list[Consequence]:
    """Of two identities that became one, stop what the one had running and the other was opposed to; what it was."""
    moved, own, of_other = merges.moved(session, context.tenant, merge.id), set(), {}
    for said in consents.oppositions(session, context.clock, merge.kept):
        for one in foresee(session, context, merge.kept, said.reach):
            if (said.id in moved) == (one.case.id in moved):
                own.add(one.case.id)
            else:
                of_other[one.case.id] = (said.id, one)
    stopped = [found for case, found in of_other.items() if case not in own]
    for opposition, one in stopped:
        _stop(session, context, one, opposition, by)
    return [one for _, one in stopped]


def _stop(session: Session, context: Context, stopped: Consequence, opposition: str, by: Person) -> None:
    case = stopped.case
    for waiting in stopped.tasks:
        if waiting.assignee is not None and waiting.assignee != by.id:
            tell(session, context.clock, context.tenant, waiting.assignee, STOPPED, task=waiting.id, case=case.id)
    if stopped.by_itself:
        context.engine.correlate(
            session, message=MESSAGE, key=case.id, variables={"opposition": True}, actor=by.id,
            message_id=f"{opposition}:{case.id}",
        )  # fmt: skip
    else:
        context.engine.cancel(session, run=case.id, actor=by.id, reason=REASON)
    closing.close_if_ended(session, context, case.id)


def _waiting(session: Session, case: Case) -> list[Waiting]:
    query = select(task.c.id, task.c.name, task.c.assignee, task.c.role).where(
        task.c.tenant == case.tenant, task.c.run == case.id, task.c.state == "open"
    )
    return [Waiting(row.id, row.name, row.assignee, row.role) for row in session.execute(query.order_by(task.c.id))]


def _listens(session: Session, case: Case) -> bool:
    """Its run waits for the message, in whatever scope."""
    listening = select(subscription.c.run).where(
        subscription.c.tenant == case.tenant,
        subscription.c.run == case.id,
        subscription.c.kind == "message",
        subscription.c.name == MESSAGE,
    )
    return session.execute(listening.limit(1)).first() is not None
