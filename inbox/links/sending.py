"""Sending a task to somebody without an account, and taking the link back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from base.vault import normalise
from care.case import cases
from care.guard import COORDINATOR, ENDING, OPPOSED
from care.sharing.visibility import HEALTH, recipient_category
from engine.tables import task_candidate
from inbox import dates
from inbox.desk import Desk
from inbox.links import kept, log, messages, tokens
from inbox.links.kept import Link
from inbox.links.messages import WAYS, Message
from inbox.links.tables import answer_link as rows
from inbox.rights import rights
from inbox.task import choices
from inbox.task.tasks import Task, check_may_answer, task_of, task_seen_otherwise
from pathways import sharing
from people import persons
from people.persons import LONGEST_MAIL, MAIL_ADDRESS, Person
from people.professions import PROFESSIONS
from people.roles import ROLES
from people.sign_in import accounts
from people.tables import person as people

WRONG = "Des réponses sont à revoir."
NOT_BY_LINK = "Cette tâche se fait dans Jalon : confiez-la à quelqu’un qui a un compte."
NO_WAY = "Jalon n’envoie pas encore de courriels et de SMS ici : la coordination peut le demander."
HAS_ACCOUNT = "{name} a un compte : confiez-lui la tâche plutôt que de l’envoyer."
ASK_FIRST = "Recueillez d’abord l’accord de la personne soignée : ce confrère n’est pas de son équipe de soins."
CARE_ROLES = {role: words for role, words in ROLES.items() if recipient_category([role]) == HEALTH} | {
    role: ROLES[role] for role in ("assistant_social", "dac", "ehpad")
}


@dataclass(frozen=True)
class Wanted:
    """Whom a task is sent to, as it was typed; `person` is an id of the directory, else the names count."""

    person: str
    family_name: str
    given_name: str
    profession: str
    mail: str
    phone: str
    role: str
    way: str


@dataclass(frozen=True)
class Sent:
    """A link that has just been made, and the address that opens it: known now and never again."""

    link: Link
    url: str


def task_to_send(desk: Desk, task_id: str, *, hold: bool = False) -> Task:
    """The task, for who may see it and for the coordination. Raises NotFound, Forbidden."""
    try:
        return task_of(desk, task_id, hold=hold)
    except Forbidden:
        if COORDINATOR not in desk.person.roles:
            raise
        found = task_seen_otherwise(desk, task_id, hold=hold)
        desk.sight(found.case)
        return found


def check_may_send(desk: Desk, task: Task) -> None:
    """The sender may answer it, it is one form, and nobody waits for it to come back. Raises Conflict."""
    check_may_answer(desk, task)
    context = desk.context
    if not context.settings.demo and not all(messages.leaves(context, way) for way in WAYS):
        raise Conflict(NO_WAY, code="no-way-out")
    if task.delegation is not None:
        raise Conflict("Cette tâche est à préparer pour quelqu’un : elle ne s’envoie pas.", code="delegated")
    picture = context.engine.look(desk.session, task.case)
    if choices.choice_of(picture, task) is not None or not roles_of(desk, task):
        raise Conflict(NOT_BY_LINK, code="not-by-link")


def roles_of(desk: Desk, task: Task) -> dict[str, str]:
    """In which roles it can be answered: those that it is offered to; any of care when it is offered to none."""
    wanted = select(task_candidate.c.value).where(
        task_candidate.c.tenant == desk.tenant, task_candidate.c.task == task.id, task_candidate.c.kind == "role"
    )
    offered = [role for role in desk.session.scalars(wanted) if role]
    if not offered:
        return CARE_ROLES
    return {role: ROLES.get(role, role) for role in sorted(offered) if role not in ENDING}


def send(desk: Desk, task: Task, wanted: Wanted, public_url: str) -> Sent:
    """Make the link and its message; an earlier link of the same recipient opens nothing any more.

    Raises Invalid, Conflict, Forbidden.
    """
    check_may_send(desk, task)
    wanted = _checked(desk, task, wanted)
    who = _recipient(desk, wanted)
    _check_sharing(desk, task, replace(who, roles=frozenset({wanted.role})))
    for earlier in kept.of_task(desk.session, desk.tenant, task.id):
        if earlier.recipient == who.id and not earlier.over(desk.now):
            _revoke(desk, earlier)
    link, token = _add(desk, task, who, wanted)
    url = f"{public_url}/repondre/{token}"
    until = dates.before(link.expires_at, desk.now, desk.zone)
    words = messages.link_words(until, WAYS[link.code_way].replace("Courriel", "courriel"))
    address = link.address(desk.context, link.way)
    messages.put(
        desk.session, desk.context, Message(link.id, messages.LINK, link.way, address, words, url, link.expires_at)
    )
    log.note(desk.session, desk.context, log.SENT, link=link.id, by=desk.person.id)
    return Sent(link, url)


def revoke(desk: Desk, link_id: str) -> Link:
    """Who sent it, and the coordination, may take a link back. Raises NotFound, Forbidden, Conflict."""
    link = kept.one(desk.session, desk.tenant, link_id)
    if link.sent_by != desk.person.id and not desk.person.roles & ENDING:
        raise Forbidden("Ce lien a été envoyé par quelqu’un d’autre.")
    if not _revoke(desk, link):
        raise Conflict("Ce lien a déjà servi, ou n’ouvre plus rien.", code="link-over")
    return link


def _revoke(desk: Desk, link: Link) -> bool:
    unused = (rows.c.used_at.is_(None), rows.c.revoked_at.is_(None))
    if not kept.change(desk.session, link, *unused, revoked_at=desk.now):
        return False
    messages.drop(desk.session, desk.tenant, link.id)
    log.note(desk.session, desk.context, log.REVOKED, link=link.id, by=desk.person.id)
    return True


def _add(desk: Desk, task: Task, who: Person, wanted: Wanted) -> tuple[Link, str]:
    key, settings = new_id(), desk.context.settings
    token = tokens.make(settings.secret_key, tokens.place(desk.tenant, key, task.id, who.id, wanted.role))
    sealed = {
        name: desk.context.vault.seal(text, f"answer_link.{name}:{key}")
        for name, text in (("mail", wanted.mail), ("phone", wanted.phone))
    }
    values = {
        "tenant": desk.tenant, "id": key, "task": task.id, "case": task.case, "recipient": who.id,
        "role": wanted.role, "sent_by": desk.person.id, "sent_at": desk.now, "way": wanted.way, **sealed,
        "expires_at": _end(desk, task, settings.link_hours), "token_hash": tokens.digest(token), "codes": 0, "tries": 0,
    }  # fmt: skip
    desk.session.execute(insert(rows).values(values))
    return kept.one(desk.session, desk.tenant, key), token


def _end(desk: Desk, task: Task, hours: int) -> datetime:
    """Never beyond the task's own end; what is late already still has the whole time."""
    end = desk.now + timedelta(hours=hours)
    return min(end, task.due_at) if task.due_at is not None and task.due_at > desk.now else end


def _check_sharing(desk: Desk, task: Task, who: Person) -> None:
    """Whether this recipient may be told, as the table of consent says. Raises Forbidden."""
    verdict = sharing.with_recipient(desk.session, desk.context, who, cases.case(desk.session, task.case))
    if verdict.outcome == sharing.ASK:
        raise Forbidden(ASK_FIRST, code="consent-needed")
    if verdict.outcome != sharing.ALLOWED:
        raise Forbidden(OPPOSED, code="opposed")


def _checked(desk: Desk, task: Task, wanted: Wanted) -> Wanted:
    """What was typed, in one way of writing. Raises Invalid with what to do about each field."""
    problems, mail, phone = {}, wanted.mail.strip().lower(), read_mobile(wanted.phone)
    if not wanted.person and not (wanted.family_name and wanted.given_name):
        problems["nom"] = "Écrivez le nom et le prénom, ou choisissez une personne de l’annuaire."
    if not MAIL_ADDRESS.fullmatch(mail) or len(mail) > LONGEST_MAIL:
        problems["courriel"] = "Écrivez une adresse, par exemple prenom.nom@exemple.fr."
    if not phone:
        problems["telephone"] = "Écrivez un numéro de mobile, par exemple 06 39 98 12 34."
    if wanted.role not in roles_of(desk, task):
        problems["role"] = "Dites en quelle qualité cette personne répond."
    if wanted.way not in WAYS:
        problems["envoi"] = "Choisissez par où part le lien."
    if problems:
        raise Invalid(WRONG, problems)
    return replace(wanted, mail=mail, phone=phone)


def read_mobile(typed: str) -> str:
    """A number that takes SMS, as +33639981234; nothing when it is not one."""
    digits = "".join(sign for sign in typed if sign.isdigit())
    if typed.strip().startswith("+"):
        return f"+{digits}" if 8 <= len(digits) <= 15 and not digits.startswith("0") else ""
    return f"+33{digits[1:]}" if len(digits) == 10 and digits[:2] in ("06", "07") else ""


def _recipient(desk: Desk, wanted: Wanted) -> Person:
    """Somebody of the directory, or known by an earlier link; else a new person to whom nothing opens."""
    if wanted.person:
        who = persons.person(desk.session, wanted.person)
        if who.tenant != desk.tenant:
            raise NotFound("Cette personne n’est pas dans l’annuaire.")
        if who.roles:
            rights.check_role(who, wanted.role)
    else:
        who = _known(desk, wanted) or _new(desk, wanted)
    if who.id == desk.person.id or accounts.of_person(desk.session, who.id) is not None:
        raise Conflict(HAS_ACCOUNT.format(name=who.display), code="has-account")
    return who


def _known(desk: Desk, wanted: Wanted) -> Person | None:
    same = select(people.c.id).where(people.c.tenant == desk.tenant, people.c.email == wanted.mail)
    found = persons.persons(desk.session, list(desk.session.scalars(same)))
    name = normalise(f"{wanted.given_name} {wanted.family_name}")
    return next((one for one in found.values() if normalise(one.name) == name), None)


def _new(desk: Desk, wanted: Wanted) -> Person:
    """Not active: no list, no role and no circle counts on somebody who cannot come in."""
    code = wanted.profession if wanted.profession in PROFESSIONS else ""
    made = persons.add(
        desk.session, desk.tenant, family_name=wanted.family_name, given_name=wanted.given_name,
        title="Dr" if code == "10" else "", profession_code=code, phone=wanted.phone, email=wanted.mail,
    )  # fmt: skip
    mine = (people.c.tenant == desk.tenant, people.c.id == made.id)
    desk.session.execute(update(people).where(*mine).values(active=False))
    return replace(made, active=False)
