"""One task: who may open it, what it is about, and taking or giving it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.errors import Conflict, Forbidden, NotFound
from engine.definition import Definition
from engine.environment import FeelValue
from inbox import pathway
from inbox.desk import Desk
from inbox.fields import Boxes
from inbox.queue import urgency, why
from inbox.statements import statements
from pathways import closing
from pathways.forms import Form
from pathways.forms.nesting import Values

SAME = (
    "id", "token", "definition", "process", "element", "form", "patient", "role", "assignee", "state", "completed_at",
    "completed_by", "created_at", "due_at",
)  # fmt: skip
TAKEN = "Quelqu’un d’autre s’est occupé de cette tâche."
NOT_YOURS = "Vous n’êtes pas dans le cercle de soins de cette personne."


@dataclass(frozen=True)
class Task:
    """A task that the person may open, with the case it belongs to."""

    id: str
    case: str
    token: int
    definition: str
    process: str
    element: str
    form: str | None
    title: str
    pathway: str
    version: int
    patient: str
    role: str | None
    assignee: str | None
    state: str
    completed_at: datetime | None
    completed_by: str | None
    created_at: datetime
    due_at: datetime | None
    why: str
    urgency: str
    may_take: bool
    may_give_back: bool


def task_of(desk: Desk, task_id: str) -> Task:
    """Raises NotFound, or Forbidden when the guard does not let this person see it."""
    row = statements(desk.person).task.first(desk.session, {**desk.values, "id": task_id})
    if row is None:
        raise NotFound("Cette tâche n’existe pas, ou plus.")
    if not row.seen:
        raise Forbidden(NOT_YOURS)
    return _task(row, desk.person.id)


def complete(desk: Desk, task: Task, boxes: Boxes) -> None:
    """Answer a task. Raises Invalid with what to do about each field, Conflict when somebody else answered."""
    if task.state != "open" or task.assignee not in (None, desk.person.id):
        raise Conflict(TAKEN)
    values = _checked(desk, task, boxes)
    ended = desk.context.engine.complete(desk.session, task=task.id, variables=values, actor=desk.person.id)
    if ended:
        closing.close_if_ended(desk.session, desk.context, task.case)


def _checked(desk: Desk, task: Task, boxes: Boxes) -> dict[str, FeelValue]:
    """What the pathway gets; the case's variables are read only when the form's conditions need them."""
    definition = desk.context.engine.definition(desk.session, task.definition)
    form = form_of(definition, task)
    if form is None:
        return {}
    known = known_to(desk, task) if pathway.reads_case(definition, task.form or "") else {}
    return form.check(boxes, known, timezone=desk.zone.key, today=desk.today)


def form_of(definition: Definition, task: Task) -> Form | None:
    """The form that the task asks for."""
    return pathway.form(definition, task.form) if task.form else None


def known_to(desk: Desk, task: Task) -> Values:
    """The case's variables as the task sees them; nothing once it is closed."""
    if task.state != "open":
        return {}
    return desk.context.engine.variables(desk.session, task=task.id)


def claim(desk: Desk, task_id: str) -> None:
    """Take a task of a role; raises Conflict when somebody else has it or answered it."""
    if task_of(desk, task_id).assignee != desk.person.id:
        _hand_over(desk, task_id, None, desk.person.id)


def release(desk: Desk, task_id: str) -> None:
    """Give a task back to its role; raises Conflict when it is not the person's any more."""
    if not task_of(desk, task_id).may_give_back:
        raise Conflict("Cette tâche n’est pas, ou plus, la vôtre.")
    _hand_over(desk, task_id, desk.person.id, None)


def _hand_over(desk: Desk, task_id: str, before: str | None, after: str | None) -> None:
    desk.context.engine.assign(desk.session, task=task_id, before=before, after=after, actor=desk.person.id)


def _task(row: Any, person: str) -> Task:
    mine, is_open = row.assignee == person, row.state == "open"
    found = row._asdict()
    own = {name: found[name] for name in SAME}
    return Task(
        **own,
        case=row.run,
        title=row.name,
        pathway=row.title,
        version=row.pathway_version,
        why=why(mine, row.known, row.role),
        urgency=urgency(row.priority),
        may_take=is_open and row.assignee is None,
        may_give_back=is_open and mine and bool(row.role),
    )
