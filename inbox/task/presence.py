"""Whether somebody is away now, and until when."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, bindparam, func, select

from base.database import Instant
from base.prepared import Query
from inbox.desk import Desk
from people.rosters.tables import absence as rows

NOW = bindparam("now", type_=Instant())


def until(tenant: ColumnElement[str], person: ColumnElement[str]) -> Select[datetime]:
    """When an absent person is back; asked with `now`."""
    theirs = (rows.c.tenant == tenant, rows.c.person == person, rows.c.since <= NOW, rows.c.until > NOW)
    return select(func.max(rows.c.until, type_=Instant()).label("until")).where(*theirs).correlate(None)


UNTIL = Query(until(bindparam("tenant", type_=String()), bindparam("person", type_=String())))


def away_until(desk: Desk, person: str) -> datetime | None:
    """When an absent person is back; None for who is there."""
    found = UNTIL.first(desk.session, {"tenant": desk.tenant, "person": person, "now": desk.now})
    back: datetime | None = found.until
    return back
