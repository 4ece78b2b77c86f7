"""Tells those who stand in for an absent colleague that they do, when it begins."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from base.database import Instant
from base.prepared import Query
from pathways.context import Context
from people.notices.kinds import STANDS_IN
from people.notices.rows import tell
from people.notices.tables import notice
from people.rosters.tables import stand_in

NOW = bindparam("now", type_=Instant())
TENANT: BindParameter[str] = bindparam("tenant")
TOLD = select(notice.c.id).where(
    notice.c.tenant == TENANT, notice.c.person == stand_in.c.stand_in, notice.c.kind == STANDS_IN,
    notice.c.about == stand_in.c.absence + ":" + stand_in.c.person,
)  # fmt: skip
BEGUN = Query(
    select(stand_in)
    .where(stand_in.c.tenant == TENANT, stand_in.c.since <= NOW, stand_in.c.until > NOW)
    .where(~TOLD.exists())
    .order_by(stand_in.c.stand_in, stand_in.c.since)
)


def sweep(context: Context) -> int:
    """How many were told."""
    values = {"tenant": context.tenant, "now": context.clock.now()}
    with context.database.read() as session:
        begun: Sequence[Any] = BEGUN.all(session, values)
    if not begun:
        return 0
    with context.database.begin() as session:
        for row in BEGUN.all(session, values):
            tell(
                session, context.clock, context.tenant, row.stand_in, STANDS_IN,
                about=f"{row.absence}:{row.person}", other=row.person, due=row.until,
            )  # fmt: skip
    return len(begun)
