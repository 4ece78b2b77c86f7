"""Tells whoever is on duty during an absence of theirs, and the coordination, that somebody must be found."""

from collections.abc import Sequence
from typing import Any

from pathways.context import Context
from pathways.recipients import Recipients
from people.notices.kinds import OFF_DUTY
from people.notices.rows import tell
from people.rosters.duty_absences import UNTOLD


def sweep(context: Context) -> int:
    """How many shifts were told of."""
    values = {"tenant": context.tenant, "now": context.clock.now()}
    with context.database.read() as session:
        found: Sequence[Any] = UNTOLD.all(session, values)
    if not found:
        return 0
    with context.database.begin() as session:
        coordination = Recipients(session, context).coordinators
        for row in UNTOLD.all(session, values):
            for person in dict.fromkeys((row.person, *coordination)):
                tell(
                    session, context.clock, context.tenant, person, OFF_DUTY,
                    about=f"{row.id}:{row.absence}", other=row.person, due=row.since,
                )  # fmt: skip
    return len(found)
