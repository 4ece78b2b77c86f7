"""What leaves a run, each with its job in the same transaction: messages, signals, operations that run outside."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.orm import Session

from base.jobs import JobQueue
from base.prepared import Prepared
from engine import tables
from engine.effects import Asked, Effect, Sent
from engine.expressions import to_stored
from engine.run import Run

ADD = Prepared(insert(tables.outbox))
ROUTE, OPERATE = "message.route", "operation.run"


def write(session: Session, run: Run, queue: JobQueue, effects: Sequence[Effect]) -> None:
    rows = [_row(run, effect) for effect in effects if isinstance(effect, Sent)]
    ADD.write(session.connection(), rows)
    for row in rows:
        queue.enqueue(session, ROUTE, {"outbox": row["id"]}, serial_key=run.key)
    for effect in effects:
        if isinstance(effect, Asked) and effect.token in run.tokens:
            payload = {"run": run.key, "token": str(effect.token), "type": effect.type}
            queue.enqueue(session, OPERATE, payload, dedupe_key=f"{run.key}:{effect.token}")


def _row(run: Run, sent: Sent) -> dict[str, Any]:
    return {
        "tenant": run.world.tenant,
        "id": sent.id,
        "run": run.key,
        "element": sent.element,
        "kind": sent.kind,
        "name": sent.name,
        "key": sent.key,
        "payload": orjson.dumps(to_stored(sent.payload)),
        "created_at": run.world.now,
        "state": "waiting",
    }
