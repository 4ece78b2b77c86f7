"""What the recipient of a link sees of one task, and their answer: through the same path as everybody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from base.errors import Conflict, Forbidden, Invalid
from care.case import thread
from care.case.thread import Words
from care.guard import Sight
from care.sharing import access, circle
from engine.engine import Engine
from inbox.case.said import Said
from inbox.desk import Desk
from inbox.links import kept, log, messages, opening
from inbox.links.kept import ANSWERED, DECLINED, Link
from inbox.links.opening import Over, Visit
from inbox.links.tables import answer_link as rows
from inbox.patient import Who, patient_of
from inbox.task import refusals, tasks
from inbox.task.fields import Boxes, Field, flat
from inbox.task.page import answers, fields_of, sign
from inbox.task.refusals import CANNOT, NOT_CONCERNED, REASONS, WORDS, Refusal
from inbox.task.tasks import Task, task_seen_otherwise
from pathways.context import Context
from people import persons
from people.persons import Person
from people.sign_in import enrolments, invitations

REFUSALS = {f"{CANNOT}-{reason}": (CANNOT, reason) for reason in REASONS} | {
    NOT_CONCERNED: (NOT_CONCERNED, "autre"),
}
"""What is declined with one tap."""
REFUSAL_WORDS = {key: WORDS[kind] if kind == NOT_CONCERNED else REASONS[why] for key, (kind, why) in REFUSALS.items()}


@dataclass(frozen=True)
class Request:
    """One task for one recipient: only what their lane sees; `patient` is empty when it does not even name them."""

    link: Link
    task: Task
    recipient: Person
    asked_by: str
    sign: str
    patient: Who | None
    fields: tuple[Field, ...]
    answers: Sequence[Said]

    @property
    def errors(self) -> list[Field]:
        return [field for field in flat(self.fields) if field.error]


def desk_of(session: Session, context: Context, link: Link) -> Desk:
    """The recipient at work, in the one role in which they were asked."""
    return Desk(session, context, opening.recipient(session, link), only_reads=False)


def request(desk: Desk, link: Link, boxes: Boxes | None = None, errors: Mapping[str, str] | None = None) -> Request:
    """The task as its recipient may see it. Raises Over when the guard lets them see nothing."""
    found = task_seen_otherwise(desk, link.task)
    sight = _sight(desk, link)
    engine: Engine = desk.context.engine
    definition = engine.definition(desk.session, found.definition)
    earlier = answers(desk, definition, engine.history(desk.session, link.case), sight)
    sender = persons.persons(desk.session, {link.sent_by}).get(link.sent_by)
    return Request(
        link=link,
        task=found,
        recipient=desk.person,
        asked_by=f"{sender.display}, {sender.profession}".rstrip(", ") if sender else "",
        sign=sign(desk, found),
        patient=patient_of(desk, found.patient) if sight.identity else None,
        fields=fields_of(desk, found, boxes, sight, errors, earlier),
        answers=[one for one in earlier if one.lines],
    )


def note_shown(session: Session, context: Context, link: Link, address: str) -> None:
    """The recipient looked: it answers « qui a consulté ce dossier ? » and shows to who sent the link."""
    desk = desk_of(session, context, link)
    roles = frozenset({link.role})
    access.record(session, context.clock, desk.person, link.case, "link", ground=circle.BY_LINK, roles=roles)
    log.note(session, context, log.SHOWN, link=link.id, by=link.recipient, address=address)


def answer(session: Session, context: Context, visit: Visit, link: Link, boxes: Boxes) -> None:
    """Complete the task as its recipient. Raises Over, and Invalid with what to do about each field."""
    desk = _take(session, context, link, ANSWERED)
    found = task_seen_otherwise(desk, link.task, hold=True)
    found = _hand_over(desk, link, found)
    try:
        tasks.complete(desk, found, boxes)
    except (Conflict, Forbidden) as error:
        raise Over("done", link.id) from error
    _join(desk, link, found)
    log.note(session, context, log.ANSWERED, link=link.id, by=link.recipient, address=visit.address)


def decline(session: Session, context: Context, visit: Visit, link: Link, chosen: str) -> None:
    """« Je ne peux pas », « Pas concerné »: the task stays where it is, and who sent the link sees why. Raises Over.

    No boundary of the pathway is called: others may have been asked for the same task.
    """
    if chosen not in REFUSALS:
        raise Invalid("Dites pourquoi.", {"raison": "Choisissez une raison."})
    kind, reason = REFUSALS[chosen]
    desk = _take(session, context, link, DECLINED)
    refusals.add(desk, Refusal(link.task, kind, reason))
    said = WORDS[kind] if kind == NOT_CONCERNED else f"{WORDS[kind]}. {REASONS[reason]}"
    words = Words(link.case, link.recipient, said, thread.DECLINED, link.task)
    thread.write(session, context.vault, context.clock, link.tenant, words)
    log.note(session, context, log.DECLINED, link=link.id, reason=reason, by=link.recipient, address=visit.address)


def invite(session: Session, context: Context, visit: Visit, link: Link) -> None:
    """Send the recipient the way to an account of their own, to the address that the link was sent with.

    Who is not of the territory yet comes in only once the coordination has accepted them.
    """
    if not persons.person(session, link.recipient).active:
        enrolments.ask(session, context.clock, link.tenant, link.recipient, [link.role])
    token = invitations.invite(
        session, context.clock, link.tenant, link.recipient, link.address(context, messages.MAIL), link.sent_by
    )
    url = f"{context.settings.public_url}/invitation/{token}"
    until = context.clock.now() + invitations.LIFE
    address, words = link.address(context, messages.MAIL), messages.account_words()
    told = messages.Message(link.id, messages.ACCOUNT, messages.MAIL, address, words, url, until)
    messages.put(session, context, told)
    log.note(session, context, log.ACCOUNT, link=link.id, by=link.recipient, address=visit.address)


def _take(session: Session, context: Context, link: Link, outcome: str) -> Desk:
    """The link serves now, and never again: of two at once the second finds it used. Raises Over."""
    unused = (rows.c.used_at.is_(None), rows.c.revoked_at.is_(None), rows.c.locked_at.is_(None))
    if not kept.change(session, link, *unused, used_at=context.clock.now(), outcome=outcome):
        raise Over("used", link.id)
    context.engine.hold(session, task=link.task)
    reason = opening.why_closed(session, context, link)
    if reason:
        raise Over(reason, link.id)
    messages.drop(session, link.tenant, link.id)
    return desk_of(session, context, link)


def _hand_over(desk: Desk, link: Link, found: Task) -> Task:
    """What is in the sender's hands is given to the recipient, in whose name it is answered."""
    if found.assignee in (None, link.recipient):
        return found
    desk.context.engine.assign(
        desk.session, task=link.task, before=found.assignee, after=link.recipient, actor=link.sent_by
    )
    return task_seen_otherwise(desk, link.task)


def _join(desk: Desk, link: Link, found: Task) -> None:
    """Who has answered takes part in the person's care; nobody counts on them for what comes next."""
    sender = persons.persons(desk.session, {link.sent_by}).get(link.sent_by)
    basis = f"Réponse par lien, à la demande de {sender.display}" if sender else "Réponse par lien"
    circle.add(
        desk.session, desk.context.clock, desk.tenant, found.patient, link.recipient, link.role, basis[:120],
        ground=circle.BY_LINK, invited_by=link.sent_by,
    )  # fmt: skip


def _sight(desk: Desk, link: Link) -> Sight:
    try:
        return desk.sight(link.case, involved=True)
    except Forbidden as error:
        raise Over("closed", link.id) from error
