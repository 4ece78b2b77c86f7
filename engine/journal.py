"""The journal of a run: what happened, when and by whom. It is only ever added to, and each entry seals the last."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from base.prepared import Prepared
from engine import chain, tables
from engine.effects import Effect, Noted
from engine.expressions import from_stored, to_plain
from engine.pictures import Entry
from engine.run import Run

ADD = Prepared(insert(tables.journal))
NAME_LENGTH = 120


def write(session: Session, run: Run, effects: Sequence[Effect]) -> None:
    ADD.write(session.connection(), [_row(run, effect) for effect in effects if isinstance(effect, Noted)])


def _row(run: Run, noted: Noted) -> dict[str, Any]:
    run.entries += 1
    row = {
        "tenant": run.world.tenant,
        "run": run.key,
        "n": run.entries,
        "at": run.world.now,
        "actor": run.world.actor,
        "kind": noted.kind,
        "element": noted.element[:NAME_LENGTH],
        "detail": None if noted.detail is None else orjson.dumps(noted.detail),
    }
    run.chain = chain.link(run.chain, row)
    return row | {"hash": run.chain}


def read(session: Session, tenant: str, run: str) -> list[Entry]:
    """The journal of a run, oldest first; the values that came with an input as plain ones, for people."""
    journal = tables.journal.c
    found = session.execute(
        select(journal.n, journal.at, journal.actor, journal.kind, journal.element, journal.detail)
        .where(journal.tenant == tenant, journal.run == run)
        .order_by(journal.n)
    )
    return [Entry(n, at, actor, kind, element, _told(detail)) for n, at, actor, kind, element, detail in found]


def _told(kept: bytes | None) -> dict[str, Any]:
    detail: dict[str, Any] = orjson.loads(kept) if kept else {}
    given = detail.get("variables")
    return detail | {"variables": to_plain(from_stored(given))} if given else detail
