"""The journal of a run: what happened, when and by whom. It is only ever added to, and each entry seals the last."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
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
TAKEN_BACK = "answer_taken_back"


def entries(run: Run, effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """What the run has to say, as rows that follow its chain."""
    own = {"tenant": run.world.tenant, "run": run.key, "at": run.world.now, "actor": run.world.actor}
    return [_row(run, own, effect) for effect in effects if isinstance(effect, Noted)]


def write(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    ADD.write(session.connection(), found)


def _row(run: Run, own: Mapping[str, Any], noted: Noted) -> dict[str, Any]:
    run.entries += 1
    row: dict[str, Any] = {
        **own,
        "n": run.entries,
        "kind": noted.kind,
        "element": noted.element[:NAME_LENGTH],
        "detail": None if noted.detail is None else orjson.dumps(noted.detail),
    }
    run.chain = row["hash"] = chain.link(run.chain, row)
    return row


def read(session: Session, tenant: str, run: str) -> list[Entry]:
    """The journal of a run, oldest first; the values that came with an input as plain ones, for people."""
    return [replace(entry, detail=_told(entry.detail)) for entry in stored(session, tenant, run)]


def stored(session: Session, tenant: str, run: str) -> list[Entry]:
    """The same, with the values in their exact form."""
    journal = tables.journal.c
    found = session.execute(
        select(journal.n, journal.at, journal.actor, journal.kind, journal.element, journal.detail)
        .where(journal.tenant == tenant, journal.run == run)
        .order_by(journal.n)
    )
    return [entry(*row) for row in found]


def entry(n: int, at: datetime, actor: str, kind: str, element: str, detail: bytes | None) -> Entry:
    return Entry(n, at, actor, kind, element, orjson.loads(detail) if detail else {})


def standing(entries: Sequence[Entry]) -> list[Entry]:
    """Without the answers that were taken back, nor what had followed from them; that they were stays said."""
    found: list[Entry] = []
    for entry in entries:
        if entry.kind == TAKEN_BACK:
            first, end = void(entry.n, entry.detail)
            found = [one for one in found if not first <= one.n < end]
        found.append(entry)
    return found


def void(n: int, detail: Mapping[str, Any]) -> tuple[int, int]:
    """From which entry on the journal tells of what no longer holds, and the first that holds again: what somebody gave
    meanwhile stands, when it has nothing to do with the answer.
    """
    return detail["entry"], detail.get("until", n)


def _told(detail: Mapping[str, Any]) -> Mapping[str, Any]:
    given = detail.get("variables")
    return {**detail, "variables": to_plain(from_stored(given))} if given else detail
