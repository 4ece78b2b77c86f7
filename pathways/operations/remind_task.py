"""`tache.relancer`: an open task of the run rises in the lists of those who may answer it."""

from decimal import Decimal

from sqlalchemy import select, update

from engine.environment import FeelValue, OperationCall
from engine.tables import task as tasks

HIGHEST = 100


def remind(call: OperationCall) -> dict[str, FeelValue]:
    """Inputs `tache` (the element's id) and `priorite`; a task never loses priority by being reminded."""
    wanted = call.variables.get("priorite")
    least = int(wanted) if isinstance(wanted, Decimal) and 0 <= wanted <= HIGHEST else 0
    same = (
        tasks.c.tenant == call.tenant,
        tasks.c.run == call.run,
        tasks.c.element == call.variables.get("tache"),
        tasks.c.state == "open",
    )
    for row in call.session.execute(select(tasks.c.id, tasks.c.priority).where(*same)).all():
        call.session.execute(
            update(tasks)
            .where(tasks.c.tenant == call.tenant, tasks.c.id == row.id)
            .values(priority=max(row.priority, least), follow_up_at=call.now)
        )
    return {}
