"""« Échanges »: the thread of a case as one person may read it, and what they add to it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from base.errors import Forbidden, Invalid
from base.vault import normalise
from care.case import cases, thread
from care.case.thread import Comment, Words
from care.guard import COORDINATOR, Sight, see_case
from care.sharing import circle
from care.sharing.visibility import HEALTH, WHO, recipient_category
from inbox.desk import Desk
from inbox.patient import check_not_erased
from people import persons
from people.notices.kinds import CORRECTED, MENTION, REPLY
from people.notices.rows import tell
from people.persons import Person

AT = re.compile(r"(?:(?<=\s)|^)@([\w’'-]+)")
CALLS = {"joint": "Joint", "absent": "Pas de réponse", "message": "Message laissé"}
HEADINGS = {
    thread.COMMENT: "",
    thread.QUESTION: "Question à {to}", thread.CALL: "Appel", thread.DECLINED: "N’a pas pris la tâche",
    thread.HANDED: "Tâche confiée", thread.PREPARED: "Pour {to}", thread.REQUEST: "Correction demandée",
    thread.SETTLED: "Correction faite",
}  # fmt: skip
NOT_HEALTH = "Les échanges sont ouverts aux soignants du cercle, et à ceux à qui ils s’adressent."


@dataclass(frozen=True)
class Remark:
    """One message: `parts` are its words, each with whether it names somebody."""

    id: str
    by: str
    initials: str
    at: datetime
    heading: str
    parts: tuple[tuple[str, bool], ...]
    corrected_at: datetime | None
    first_text: str
    text: str
    correctable: bool
    is_request: bool


@dataclass(frozen=True)
class Exchanges:
    """The thread: `hidden` counts what is not for this person, `names` are those who can be called by « @ »."""

    remarks: Sequence[Remark]
    requests: Sequence[Remark]
    hidden: int
    names: Sequence[str]
    writes: bool

    @property
    def unseen(self) -> str:
        """« 2 messages ne vous sont pas destinés. »; empty when all are for this person."""
        if not self.hidden:
            return ""
        if self.hidden == 1:
            return "1 message ne vous est pas destiné."
        return f"{self.hidden} messages ne vous sont pas destinés."


def exchanges(desk: Desk, case: str, patient: str, sight: Sight) -> Exchanges:
    """What was written in a case, the oldest first, as far as it is for this person."""
    found = thread.thread(desk.session, desk.context.vault, desk.tenant, case)
    reads = may_read(desk.person, sight)
    shown = [one for one in found if reads or _is_for(desk.person.id, one)]
    open_ones = {one.id for one in thread.open_requests(found)}
    people = named_people(desk, patient)
    known = persons.persons(desk.session, {key for one in shown for key in (one.author, one.addressee or "")})
    remarks = [_remark(desk, one, known, people) for one in shown]
    requests = [one for one in remarks if one.id in open_ones]
    names = sorted({one.given_name for key, one in people.items() if key != desk.person.id})
    return Exchanges(remarks, requests, len(found) - len(shown), names, sight.identity)


def may_read(person: Person, sight: Sight) -> bool:
    """Those who care for the patient; others read what is addressed to them."""
    return recipient_category(sight.roles or person.roles) == HEALTH and bool(sight.categories - WHO)


def say(desk: Desk, case: str, patient: str, text: str, task: str | None = None, *, calls: bool = True) -> str:
    """Write to the circle, once for what is sent twice; whom one names by « @ » must be of it, and allowed to see it,
    unless the text `calls` nobody. Raises Invalid.
    """
    named = mentioned(text, named_people(desk, patient)) if calls else {}
    for person in named.values():
        _check_may_see(desk, person, case)
    words, parts = Words(case, desk.person.id, text, thread.COMMENT, task, mentions=list(named)), desk.context
    again = thread.said_just_now(desk.session, parts.vault, parts.clock, desk.tenant, words)
    if again is not None:
        return again
    written = _write(desk, words)
    for called in named.keys() - {desk.person.id}:
        _tell(desk, called, MENTION, case, task, written)
    for question, author, of_task in thread.questions_to(desk.session, desk.tenant, case, desk.person.id):
        if author not in named:
            _tell(desk, author, REPLY, case, of_task, question)
    return written


def _tell(desk: Desk, person: str, kind: str, case: str, task: str | None, about: str) -> None:
    """Once for what it is about."""
    tell(desk.session, desk.context.clock, desk.tenant, person, kind, task=task, case=case, about=about)


def log_call(desk: Desk, case: str, outcome: str, task: str | None = None) -> str:
    """Note how a call to the patient went. Raises Invalid."""
    if outcome not in CALLS:
        raise Invalid("Dites comment s’est passé l’appel.", {"issue": "Choisissez une des réponses."})
    return _write(desk, Words(case, desk.person.id, f"{CALLS[outcome]}.", thread.CALL, task))


def correct(desk: Desk, case: str, comment: str, text: str) -> None:
    """Put one's own words right. Raises NotFound, Forbidden, Conflict, Invalid."""
    _of_case(desk, case, comment)
    parts = desk.context
    thread.correct(desk.session, parts.vault, parts.clock, desk.tenant, comment, desk.person.id, text)


def settle(desk: Desk, case: str, comment: str) -> None:
    """Say that a correction that was asked for is made. Raises NotFound, Invalid."""
    request = _of_case(desk, case, comment)
    if request.kind != thread.REQUEST:
        raise Invalid("Ce message ne demande aucune correction.")
    _write(desk, Words(case, desk.person.id, "Correction faite.", thread.SETTLED, request.task, about=comment))
    if request.author != desk.person.id:
        _tell(desk, request.author, CORRECTED, case, request.task, comment)


def named_people(desk: Desk, patient: str) -> dict[str, Person]:
    """Who can be named: the circle of care, and the coordination."""
    members = {member.person for member in circle.members(desk.session, patient)}
    found = persons.persons(desk.session, members)
    found |= {one.id: one for one in persons.holding(desk.session, desk.tenant, COORDINATOR)}
    return {key: one for key, one in found.items() if one.active}


def mentioned(text: str, people: Mapping[str, Person]) -> dict[str, Person]:
    """Those whom a text names by « @ ». Raises Invalid for a name that nobody, or more than one, answers to."""
    found: dict[str, Person] = {}
    for called in AT.findall(text):
        matching = [one for one in people.values() if _answers_to(one, called)]
        if not matching:
            raise _wrong(f"« @{called} » n’est pas dans le cercle de soins : choisissez quelqu’un qui y est.")
        if len(matching) > 1:
            names = " ou ".join(f"@{one.family_name}" for one in matching)
            raise _wrong(f"« @{called} » peut être deux personnes : écrivez {names}.")
        found[matching[0].id] = matching[0]
    return found


def _answers_to(person: Person, called: str) -> bool:
    wanted = normalise(called)
    return wanted in (normalise(person.given_name), normalise(person.family_name))


def _wrong(said: str) -> Invalid:
    return Invalid(said, {"texte": said})


def _check_may_see(desk: Desk, person: Person, case: str) -> None:
    visibility = desk.context.visibility
    try:
        see_case(desk.session, person, case, now=desk.now, matrix=visibility)
    except Forbidden as error:
        raise _wrong(f"{person.display} ne peut pas ouvrir ce dossier : ne l’y appelez pas.") from error


def _write(desk: Desk, words: Words) -> str:
    """Raises Conflict about somebody who was erased."""
    check_not_erased(desk, cases.case(desk.session, words.case).patient)
    return thread.write(desk.session, desk.context.vault, desk.context.clock, desk.tenant, words)


def _of_case(desk: Desk, case: str, comment: str) -> Comment:
    found = thread.comment_of(desk.session, desk.context.vault, desk.tenant, comment)
    if found.case != case:
        raise Forbidden("Ce message est d’un autre dossier.")
    return found


def _is_for(person: str, one: Comment) -> bool:
    return person in (one.author, one.addressee) or person in one.mentions


def _remark(desk: Desk, one: Comment, known: Mapping[str, Person], people: Mapping[str, Person]) -> Remark:
    by, to = known.get(one.author), known.get(one.addressee or "")
    mine = one.author == desk.person.id and one.kind in (thread.COMMENT, thread.QUESTION)
    return Remark(
        id=one.id,
        by=by.display if by else "",
        initials=by.initials if by else "",
        at=one.at,
        heading=HEADINGS[one.kind].format(to=to.display if to else "quelqu’un"),
        parts=tuple(_parts(one.text, [people[key] for key in one.mentions if key in people])),
        corrected_at=one.corrected_at,
        first_text=one.first_text,
        text=one.text,
        correctable=mine and desk.now - one.at <= thread.CORRECTABLE,
        is_request=one.kind == thread.REQUEST,
    )


def _parts(text: str, named: Collection[Person]) -> Sequence[tuple[str, bool]]:
    """The words, those that name somebody apart."""
    parts: list[tuple[str, bool]] = []
    place = 0
    for found in AT.finditer(text):
        if any(_answers_to(one, found[1]) for one in named):
            parts += [(text[place : found.start()], False), (found[0], True)]
            place = found.end()
    return [part for part in (*parts, (text[place:], False)) if part[0]]
