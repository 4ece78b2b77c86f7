"""One act on many tasks: each in its own transaction, and a line for each that says what became of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from base.errors import Invalid, JalonError, RequestError
from inbox import pathway
from inbox.desk import Desk
from inbox.lists import follows
from inbox.task import outcomes, tasks
from pathways.context import Context
from people.persons import Person

MOST = 50
ALLOWED = "jalon:lot"
"""What an author writes on a task (« oui ») that may be answered together with others of the same kind."""


@dataclass(frozen=True)
class Line:
    """What became of one task; `refused` says why nothing was done."""

    task: str
    title: str
    refused: str = ""


Act = Callable[[Desk, str], None]


def take(desk: Desk, task_id: str) -> None:
    tasks.claim(desk, task_id)


def follow(desk: Desk, task_id: str) -> None:
    found = tasks.task_of(desk, task_id)
    follows.begin(desk, found.case, task_id)


def complete(desk: Desk, task_id: str) -> None:
    """Answer with nothing to say: only where the author allows it and the form asks for nothing."""
    found = tasks.task_of(desk, task_id, hold=True)
    definition = desk.context.engine.definition(desk.session, found.definition)
    if pathway.property_of(definition, found.element, ALLOWED) != "oui":
        raise Invalid("Cette tâche attend une réponse à elle : ouvrez-la.")
    tasks.complete(desk, found, {})


def hand_to(person: str) -> Act:
    """Give each into somebody's hands."""
    return lambda desk, task_id: outcomes.hand_over(desk, tasks.task_of(desk, task_id, hold=True), person)


def receivers(desk: Desk, ids: Sequence[str]) -> list[outcomes.Candidate]:
    """Those to whom at least one of the tasks may be given."""
    found: dict[str, outcomes.Candidate] = {}
    for task_id in ids[:MOST]:
        with suppress(RequestError):
            found |= {one.person.id: one for one in outcomes.to_give(desk, tasks.task_of(desk, task_id))}
    return list(found.values())


def each(context: Context, person: Person, ids: Sequence[str], act: Act) -> list[Line]:
    """Nothing is all or nothing: what one task refuses does not hold up the others."""
    return [_one(context, person, task_id, act) for task_id in list(dict.fromkeys(ids))[:MOST]]


def _one(context: Context, person: Person, task_id: str, act: Act) -> Line:
    title = ""
    try:
        with context.database.begin() as session:
            desk = Desk(session, context, person, only_reads=False)
            title = tasks.task_of(desk, task_id).title
            act(desk, task_id)
    except JalonError as error:
        return Line(task_id, title, error.message)
    return Line(task_id, title)
