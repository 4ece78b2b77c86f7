"""Whether somebody is away now, and until when."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from base.database import Instant
from base.prepared import Query
from inbox.desk import Desk
from people.rosters.tables import absence as rows

NOW = bindparam("now", type_=Instant())
UNTIL = Query(
    select(func.max(rows.c.until, type_=Instant()).label("until")).where(
        rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("person"), rows.c.since <= NOW,
        rows.c.until > NOW,
    )
)  # fmt: skip


def away_until(desk: Desk, person: str) -> datetime | None:
    """When an absent person is back; None for who is there."""
    found = UNTIL.first(desk.session, {"tenant": desk.tenant, "person": person, "now": desk.now})
    until: datetime | None = found.until
    return until
