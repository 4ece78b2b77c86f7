"""The orders in which the database reads a list, page after page: each knows where a task stands in it.

What is sealed or written by authors – a patient's name, a commune, a column – is no such order: see `blocks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    String,
    Tuple,
    and_,
    bindparam,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy import case as when

from base.database import Instant
from base.prepared import Query
from engine.tables import task, task_candidate
from inbox.lists.statements import ORDER, PLACE
from inbox.lists.wanted import BANDS

Conditions = Sequence[ColumnElement[bool]]
offer, since = task_candidate.alias("offer"), task.alias("since")
"""What lists are walked by: the offers in the order of deadlines, the open tasks in that of their age."""
BAND: ColumnElement[int] = when(
    *((task.c.priority >= least, n) for n, (least, _) in enumerate(BANDS.values())), else_=len(BANDS)
)
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
AFTER: Mapping[str, BindParameter[Any]] = {
    "after_due": bindparam("after_due", LONG_AGO, Instant()),
    "after_rank": bindparam("after_rank", -(2**31), Integer()),
    "after_task": bindparam("after_task", "", String()),
    "after_band": bindparam("after_band", -1, Integer()),
    "after_since": bindparam("after_since", LONG_AGO, Instant()),
}
"""The last task shown, by all that orders look at; unsaid, the list begins before its first row."""
STANDS: Mapping[str, ColumnElement[Any]] = {
    **dict(zip(("after_due", "after_rank", "after_task"), PLACE.clauses, strict=True)),
    "after_band": BAND,
    "after_since": task.c.created_at,
}
PLACE_OF = Query(
    select(*(column.label(name) for name, column in STANDS.items())).where(
        task.c.tenant == bindparam("tenant"), task.c.id == bindparam("id")
    )
)
"""Where a task stands, also once it is finished."""


@dataclass(frozen=True, eq=False)
class Order:
    """`names` say where a task stands, `by` puts rows so; `pieces` are the stretches of an index of offers to read."""

    names: Sequence[str]
    by: Sequence[ColumnElement[Any]]
    pieces: Sequence[Conditions] = ()

    @property
    def goes_on(self) -> ColumnElement[bool]:
        """The row at hand stands after the last one shown."""
        return _after(self.names) < tuple_(*(STANDS[name] for name in self.names))


def _after(names: Sequence[str]) -> Tuple:
    return tuple_(*(AFTER[name] for name in names))


DUE_NAMES = ("after_due", "after_rank", "after_task")
OFFER_PLACE = (offer.c.due_at, offer.c.rank, offer.c.task)
LATER = tuple_(*OFFER_PLACE) > _after(DUE_NAMES)


def _band(n: int, least: int, most: int) -> Conditions:
    """The offers of one urgency: those after the place if it stands among them, all if it stands before them."""
    here = AFTER["after_band"]
    return offer.c.rank.between(-most, -least), or_(here < literal(n), and_(here == literal(n), LATER))


DUE = Order(DUE_NAMES, ORDER, [[LATER]])
URGENT = Order(("after_band", *DUE_NAMES), (BAND, *ORDER), [_band(n, *one) for n, one in enumerate(BANDS.values())])
WAITING = Order(("after_since", "after_task"), (task.c.created_at, task.c.id))
SINCE_PLACE = (since.c.created_at, since.c.id)
STILL_WAITS = (since.c.state == literal_column("'open'"), tuple_(*SINCE_PLACE) > _after(WAITING.names))
BY_INDEX: Mapping[str, Order] = {"echeance": DUE, "urgence": URGENT, "attente": WAITING}
