"""What the guard lets somebody see of one case, by themselves or by a task of it that they hold or have answered."""

from sqlalchemy import select

from base.errors import Forbidden, NotFound
from care.guard import Sight
from care.tables import case
from inbox.desk import Desk
from inbox.lists.statements import has_task


def sight(desk: Desk, case_id: str) -> Sight:
    """Raises NotFound, Forbidden."""
    of_case = select(has_task(desk.person)).select_from(case).where(case.c.tenant == desk.tenant, case.c.id == case_id)
    return desk.sight(case_id, involved=bool(desk.session.scalar(of_case, desk.values)))


def may_open(desk: Desk, case_id: str) -> bool:
    """Whoever is only offered a task reads what it needs on its page, and opens the case once they have taken it."""
    try:
        return sight(desk, case_id).identity
    except (Forbidden, NotFound):
        return False
