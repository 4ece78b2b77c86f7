"""One task: who may open it, what it is about, and taking or giving it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.errors import Conflict, Forbidden, NotFound
from base.prepared import together
from care.case import thread
from care.case.thread import Words
from engine.definition import Definition
from engine.environment import FeelValue
from engine.expressions import to_values
from inbox import dates, pathway
from inbox.desk import Desk
from inbox.lists.rows import urgency, why
from inbox.lists.statements import statements
from inbox.task import answered, delegations, drafts, presence, refusals
from inbox.task.delegations import Delegation
from inbox.task.fields import Boxes
from pathways import closing
from pathways.forms import Form
from pathways.forms.nesting import Values
from people.notices import kinds
from people.notices.rows import tell
from people.rosters.standing_in import acts_for

SAME = (
    "id", "token", "definition", "process", "element", "form", "patient", "role", "assignee", "state", "completed_at",
    "completed_by", "created_at", "due_at", "priority", "follow_up_at",
)  # fmt: skip
TAKEN = "Quelqu’un d’autre s’est occupé de cette tâche."
REFUSED = "Vous avez dit que cette tâche n’était pas pour vous. Un collègue peut vous la confier."
SENT, RETURNED = "sent", "returned"
NOT_YOURS = "Vous n’êtes pas dans le cercle de soins de cette personne."


class Absent(Conflict):
    """Who declared to be away does not answer: what waits for them is elsewhere."""

    code = "absent"


@dataclass(frozen=True)
class Task:
    """A task that the person may open, with the case it belongs to; `behalf` is whom they would answer it for,
    `away_until` when they are back themselves.
    """

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
    priority: int
    follow_up_at: datetime | None
    why: str
    behalf: str | None
    urgency: str
    may_take: bool
    may_give_back: bool
    delegation: Delegation | None
    away_until: datetime | None


def task_of(desk: Desk, task_id: str, *, hold: bool = False) -> Task:
    """Raises NotFound, or Forbidden when the guard does not let this person see it.

    With `hold` nobody else moves the task until this transaction ends: what the guard says now is what counts.
    """
    row = _read(desk, task_id, hold=hold)
    if not row.seen:
        said = REFUSED if refusals.has_refused(desk.session, desk.tenant, task_id, desk.person.id) else NOT_YOURS
        raise Forbidden(said)
    return _task(row, desk.person.id)


def task_seen_otherwise(desk: Desk, task_id: str, *, hold: bool = False) -> Task:
    """A task that no list shows this person: the caller has asked the guard by what other right. Raises NotFound."""
    return _task(_read(desk, task_id, hold=hold), desk.person.id)


def check_may_answer(desk: Desk, task: Task) -> None:
    """The task is open and in nobody's hands, in the person's, or in those of whom they stand in for; and they are not
    away themselves. Raises Conflict.
    """
    if task.state != "open":
        raise Conflict(TAKEN)
    session, clock, me = desk.session, desk.context.clock, desk.person.id
    if task.assignee is not None and not acts_for(session, clock, desk.tenant, me, task.assignee):
        raise Conflict(TAKEN)
    if task.away_until is not None:
        back = dates.short_day(task.away_until.astimezone(desk.zone).date(), desk.today)
        raise Absent(f"Vous êtes absent jusqu’au {back}.")


def complete(desk: Desk, task: Task, boxes: Boxes) -> str:
    """Answer a task: SENT, or RETURNED to whoever delegated it. The same answer sent again is the same answer.

    Raises Invalid with what to do about each field, Conflict when somebody else answered.
    """
    mark = answered.mark(desk, task.id, boxes)
    if task.state == "completed" and answered.is_same(desk, task.id, mark):
        return SENT
    check_may_answer(desk, task)
    values = _checked(desk, task, boxes)
    delegation = task.delegation
    if delegation is not None and _give_back(desk, task, delegation, boxes):
        return RETURNED
    me, behalf = desk.person.id, task.behalf
    if delegation is not None and delegation.by != me:
        behalf = delegation.by
        _tell(desk, task, delegation.by, kinds.SENT_FOR, task.id)
    ended = desk.context.engine.complete(desk.session, task=task.id, variables=values, actor=me, behalf=behalf)
    with together(desk.session):
        answered.note(desk, task.id, mark)
        drafts.drop(desk.session, desk.tenant, task.id, desk.person.id)
    if ended:
        closing.close_if_ended(desk.session, desk.context, task.case)
    return SENT


def _give_back(desk: Desk, task: Task, delegation: Delegation, boxes: Boxes) -> bool:
    """What was prepared for somebody who is there comes back to them, as their draft; whether it was."""
    delegations.drop(desk.session, desk.tenant, task.id)
    absent = presence.away_until(desk, delegation.by) is not None
    if delegation.by == desk.person.id or absent:
        return False
    drafts.give(desk, task.id, delegation.by, boxes)
    drafts.drop(desk.session, desk.tenant, task.id, desk.person.id)
    _hand_over(desk, task.id, task.assignee, delegation.by, task.behalf)
    told = Words(task.case, desk.person.id, "Réponse préparée.", thread.PREPARED, task.id, delegation.by)
    _tell(desk, task, delegation.by, kinds.RETURNED, _write(desk, told))
    return True


def _write(desk: Desk, words: Words) -> str:
    return thread.write(desk.session, desk.context.vault, desk.context.clock, desk.tenant, words)


def _tell(desk: Desk, task: Task, person: str, kind: str, about: str) -> None:
    tell(
        desk.session, desk.context.clock, desk.tenant, person, kind, task=task.id, case=task.case, about=about,
        due=task.due_at, urgent=task.urgency == "p1",
    )  # fmt: skip


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


def take_back(desk: Desk, task: Task) -> None:
    """Take one's own answer back: the task is open again, with that answer as a draft. Raises Conflict in words."""
    engine, me = desk.context.engine, desk.person.id
    given = next(
        (entry for entry in reversed(engine.history(desk.session, task.case))
         if entry.kind == "task_completed" and entry.detail["task"] == task.id), None,
    )  # fmt: skip
    engine.take_back(desk.session, task=task.id, actor=me)
    answered.forget(desk, task.id)
    form = form_of(engine.definition(desk.session, task.definition), task)
    if form is not None and given is not None:
        drafts.keep(desk, task.id, form.prefill(to_values(given.detail.get("variables") or {})))


def claim(desk: Desk, task_id: str) -> None:
    """Take a task of a role; raises Conflict when somebody else has it or answered it."""
    found = task_of(desk, task_id)
    if found.assignee != desk.person.id:
        _hand_over(desk, task_id, None, desk.person.id, found.behalf if found.assignee is None else None)


def release(desk: Desk, task_id: str) -> None:
    """Give a task back to its role, or to whoever delegated it, who is told. Raises Conflict when it is not theirs."""
    found = task_of(desk, task_id)
    delegation = found.delegation
    if not found.may_give_back and (delegation is None or found.assignee != desk.person.id):
        raise Conflict("Cette tâche n’est pas, ou plus, la vôtre.")
    delegations.drop(desk.session, desk.tenant, task_id)
    back = delegation.by if delegation is not None and delegation.by != desk.person.id else None
    _hand_over(desk, task_id, desk.person.id, back, found.behalf)
    if back is not None:
        told = Words(found.case, desk.person.id, "Rendue sans réponse.", thread.HANDED, task_id, back)
        _tell(desk, found, back, kinds.RETURNED, _write(desk, told))


def recall(desk: Desk, task_id: str) -> None:
    """Have back what one had delegated; what the other has begun stays their draft. Raises Conflict."""
    row = _read(desk, task_id, hold=True)
    found, delegation = _task(row, desk.person.id), delegations.told(row)
    if found.state != "open" or delegation is None or delegation.by != desk.person.id:
        raise Conflict("Cette tâche n’est pas, ou plus, déléguée par vous.", code="not-delegated")
    desk.sight(found.case, involved=True)
    delegations.drop(desk.session, desk.tenant, task_id)
    _hand_over(desk, task_id, found.assignee, desk.person.id, _had_from(row, desk.person.id))
    _write(desk, Words(found.case, desk.person.id, "Reprise.", thread.HANDED, task_id, delegation.to))


def _hand_over(desk: Desk, task_id: str, before: str | None, after: str | None, behalf: str | None = None) -> None:
    desk.context.engine.assign(
        desk.session, task=task_id, before=before, after=after, actor=desk.person.id, behalf=behalf
    )


def _read(desk: Desk, task_id: str, *, hold: bool) -> Any:
    if hold:
        desk.context.engine.hold(desk.session, task=task_id)
    row = statements(desk.person).task.first(desk.session, {**desk.values, "id": task_id})
    if row is None:
        raise NotFound("Cette tâche n’existe pas, ou plus.")
    return row


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
        why=why(mine, row.through is not None, row.role),
        behalf=_behalf(row, person),
        urgency=urgency(row.priority),
        may_take=is_open and row.assignee is None,
        may_give_back=is_open and mine and bool(row.role),
        delegation=delegations.told(row),
        away_until=row.away_until,
    )


def _behalf(row: Any, person: str) -> str | None:
    """Whose task it is by rights: whom it is assigned to, whom an absence took it from, through whom they have the
    role.
    """
    if row.assignee not in (None, person):
        return str(row.assignee)
    return _had_from(row, person) if row.assignee == person else _through(row, person)


def _had_from(row: Any, person: str) -> str | None:
    return _through(row, person) if row.replaced is None else str(row.replaced)


def _through(row: Any, person: str) -> str | None:
    return None if row.through in (None, person) else str(row.through)
