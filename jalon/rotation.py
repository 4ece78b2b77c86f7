"""Seals again, with the vault's first key, what older keys have sealed: batch by batch, while the program runs.

A batch is one short transaction, and a value that has changed meanwhile is left for the next pass: whoever stops the
rotation loses nothing, whoever starts it again goes on where it stood. The key of the blind indexes does not turn in
this way: old and new processes could not find the same patients at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, tuple_, update
from sqlalchemy.orm import Session

from base.vault import Unreadable
from jalon.sealed import SEALED, Sealed
from pathways.context import Context

BATCH = 200
Say = Callable[[Sealed, int, int], None]


@dataclass
class Count:
    """How many values of a column each known key has sealed, and how many an unknown one."""

    sealed: Sealed
    by_key: dict[str, int] = field(default_factory=dict)
    unknown: int = 0


def counts(session: Session, context: Context) -> list[Count]:
    """Which keys are still needed to read what is stored."""
    return [_count(session, context, one) for one in SEALED]


def rotate(context: Context, say: Say, batch: int = BATCH) -> int:
    """Seal again what needs it; how many values could not be opened, and stay as they are."""
    return sum(_rotate(context, one, say, batch) for one in SEALED)


def _rotate(context: Context, one: Sealed, say: Say, batch: int) -> int:
    with context.database.read() as session:
        total = session.scalar(select(func.count()).select_from(one.rows).where(_is_old(context, one))) or 0
    done = failed = 0
    last: tuple[Any, ...] | None = None
    while total:
        with context.database.read() as session:
            found = session.execute(_next(context, one, last, batch)).all()
        if not found:
            break
        last = tuple(found[-1]._mapping[key.name] for key in one.keys)
        failed += _seal_again(context, one, found)
        done += len(found)
        say(one, done, total)
    return failed


def _next(context: Context, one: Sealed, last: tuple[Any, ...] | None, batch: int) -> Any:
    """The next old values in the order of their keys; the context of a value stands in columns of its row."""
    query = select(*one.keys, *(column for column in one.rows.c if "{" + column.name + "}" in one.place), one.values)
    query = query.where(_is_old(context, one))
    if last is not None:
        query = query.where(tuple_(*one.keys) > tuple_(*last))
    return query.order_by(*one.keys).limit(batch)


def _seal_again(context: Context, one: Sealed, found: Any) -> int:
    failed = 0
    with context.database.begin() as session:
        for row in found:
            old = row._mapping[one.column]
            try:
                new = _resealed(context, one, row, old)
            except Unreadable:
                failed += 1
                continue
            same = [key == row._mapping[key.name] for key in one.keys]
            session.execute(update(one.rows).where(*same, one.values == old).values({one.column: new}))
    return failed


def _resealed(context: Context, one: Sealed, row: Any, old: bytes) -> bytes:
    place = one.context(row._mapping)
    return context.vault.seal_bytes(context.vault.open_bytes(old, place), place)


def _is_old(context: Context, one: Sealed) -> ColumnElement[bool]:
    mark = context.vault.mark()
    return and_(func.length(one.values) > 0, _begins(one, mark) != mark)


def _begins(one: Sealed, mark: bytes) -> ColumnElement[bytes]:
    return func.substr(one.values, 1, len(mark), type_=one.values.type)


def _count(session: Session, context: Context, one: Sealed) -> Count:
    found = Count(one)
    for name in context.vault.names:
        mark = context.vault.mark(name)
        of_key = select(func.count()).select_from(one.rows).where(_begins(one, mark) == mark)
        found.by_key[name] = session.scalar(of_key) or 0
    everything = session.scalar(select(func.count()).select_from(one.rows).where(func.length(one.values) > 0)) or 0
    found.unknown = everything - sum(found.by_key.values())
    return found
