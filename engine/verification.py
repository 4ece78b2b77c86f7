"""Whether the journals still say what was written: every run's chain, then every day's anchor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import anchors, tables
from engine.chain import START, Break, follow

HELD = ("tenant", "run", "n", "at", "actor", "kind", "element", "detail", "hash")


@dataclass
class Verified:
    """What was read, and the first fault of each run and of the anchors."""

    runs: int = 0
    entries: int = 0
    anchors: int = 0


def verify(session: Session, tenant: str, run: str | None = None) -> Iterator[Break | Verified]:
    """Each fault as it is found, then the tally; one run alone, or all of them and the anchors."""
    tally = Verified()
    yield from _runs(session, tenant, run, tally)
    if run is None:
        yield from _anchors(session, tenant, tally)
    yield tally


def _runs(session: Session, tenant: str, only: str | None, tally: Verified) -> Iterator[Break]:
    runs = tables.run.c
    mine = [runs.tenant == tenant, *([] if only is None else [runs.id == only])]
    ends = {row.id: row for row in session.execute(select(runs.id, runs.entries, runs.chain).where(*mine))}
    tally.runs = len(ends)
    for run, entries in groupby(_entries(session, tenant, only), key=lambda entry: str(entry["run"])):
        number, before = 0, START
        for step in follow(run, entries):
            if isinstance(step, Break):
                yield step
                break
            number, before = number + 1, step
        else:
            yield from _end(run, number, before, ends.get(run))
        tally.entries += number
        ends.pop(run, None)
    yield from (Break(run, 1, "missing") for run, end in ends.items() if end.entries)


def _end(run: str, number: int, before: bytes, end: Any) -> Iterator[Break]:
    """The run's own row knows how many entries there are and the hash of the last one."""
    if end is None:
        yield Break(run, number, "orphan")
    elif end.entries > number:
        yield Break(run, number + 1, "missing")
    elif end.entries < number or end.chain != before:
        yield Break(run, number, "altered")


def _entries(session: Session, tenant: str, only: str | None) -> Iterator[Mapping[str, Any]]:
    journal = tables.journal.c
    mine = [journal.tenant == tenant, *([] if only is None else [journal.run == only])]
    query = select(*(journal[name] for name in HELD)).where(*mine).order_by(journal.run, journal.n)
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield row._asdict()


def _anchors(session: Session, tenant: str, tally: Verified) -> Iterator[Break]:
    """An anchor that does not hold makes those after it meaningless: the first alone is told."""
    before, since = START, None
    for made in list(anchors.all_of(session, tenant)):
        found = anchors.summary(session, tenant, since, made.until, before)
        if made.since != since or found != (made.entries, made.hash):
            yield Break(f"ancre {made.day}", found[0], "anchor")
            return
        before, since, tally.anchors = made.hash, made.until, tally.anchors + 1
