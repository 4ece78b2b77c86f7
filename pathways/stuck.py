"""Tells the coordination of each incident that stops a case: nobody else would know that it waits for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, literal, select

from base.database import Instant
from base.prepared import Query
from engine.tables import incident
from pathways.context import Context
from pathways.recipients import Recipients
from people.notices.kinds import STUCK
from people.notices.rows import tell

OVERLAP = timedelta(minutes=2)
EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The first pass of a process tells of all that is stuck: each is told once, however long nobody worked."""
OPEN = Query(
    select(incident.c.id, incident.c.run)
    .where(incident.c.tenant == bindparam("tenant"), incident.c.state == literal("open"))
    .where(incident.c.created_at >= bindparam("since", type_=Instant()))
    .order_by(incident.c.created_at, incident.c.id)
)


class Sweep:
    """Reads what got stuck since it last told somebody, with a little overlap for who commits late."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.since = EVER
        self.told: frozenset[str] = frozenset()

    def __call__(self) -> int:
        """Of how many incidents it told."""
        now = self.context.clock.now()
        values = {"tenant": self.context.tenant, "since": self.since}
        with self.context.database.read() as session:
            found: Sequence[Any] = OPEN.all(session, values)
        new = [row for row in found if row.id not in self.told]
        if new and not self._tell(new):
            return 0
        self.since, self.told = now - OVERLAP, frozenset(row.id for row in found)
        return len(new)

    def _tell(self, incidents: Sequence[Any]) -> bool:
        """Whether there was somebody to tell; all in one transaction, so that it leaves as one message."""
        with self.context.database.begin() as session:
            coordinators = Recipients(session, self.context).coordinators
            for person in coordinators:
                for row in incidents:
                    tell(session, self.context.clock, self.context.tenant, person, STUCK, about=row.id, case=row.run)
        return bool(coordinators)
