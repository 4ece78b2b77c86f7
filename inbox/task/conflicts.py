"""Why an answer could not be taken: who was first or has the task now, and whom to call."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.tables import run
from inbox import dates
from inbox.desk import Desk
from inbox.request import context, person
from inbox.task import drafts, refusals
from inbox.task.fields import Boxes
from inbox.task.tasks import Absent, Task
from people.persons import Person, persons


@dataclass(frozen=True)
class Overtaken:
    """What happened, in words; `call` is who can help; `absent` when the person is away by their own word."""

    words: str
    call: Person | None = None
    absent: bool = False


def overtaken(desk: Desk, task: Task, error: Exception | None = None) -> Overtaken:
    """Why this person cannot answer this task any more."""
    if isinstance(error, Absent):
        return Overtaken(str(error), coordinator(desk), absent=True)
    holder = persons(desk.session, {task.assignee}).get(task.assignee) if task.assignee else None
    call = holder if task.state == "open" and holder and holder.id != desk.person.id else coordinator(desk)
    return Overtaken(who_answered(desk, task), call)


def who_answered(desk: Desk, task: Task) -> str:
    """« Dr Anne DEMO-VIGNAL a répondu à 10:41. »"""
    if task.state == "cancelled":
        return _why_gone(desk, task)
    known = persons(desk.session, {task.completed_by or "", task.assignee or ""})
    if task.state == "open":
        holder = known.get(task.assignee or "")
        return f"Cette tâche a été confiée à {holder.display if holder else 'quelqu’un d’autre'} pendant ce temps."
    answering = known.get(task.completed_by or "")
    when = dates.moment(task.completed_at, desk.now, desk.zone) if task.completed_at else ""
    return f"{answering.display if answering else 'Quelqu’un'} a répondu {when}."


def _why_gone(desk: Desk, task: Task) -> str:
    ended = select(run.c.end_state).where(
        run.c.tenant == desk.tenant, run.c.id == task.case, run.c.state == "cancelled"
    )
    said = desk.session.scalar(ended)
    if said:
        return f"Cette tâche n’est plus demandée. Le dossier est arrêté : « {said.rstrip('.')} »."
    return "Cette tâche n’est plus demandée : le parcours a continué sans elle."


def coordinator(desk: Desk) -> Person | None:
    """Whom to call: first somebody who can be reached by telephone."""
    others = [one for one in refusals.coordinators(desk) if one.id != desk.person.id]
    found = sorted(others, key=lambda one: not one.phone)
    return found[0] if found else None


def keep_typed(task_id: str, boxes: Boxes, device: str = "") -> None:
    """What was typed is kept although the answer was not taken; in a transaction of its own."""
    if not any(boxes.values()):
        return
    parts = context()
    with parts.database.begin() as session:
        drafts.keep(Desk(session, parts, person(), only_reads=False), task_id, boxes, device)
