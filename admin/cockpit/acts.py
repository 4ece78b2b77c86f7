"""What the coordination does from its lists: put tasks into somebody's hands, and stop a case; the journal says who."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from admin.access import COCKPIT
from base.errors import Conflict, Forbidden, Invalid, JalonError, NotFound
from care.case import thread
from care.case.thread import Words
from care.guard import see_case
from care.sharing import circle
from care.sharing.visibility import HEALTH, recipient_category
from care.tables import case
from engine.tables import task, task_candidate
from inbox.desk import Desk
from inbox.lists.bulk import MOST, Line
from inbox.task import gone, refusals
from pathways import closing
from pathways.context import Context
from people import persons
from people.persons import Person
from people.roles import label
from people.rosters.standing_in import away
from people.sign_in import accounts

TAKEN = "Cette tâche n’attend plus : quelqu’un vient d’y répondre."
REASONS = {
    "erreur": "Ouvert par erreur",
    "doublon": "Fait double emploi avec un autre dossier",
    "depart": "La personne a quitté le territoire",
    "deces": "La personne est décédée",
    "autre": "Autre raison",
}


@dataclass(frozen=True)
class Receiver:
    """Somebody to whom tasks may be given, and in what quality."""

    id: str
    name: str
    quality: str


Act = Callable[[Desk, str], None]


def receivers(desk: Desk, ids: Sequence[str]) -> list[Receiver]:
    """Who may be given at least one of these tasks: those who care for the patient, those who hold its role."""
    found: dict[str, Receiver] = {}
    for task_id in ids[:MOST]:
        found |= {one.id: one for one in _able(desk, task_id)}
    return sorted(found.values(), key=lambda one: one.name)


def entrust_to(person: str) -> Act:
    """Put each into somebody's hands, wherever it is now. Raises Invalid, Conflict, Forbidden."""

    def entrust(desk: Desk, task_id: str) -> None:
        desk.context.engine.hold(desk.session, task=task_id)
        row = _row(desk, task_id)
        if row.state != "open":
            raise Conflict(TAKEN, code="task-closed")
        if row.assignee == person:
            return
        if person not in {one.id for one in _able(desk, task_id)}:
            raise Invalid("Choisissez à qui.", {"a": "Choisissez quelqu’un de la liste."})
        receiver = persons.person(desk.session, person)
        see_case(desk.session, receiver, row.run, now=desk.now, involved=True, matrix=desk.context.visibility)
        refusals.lift(desk.session, desk.tenant, task_id, person)
        desk.context.engine.assign(desk.session, task=task_id, before=row.assignee, after=person, actor=desk.person.id)
        said = Words(row.run, desk.person.id, f"Confiée à {receiver.display}.", thread.HANDED, task_id, person)
        thread.write(desk.session, desk.context.vault, desk.context.clock, desk.tenant, said)

    return entrust


def each(context: Context, person: Person, ids: Sequence[str], act: Act) -> list[Line]:
    """Each in a transaction of its own: what one task refuses does not hold up the others."""
    if not COCKPIT & person.roles:
        raise Forbidden("Ce geste revient à la coordination.")
    return [_one(context, person, task_id, act) for task_id in list(dict.fromkeys(ids))[:MOST]]


def stop(desk: Desk, case_id: str, reason: str) -> None:
    """End a case for good, and tell those who had its tasks. Raises Invalid without a reason, NotFound, Conflict."""
    if reason not in REASONS:
        raise Invalid("Dites pourquoi ce dossier s’arrête.", {"raison": "Choisissez une raison."})
    going = gone.open_of(desk, case_id)
    desk.context.engine.cancel(desk.session, run=case_id, actor=desk.person.id, reason=REASONS[reason])
    closing.close_if_ended(desk.session, desk.context, case_id)
    gone.tell_holders(desk, case_id, going)


def _one(context: Context, person: Person, task_id: str, act: Act) -> Line:
    title = ""
    try:
        with context.database.begin() as session:
            desk = Desk(session, context, person, only_reads=False)
            title = _row(desk, task_id).name
            act(desk, task_id)
    except JalonError as error:
        return Line(task_id, title, error.message)
    return Line(task_id, title)


def _able(desk: Desk, task_id: str) -> list[Receiver]:
    row = _row(desk, task_id)
    held = {member.person: member.role for member in circle.members(desk.session, row.patient)}
    carers = [
        (who, held[who.id])
        for who in persons.persons(desk.session, set(held)).values()
        if who.active and recipient_category(who.roles) == HEALTH
    ]
    offered = (
        task_candidate.c.tenant == desk.tenant,
        task_candidate.c.task == task_id,
        task_candidate.c.kind == "role",
    )
    roles = desk.session.scalars(select(task_candidate.c.value).where(*offered)).all()
    holders = [(who, role) for role in roles for who in persons.holding(desk.session, desk.tenant, role)]
    gone = {row.assignee, *desk.session.scalars(away(desk.tenant), {"now": desk.now})}
    able = accounts.coming_in(desk.session, desk.tenant, {who.id for who, _ in (*holders, *carers)} - gone)
    return [Receiver(who.id, who.display, label(role)) for who, role in (*holders, *carers) if who.id in able]


def _row(desk: Desk, task_id: str) -> Any:
    of_case = (case.c.tenant == task.c.tenant) & (case.c.id == task.c.run)
    columns = (task.c.run, task.c.name, task.c.state, task.c.assignee, case.c.patient)
    wanted = select(*columns).join(case, of_case).where(task.c.tenant == desk.tenant, task.c.id == task_id)
    found = desk.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("Cette tâche n’existe pas, ou plus.", code="task-unknown")
    return found
