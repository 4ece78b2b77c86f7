"""What somebody follows: whole cases, or one task of a case; what they may not see stays out of sight."""

from functools import lru_cache

from sqlalchemy import bindparam, delete, func, select

from base.conditions import weighed
from base.database import insert_into
from base.errors import Forbidden
from base.prepared import Query
from care.case import cases
from care.guard import asker
from care.tables import case
from engine.tables import task
from inbox.desk import Desk
from inbox.lists.orders import Conditions, Order
from inbox.lists.statements import IS_OPEN, KEPT, TASKS, Question, sees_case, unnamed
from inbox.lists.tables import follow as rows
from inbox.lists.walks import rows as listed_rows
from inbox.patient import check_not_erased
from people.persons import Person

COUNTED = 99
OF_CASE = Query(
    select(rows.c.task).where(
        rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("asker"), rows.c.run == bindparam("run")
    )
)


def begin(desk: Desk, run: str, task_id: str = "") -> None:
    """Follow a case, or one of its tasks.

    Raises Forbidden when the person may not see the case, and Conflict when whom it was about was erased.
    """
    if not _may_see(desk, run):
        raise Forbidden("Vous n’êtes pas dans le cercle de soins de cette personne.", code="not-in-circle")
    check_not_erased(desk, cases.case(desk.session, run).patient)
    values = {"tenant": desk.tenant, "person": desk.person.id, "run": run, "task": task_id, "since": desk.now}
    desk.session.execute(insert_into(desk.session, rows).values(values).on_conflict_do_nothing())


def end(desk: Desk, run: str) -> None:
    """Follow nothing of a case any more."""
    mine = (rows.c.tenant == desk.tenant, rows.c.person == desk.person.id, rows.c.run == run)
    desk.session.execute(delete(rows).where(*mine))


def follows(desk: Desk, run: str) -> bool:
    """Whether the person follows the case, or a task of it."""
    return OF_CASE.first(desk.session, {**desk.values, "tenant": desk.tenant, "run": run}) is not None


def followed(person: Person, order: Order, kept: Conditions = ()) -> Question:
    """The open tasks of what the person follows."""
    return listed_rows(person, order, *_theirs(person), *kept)


def count(desk: Desk) -> int:
    """How many tasks that makes; counting stops at COUNTED + 1."""
    return int(_count(unnamed(desk.person)).first(desk.session, desk.values).number)


@lru_cache(maxsize=KEPT)
def _count(person: Person) -> Query:
    found = select(task.c.id).select_from(TASKS).where(*_theirs(person)).limit(COUNTED + 1)
    return Query(select(func.count().label("number")).select_from(found.subquery()))


def _theirs(person: Person) -> Conditions:
    mine = (rows.c.tenant == person.tenant, rows.c.person == asker(person))
    cases = select(rows.c.run).where(*mine, rows.c.task == "").correlate(None)
    tasks = select(rows.c.task).where(*mine, rows.c.task != "").correlate(None)
    found = select(task.c.id).where(task.c.tenant == person.tenant, task.c.run.in_(cases), IS_OPEN)
    single = select(task.c.id).where(task.c.tenant == person.tenant, task.c.id.in_(tasks), IS_OPEN)
    either = task.c.id.in_(found.correlate(None).union(single.correlate(None)))
    return [task.c.tenant == person.tenant, either, weighed(sees_case(person), case)]


def _may_see(desk: Desk, run: str) -> bool:
    one = (case.c.tenant == desk.tenant, case.c.id == run, sees_case(desk.person))
    return desk.session.scalar(select(case.c.id).where(*one), desk.values) is not None
