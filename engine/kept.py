"""Messages by their id: what came before anybody waited is kept, what was delivered is not delivered again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import tables
from engine.run import Run

LIFETIME = timedelta(days=30)
buffer = tables.message_buffer


@dataclass(frozen=True)
class Message:
    """A message with its values in storage form."""

    name: str
    key: str
    id: str
    payload: Mapping[str, Any]
    actor: str


def claim(session: Session, tenant: str, message: Message, now: datetime) -> bool:
    """Whether this message is seen for the first time; it is kept until somebody takes it."""
    words = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    row = {
        "tenant": tenant,
        "message": message.name,
        "key": message.key,
        "message_id": message.id,
        "payload": orjson.dumps(message.payload),
        "received_at": now,
        "expires_at": now + LIFETIME,
        "actor": message.actor,
    }
    first = words.insert(buffer).values(row).on_conflict_do_nothing().returning(buffer.c.message_id)
    return session.connection().execute(first).first() is not None


def taker(session: Session, tenant: str, message: Message) -> str | None:
    """The run that took this message, if any did."""
    found: str | None = session.scalar(select(buffer.c.run).where(*_is(tenant, message.name, message.key, message.id)))
    return found


def taken(session: Session, tenant: str, message: Message, run: str) -> None:
    """The run took it: only the trace stays, not the values."""
    session.connection().execute(
        update(buffer).where(*_is(tenant, message.name, message.key, message.id)).values(run=run, payload=b"{}")
    )


def take(session: Session, run: Run, name: str, key: str) -> Message | None:
    """The oldest message that was kept for whoever waits for it, now taken by the run."""
    found = (
        session.connection()
        .execute(
            select(buffer.c.message_id, buffer.c.payload, buffer.c.actor)
            .where(
                buffer.c.tenant == run.world.tenant,
                buffer.c.message == name,
                buffer.c.key == key,
                buffer.c.run.is_(None),
                buffer.c.expires_at > run.now,
            )
            .order_by(buffer.c.received_at, buffer.c.message_id)
            .limit(1)
        )
        .first()
    )
    if found is None:
        return None
    message = Message(name, key, found.message_id, orjson.loads(found.payload), found.actor)
    taken(session, run.world.tenant, message, run.key)
    return message


def expire(session: Session, tenant: str, now: datetime) -> int:
    """Drop what nobody took in time, and old traces; how many."""
    statement = delete(buffer).where(buffer.c.tenant == tenant, buffer.c.expires_at <= now)
    return session.connection().execute(statement).rowcount


def _is(tenant: str, name: str, key: str, message_id: str) -> tuple[Any, ...]:
    columns = buffer.c
    return columns.tenant == tenant, columns.message == name, columns.key == key, columns.message_id == message_id
