"""Anchors each day's journals once the day is over, and says so in the log, which is kept elsewhere."""

from datetime import time, timedelta

import structlog

from engine import anchors
from pathways.context import Context

log = structlog.get_logger()


def anchor_yesterday(context: Context) -> int:
    """How many anchors were made: one a day, by whichever process comes first."""
    now = context.clock.now()
    today = context.calendar.local(now).date()
    midnight = context.calendar.at(today, time())
    with context.database.read() as session:
        last = anchors.latest(session, context.tenant)
    if now < midnight + anchors.MARGIN or (last is not None and last.until >= midnight):
        return 0
    with context.database.begin() as session:
        made = anchors.anchor(session, context.tenant, today - timedelta(days=1), midnight)
    if made is None:
        return 0
    log.info("journal_anchored", day=made.day, count=made.entries, hash=made.hash.hex())
    return 1
