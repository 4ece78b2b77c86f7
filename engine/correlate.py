"""Messages find the run that waits for them, or begin one; until then they are kept."""

from functools import partial

import orjson
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from engine import kept, openings, steps, tables
from engine.advance import Mover
from engine.expressions import from_stored, to_stored
from engine.kept import Message
from engine.run import Run

subscription = tables.subscription


def correlate(session: Session, mover: Mover, message: Message) -> str | None:
    """The run that took it, also when that was earlier; None while it is kept."""
    if not kept.claim(session, mover.tenant, message, mover.environment.clock.now()):
        return kept.taker(session, mover.tenant, message)
    taken = deliver(session, mover, message)
    return _begun(session, mover, message) if taken is None else taken


def _begun(session: Session, mover: Mover, message: Message) -> str | None:
    """The run that a message begins because no run waits for it."""
    for one in openings.named(session, mover.tenant, "message", message.name):
        run = openings.begin(session, mover, one, from_stored(message.payload), message.actor)
        if run is not None:
            kept.taken(session, mover.tenant, message, run)
            return run
    return None


def deliver(session: Session, mover: Mover, message: Message) -> str | None:
    """Offer a message to those who wait for it, the first who can take it has it."""
    for run in _waiting(session, mover.tenant, message):
        if mover.move(session, run, message.actor, partial(_give, session, message)):
            return run
    return None


def _give(session: Session, message: Message, run: Run) -> bool:
    """The message is taken before the run goes on: should it wait for the same again, it gets the next one."""
    waiting = run.register.waiting("message", message.name, message.key)
    if not waiting:
        return False
    kept.taken(session, run.world.tenant, message, run.key)
    token, n = waiting[0]
    told = {"name": message.name, "message_id": message.id, "token": token.id, "n": n}
    run.noted("message_received", token.task_spec.name, **told, variables=message.payload)
    return steps.deliver(run, message.name, message.key, from_stored(message.payload))


def _waiting(session: Session, tenant: str, message: Message) -> list[str]:
    columns = subscription.c
    found = session.connection().execute(
        select(columns.run)
        .where(
            columns.tenant == tenant,
            columns.kind == "message",
            columns.name == message.name,
            columns.key == message.key,
        )
        .order_by(columns.since, columns.run)
    )
    return list(dict.fromkeys(run for (run,) in found))


def broadcast(
    session: Session, mover: Mover, name: str, values: dict[str, object], actor: str, sender: str | None
) -> int:
    """Let every run that waits for a signal hear it, but for the one that threw it; how many heard or began."""
    columns = subscription.c
    found = session.connection().execute(
        select(columns.run)
        .where(columns.tenant == mover.tenant, columns.kind == "signal", columns.name == name)
        .order_by(columns.run)
        .distinct()
    )
    others = [run for (run,) in found if run != sender]

    def hear(run: Run) -> None:
        run.noted("signal_received", "", name=name, variables=to_stored(values))
        steps.broadcast(run, name, values)

    for run in others:
        mover.move(session, run, actor, hear)
    starts = openings.named(session, mover.tenant, "signal", name)
    return len(others) + len(openings.begin_each(session, mover, starts, values, actor))


def missed(session: Session, tenant: str, limit: int) -> list[Message]:
    """Messages that are kept although somebody waits: both came at the same moment."""
    buffer = tables.message_buffer
    same = and_(
        subscription.c.tenant == buffer.c.tenant,
        subscription.c.kind == "message",
        subscription.c.name == buffer.c.message,
        subscription.c.key == buffer.c.key,
    )
    found = session.execute(
        select(buffer.c.message, buffer.c.key, buffer.c.message_id, buffer.c.payload, buffer.c.actor)
        .join(subscription, same)
        .where(buffer.c.tenant == tenant, buffer.c.run.is_(None))
        .distinct()
        .limit(limit)
    )
    return [Message(name, key, number, orjson.loads(payload), actor) for name, key, number, payload, actor in found]
