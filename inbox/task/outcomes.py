"""What one may answer besides the form: not me, a question, somebody else prepares it, somebody else has it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from base.errors import Conflict, Invalid
from base.vault import normalise
from care.case import thread
from care.case.cases import case
from care.case.thread import Words
from care.guard import COORDINATOR
from care.sharing import circle
from care.sharing.visibility import HEALTH, recipient_category
from engine.tables import task_candidate
from inbox.desk import Desk
from inbox.task import delegations, drafts, refusals
from inbox.task.delegations import Delegation
from inbox.task.refusals import CODES, REASONS, WORDS, Refusal
from inbox.task.tasks import Task, check_may_answer
from pathways import closing, recipients
from people import persons
from people.notices.kinds import CORRECTION, HANDED, QUESTION, RETURNED, TO_PREPARE
from people.notices.rows import tell
from people.persons import Person
from people.roles import label
from people.rosters.standing_in import away
from people.sign_in import accounts

MOST_SHOWN = 30
PRIORITIES = {"p1": (90, "Urgent"), "p2": (70, "Prioritaire"), "p3": (50, "Courant")}
LAST_ONE = "Cette tâche ne peut revenir à personne d’autre. Posez une question à la coordination, ou appelez-la."


@dataclass(frozen=True)
class Candidate:
    """Somebody to whom a task may be given, and in what quality."""

    person: Person
    quality: str


def decline(desk: Desk, task: Task, kind: str, reason: str, words: str = "") -> bool:
    """« Je ne peux pas », « Pas concerné »: the task leaves the person; whether the pathway foresaw it.

    Else it goes back to its roles, where the others find it; to the coordination when nobody is left.
    Raises Invalid, Conflict.
    """
    check_may_answer(desk, task)
    _check_reason(kind, reason)
    refusals.add(desk, Refusal(task.id, kind, reason))
    said = ". ".join(part for part in (_for(desk, task), WORDS[kind], REASONS[reason], words) if part)
    written = _write(desk, task, thread.DECLINED, said)
    drafts.drop(desk.session, desk.tenant, task.id, desk.person.id)
    engine = desk.context.engine
    foreseen = engine.turn_down(desk.session, task=task.id, code=CODES[kind], actor=desk.person.id, behalf=task.behalf)
    if foreseen:
        closing.close_if_ended(desk.session, desk.context, task.case)
    if engine.is_open(desk.session, task=task.id):
        _leave(desk, task, written)
    return foreseen


def ask(desk: Desk, task: Task, to: str, text: str) -> None:
    """Ask somebody of the circle, or the coordination; the task stays where it is. Raises Invalid."""
    if to not in {one.person.id for one in to_ask(desk, task)}:
        raise Invalid("Choisissez à qui.", {"a": "Choisissez quelqu’un du cercle de soins, ou la coordination."})
    if text.strip():  # nothing is not asked, for whomever
        text = _said(desk, task, "", text)
    _tell(desk, task, to, QUESTION, _write(desk, task, thread.QUESTION, text, to))


def hand_over(desk: Desk, task: Task, to: str, words: str = "") -> None:
    """« Confier à… »: for good; what is prepared for somebody still comes back to them. Raises Invalid, Conflict."""
    receiver = _receiver(desk, task, to)
    delegation = task.delegation
    _assign(desk, task, receiver.id)
    if delegation is not None and delegation.by == receiver.id:
        delegations.drop(desk.session, desk.tenant, task.id)
    said = _said(desk, task, f"Confiée à {receiver.display}", words)
    written = _write(desk, task, thread.HANDED, said, receiver.id)
    _tell(desk, task, receiver.id, HANDED, written)


def delegate(desk: Desk, task: Task, to: str, words: str = "") -> None:
    """« Déléguer »: somebody prepares the answer, which then comes back. Raises Invalid, Conflict."""
    receiver = _receiver(desk, task, to)
    if task.delegation is not None:
        raise Conflict("Vous préparez déjà cette tâche pour quelqu’un : rendez-la, ou préparez-la.", code="delegated")
    _assign(desk, task, receiver.id)
    delegations.put(desk.session, desk.tenant, task.id, Delegation(desk.person.id, receiver.id, desk.now))
    said = _said(desk, task, f"À préparer par {receiver.display}, puis me revient", words)
    _tell(desk, task, receiver.id, TO_PREPARE, _write(desk, task, thread.HANDED, said, receiver.id))


def plan(desk: Desk, task: Task, urgency: str, follow_up_at: datetime | None) -> None:
    """Another priority, and a day on which to look at it again; the journal says who. Raises Invalid, Conflict."""
    check_may_plan(desk, task)
    if urgency not in PRIORITIES:
        raise Invalid("Choisissez une priorité.", {"priorite": "Choisissez une des trois priorités."})
    priority = task.priority if task.urgency == urgency else PRIORITIES[urgency][0]
    desk.context.engine.plan(
        desk.session, task=task.id, priority=priority, follow_up_at=follow_up_at, actor=desk.person.id,
        behalf=task.behalf,
    )  # fmt: skip


def ask_for_correction(desk: Desk, task: Task, text: str) -> None:
    """What was answered is relied upon already: whoever relies on it is asked to put it right. Raises Conflict."""
    if task.state != "completed" or task.completed_by != desk.person.id:
        raise Conflict("On ne demande de corriger que sa propre réponse, une fois envoyée.", code="not-your-answer")
    written = _write(desk, task, thread.REQUEST, text)
    for person in recipients.of_case(desk.session, desk.context, task.case):
        if person != desk.person.id:
            _tell(desk, task, person, CORRECTION, written)


def to_ask(desk: Desk, task: Task) -> list[Candidate]:
    """Who may be asked: the circle of care, then the coordination; nobody whom the question would not reach."""
    circled = _of_circle(desk, task)
    known = {one.person.id for one in circled}
    others = [Candidate(one, label(COORDINATOR)) for one in refusals.coordinators(desk) if one.id not in known]
    return _reached(desk, [*circled, *others], {desk.person.id})


def to_give(desk: Desk, task: Task, words: str = "") -> list[Candidate]:
    """To whom it may be given: who cares for this person, then who holds one of its roles.

    Nobody who is away, and nobody who could not open it.
    """
    return [one for one in _free(desk, task) if _is_called(one.person, words)][:MOST_SHOWN]


def check_may_plan(desk: Desk, task: Task) -> None:
    """Those who may answer it, and those who coordinate. Raises Conflict."""
    if COORDINATOR not in desk.person.roles or task.state != "open":
        check_may_answer(desk, task)


def _check_reason(kind: str, reason: str) -> None:
    if kind not in WORDS:
        raise Invalid("Cette réponse n’existe pas.", {"kind": "cannot ou not_concerned."})
    if reason not in REASONS:
        raise Invalid("Dites pourquoi.", {"raison": "Choisissez une raison."})


def _leave(desk: Desk, task: Task, written: str) -> None:
    """Back to the roles or to who delegated it; to the coordination when nobody else may do it."""
    delegation = task.delegation
    back = delegation.by if delegation is not None and delegation.by != desk.person.id else None
    delegations.drop(desk.session, desk.tenant, task.id)
    if task.assignee is not None:
        _assign(desk, task, back)
        if back is not None:
            _tell(desk, task, back, RETURNED, written)
    patient = case(desk.session, task.case).patient
    if back is None and not refusals.others(desk, task.id, patient):
        desk.context.engine.offer(desk.session, task=task.id, role=COORDINATOR, actor=desk.person.id)
        if not refusals.others(desk, task.id, patient):
            raise Conflict(LAST_ONE, code="last-one")


def _receiver(desk: Desk, task: Task, to: str) -> Person:
    check_may_answer(desk, task)
    found = next((one.person for one in _free(desk, task) if one.person.id == to), None)
    if found is None:
        raise Invalid("Choisissez à qui.", {"a": "Choisissez quelqu’un de la liste."})
    refusals.lift(desk.session, desk.tenant, task.id, found.id)
    return found


def _assign(desk: Desk, task: Task, to: str | None) -> None:
    engine = desk.context.engine
    engine.assign(desk.session, task=task.id, before=task.assignee, after=to, actor=desk.person.id, behalf=task.behalf)


def _write(desk: Desk, task: Task, kind: str, text: str, addressee: str | None = None) -> str:
    words = Words(task.case, desk.person.id, text, kind, task.id, addressee)
    return thread.write(desk.session, desk.context.vault, desk.context.clock, desk.tenant, words)


def _tell(desk: Desk, task: Task, person: str, kind: str, written: str) -> None:
    """Tell somebody of what was written in the thread, which may come again for the same task."""
    tell(
        desk.session, desk.context.clock, desk.tenant, person, kind, task=task.id, case=task.case, about=written,
        due=task.due_at, urgent=task.urgency == "p1",
    )  # fmt: skip


def _said(desk: Desk, task: Task, fact: str, words: str) -> str:
    return " ".join(part for part in (*(f"{one}." for one in (_for(desk, task), fact) if one), words.strip()) if part)


def _for(desk: Desk, task: Task) -> str:
    """« Pour Dr Claire DEMO-BERTHON »; empty when the person acts for nobody else."""
    name = drafts.names(desk, [task.behalf]).get(task.behalf) if task.behalf else ""
    return f"Pour {name}" if name else ""


def _free(desk: Desk, task: Task) -> list[Candidate]:
    carers = [one for one in _of_circle(desk, task) if recipient_category(one.person.roles) == HEALTH]
    known = {one.person.id for one in carers}
    colleagues = [one for one in _holders(desk, task) if one.person.id not in known]
    return _reached(desk, [*carers, *colleagues], {desk.person.id, task.assignee})


def _reached(desk: Desk, found: Sequence[Candidate], barred: Collection[str | None]) -> list[Candidate]:
    """Those of them who are there and have an account."""
    gone = {*barred, *desk.session.scalars(away(desk.tenant), {"now": desk.now})}
    known = accounts.coming_in(desk.session, desk.tenant, {one.person.id for one in found} - gone)
    return [one for one in found if one.person.id in known]


def _of_circle(desk: Desk, task: Task) -> list[Candidate]:
    held: dict[str, str] = {}
    for member in circle.members(desk.session, task.patient):
        held.setdefault(member.person, label(member.role))
    known = persons.persons(desk.session, set(held))
    return [Candidate(known[key], quality) for key, quality in held.items() if key in known and known[key].active]


def _holders(desk: Desk, task: Task) -> list[Candidate]:
    """Who holds one of the roles that the task is offered to."""
    wanted = select(task_candidate.c.value).where(
        task_candidate.c.tenant == desk.tenant, task_candidate.c.task == task.id, task_candidate.c.kind == "role"
    )
    found: dict[str, Candidate] = {}
    for role in desk.session.scalars(wanted).all():
        for one in persons.holding(desk.session, desk.tenant, role) if role else ():
            found.setdefault(one.id, Candidate(one, label(role)))
    return list(found.values())


def _is_called(person: Person, words: str) -> bool:
    name = normalise(f"{person.display} {person.profession}")
    return all(word in name for word in normalise(words).split())
