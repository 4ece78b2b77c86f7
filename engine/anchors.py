"""The daily anchor over all runs: one hash for all that a day's journals say, kept outside of each run's own chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

import orjson
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from base.database import insert_into
from engine import tables
from engine.chain import START

MARGIN = timedelta(minutes=10)
"""A transaction that began before midnight has long ended this much later."""
BEHIND = timedelta(hours=2)
"""How far a clock may be put back unseen. Further, a right date is worth more than an anchor: deadlines follow it."""
LOOK_SECONDS = 60.0
"""How soon a process knows that another has sealed a day: well within the margin."""


@dataclass(frozen=True)
class Anchor:
    """What stood at the end of a day: entries from `since` (the first: None) to `until`, excluded."""

    day: str
    since: datetime | None
    until: datetime
    entries: int
    hash: bytes


class Sealed:
    """The end of the last sealed day, as one process knows it.

    Nothing is written as if it were before, also when the machine's clock was put back a little: the day's anchor would
    no longer hold, as if somebody had added to it.
    """

    def __init__(self, tenant: str) -> None:
        self.tenant, self._look_at = tenant, 0.0
        self.until: datetime | None = None

    def after(self, session: Session, now: datetime) -> datetime:
        """Now, or the end of the sealed day while the clock stands shortly before it."""
        if monotonic() >= self._look_at:
            last = latest(session, self.tenant)
            self.until = self.until if last is None else last.until
            self._look_at = monotonic() + LOOK_SECONDS
        until = self.until
        return now if until is None or now >= until or now < until - BEHIND else until


def anchor(session: Session, tenant: str, day: date, until: datetime) -> Anchor | None:
    """Anchor what was written up to the end of a day; None when somebody else has."""
    last = latest(session, tenant)
    if last is not None and last.until >= until:
        return None
    since, before = (None, START) if last is None else (last.until, last.hash)
    entries, found = summary(session, tenant, since, until, before)
    made = Anchor(day.isoformat(), since, until, entries, found)
    row = insert_into(session, tables.journal_anchor).values(tenant=tenant, **vars(made))
    added = session.execute(row.on_conflict_do_nothing().returning(tables.journal_anchor.c.day)).first()
    return None if added is None else made


def summary(session: Session, tenant: str, since: datetime | None, until: datetime, before: bytes) -> tuple[int, bytes]:
    """How many entries were written in that time, and SHA-256 over the anchor before and each run, number and hash."""
    journal = tables.journal.c
    within = [journal.tenant == tenant, journal.at < until, *([] if since is None else [journal.at >= since])]
    query = select(journal.run, journal.n, journal.hash).where(*within).order_by(journal.run, journal.n)
    summed, count = sha256(before), 0
    for run, n, found in session.execute(query.execution_options(yield_per=1000)):
        summed.update(orjson.dumps([run, n]) + (found or b""))
        count += 1
    return count, summed.digest()


def latest(session: Session, tenant: str) -> Anchor | None:
    found = session.execute(_anchors(tenant).order_by(tables.journal_anchor.c.day.desc()).limit(1)).first()
    return None if found is None else _anchor(found)


def all_of(session: Session, tenant: str) -> Iterator[Anchor]:
    """Every anchor, the oldest first."""
    for row in session.execute(_anchors(tenant).order_by(tables.journal_anchor.c.day)):
        yield _anchor(row)


def _anchors(tenant: str) -> Select[Any]:
    table = tables.journal_anchor.c
    return select(table.day, table.since, table.until, table.entries, table.hash).where(table.tenant == tenant)


def _anchor(row: Row[Any]) -> Anchor:
    return Anchor(row.day, row.since, row.until, row.entries, row.hash)
