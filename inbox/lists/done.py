"""What a person answered, the latest first, as far as they may still see the case."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, bindparam, literal_column, select, tuple_

from base.conditions import weighed
from base.database import Instant
from care.guard import asker
from care.tables import case
from engine.tables import NEVER, task
from inbox.desk import Desk
from inbox.lists.statements import TASKS, Question, sees_case
from inbox.lists.walks import MOST
from people.persons import Person

PLACE = tuple_(task.c.completed_at, task.c.id)
BEFORE = tuple_(bindparam("before_at", NEVER, Instant()), bindparam("before_task", "", String()))
NOBODY: ColumnElement[str] = literal_column("NULL", String())


def answered(person: Person, kept: Sequence[ColumnElement[bool]] = ()) -> Question:
    """The rows, in the columns of every list."""
    mine = (task.c.tenant == person.tenant, task.c.completed_by == asker(person), task.c.state == "completed")
    columns = (task, case.c.patient, case.c.title, case.c.pathway, NOBODY.label("through"))
    found = select(*columns).select_from(TASKS).where(*mine, PLACE < BEFORE, *kept)
    found = found.where(weighed(sees_case(person), case))
    return found.order_by(task.c.completed_at.desc(), task.c.id.desc()).limit(MOST)


def place(desk: Desk, after: str) -> dict[str, object]:
    """Where the list goes on after a task."""
    wanted = select(task.c.completed_at, task.c.id).where(task.c.tenant == desk.tenant, task.c.id == after)
    found = desk.session.execute(wanted).first()
    return {} if found is None else {"before_at": found.completed_at, "before_task": found.id}
