"""Those for whom a task waits and who cannot open it: the coordination is told of them, and may send it by a link."""

from sqlalchemy import select

from care.guard import COORDINATOR
from care.sharing import circle
from engine.tables import task_candidate
from inbox.desk import Desk
from inbox.task.tasks import Task
from people import persons
from people.persons import Person
from people.sign_in import accounts


def strangers(desk: Desk, task: Task) -> list[Person]:
    """The active members of the circle who hold one of its roles and have no account; to the coordination alone."""
    if COORDINATOR not in desk.person.roles or task.state != "open":
        return []
    offered = (task_candidate.c.tenant == desk.tenant, task_candidate.c.task == task.id)
    roles = set(desk.session.scalars(select(task_candidate.c.value).where(*offered, task_candidate.c.kind == "role")))
    held = {member.person for member in circle.members(desk.session, task.patient) if member.role in roles}
    known = accounts.coming_in(desk.session, desk.tenant, held)
    return [one for one in persons.persons(desk.session, held - known).values() if one.active]
