"""The patient's rights in a case, as one person may see and change them: circle, consents, oppositions, looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from base.errors import Forbidden, Invalid, NotFound
from care.case import cases
from care.case.cases import Case
from care.guard import ENDING, Sight
from care.sharing import access, circle, consents
from care.sharing.consents import AUDIENCES, CARE, EVERYBODY, EVERYTHING, MODES, PERSON, PURPOSES, THIS_CASE, Reach
from care.sharing.standing import CIRCLE, STANDING_IN
from care.sharing.visibility import HEALTH, RECIPIENTS, recipient_category
from care.tables import case as rows
from engine.tables import task as tasks
from inbox.desk import Desk
from inbox.lists.statements import has_task
from inbox.patient import check_not_erased
from pathways import catalogue
from people.persons import Person, persons
from people.roles import label

NOT_YOURS = "Le cercle de soins et les droits se tiennent par l’équipe de soins et la coordination."
GROUNDS = {
    "cercle": "Cercle de soins", "remplacement": "Au nom d’un membre du cercle", "tache": "Tâche confiée",
    "consentement": "Consentement du patient", "urgence": "Accès en urgence",
    "responsabilite": "Responsabilité médicale", "coordination": "Coordination",
    "opposition": "Clôture après opposition", "lien": "Demande par lien", "exploitation": "Exploitation",
}  # fmt: skip
SHOWN = {
    "task": "Une tâche", "case": "Le dossier", "suivi": "Le suivi du dossier", "rights": "Le cercle de soins",
    "looks": "Les consultations", "emergency": "Accès en urgence", "attachment": "Un document",
    "document": "Un document", "print": "Une impression", "export": "Un export", "fhir": "FHIR", "ins": "L’INS",
    "link": "Une demande, sans compte",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Somebody, or an organisation, in the circle: in which role, by what right, since and until when."""

    id: str
    name: str
    initials: str
    role: str
    ground: str
    since: datetime
    until: datetime | None
    invited_by: str
    phone: str = ""


@dataclass(frozen=True)
class Will:
    """A consent or an opposition in words."""

    id: str
    kind: str
    about: str
    towards: str
    mode: str
    by: str
    since: datetime
    until: datetime | None
    holds: bool
    proof: str


@dataclass(frozen=True)
class LookLine:
    """One look: who, in which role, at what, by what right."""

    at: datetime
    who: str
    role: str
    what: str
    ground: str


@dataclass(frozen=True)
class Rights:
    """Everything that the page « Cercle de soins et droits » shows."""

    members: Sequence[Part]
    structures: Sequence[Part]
    former: Sequence[Part]
    wills: Sequence[Will]
    may_change: bool


def open_case(desk: Desk, case_id: str) -> tuple[Case, Sight]:
    """A case and what the guard lets the person see of it. Raises NotFound, Forbidden."""
    found = cases.case(desk.session, case_id)
    if found.tenant != desk.tenant:
        raise NotFound("Ce dossier n’existe pas.", code="case-unknown")
    asked = select(has_task(desk.person)).where(rows.c.tenant == desk.tenant, rows.c.id == case_id)
    involved = bool(desk.session.scalar(asked.select_from(rows), desk.values))
    return found, desk.sight(case_id, involved=involved)


def case_of_task(desk: Desk, task_id: str) -> str:
    """Raises NotFound."""
    found = desk.session.scalar(select(tasks.c.run).where(tasks.c.tenant == desk.tenant, tasks.c.id == task_id))
    if found is None:
        raise NotFound("Cette tâche n’existe pas, ou plus.")
    return str(found)


def keeper(desk: Desk, case_id: str) -> Case:
    """The case, for who may keep its circle and its rights: carers of its circle, and the coordination."""
    found, sight = open_case(desk, case_id)
    if not may_change(desk, sight):
        raise Forbidden(NOT_YOURS)
    return found


def writer(desk: Desk, case_id: str) -> Case:
    """The case, for who writes something about its patient. Raises Conflict when that person was erased."""
    found = keeper(desk, case_id)
    check_not_erased(desk, found.patient)
    return found


def known_kind(kind: str) -> str:
    """Raises NotFound."""
    if kind not in ("consent", "opposition"):
        raise NotFound("Cet accord ou cette opposition n’existe pas.", code="consent-unknown")
    return kind


def check_role(who: Person, role: str) -> None:
    """Somebody takes part in a role that they hold. Raises Invalid."""
    if role not in who.roles:
        held = ", ".join(label(one).lower() for one in sorted(who.roles)) or "aucun rôle"
        raise Invalid("Des réponses sont à revoir.", {"role": f"{who.display} tient : {held}."})


def may_change(desk: Desk, sight: Sight) -> bool:
    """Carers of the circle, whoever stands in for one as a carer, and those who run the cases."""
    carer = recipient_category(desk.person.roles) == HEALTH
    return bool(desk.person.roles & ENDING) or (carer and sight.ground in (CIRCLE, STANDING_IN))


def rights(desk: Desk, case: Case, sight: Sight) -> Rights:
    """The circle now and before, with what the patient said."""
    session, patient = desk.session, case.patient
    now, left = circle.members(session, patient), circle.former(session, patient)
    organised = circle.structures_of(session, patient)
    known = persons(session, _named([*now, *left, *organised]))
    return Rights(
        members=[_member(one, known) for one in now if one.person in known],
        structures=[_structure(one, known) for one in organised],
        former=[_member(one, known) for one in left if one.person in known],
        wills=wills(desk, patient, may_read_proof=may_change(desk, sight)),
        may_change=may_change(desk, sight),
    )


def wills(desk: Desk, patient: str, *, may_read_proof: bool) -> list[Will]:
    """What the patient agreed to and is opposed to, what holds first, then the latest."""
    session, clock = desk.session, desk.context.clock
    given = consents.consents(session, clock, patient, over=True)
    refused = consents.oppositions(session, clock, patient, over=True)
    said: list[consents.Consent | consents.Opposition] = [*given, *refused]
    ids = {one.recorded_by for one in said if one.recorded_by}
    ids |= {one.recipient for one in said if one.audience == PERSON and one.recipient}
    known, titles = persons(session, ids), pathway_titles(desk)
    found = [_will(desk, one, known, titles, may_read_proof=may_read_proof) for one in said]
    return sorted(found, key=lambda will: (will.holds, will.since), reverse=True)


def _will(
    desk: Desk,
    one: consents.Consent | consents.Opposition,
    known: Mapping[str, Person],
    titles: Mapping[str, str],
    *,
    may_read_proof: bool,
) -> Will:
    kind, since = ("consent", one.at) if isinstance(one, consents.Consent) else ("opposition", one.since)
    patient, vault = one.patient, desk.context.vault
    proof = consents.proof(desk.session, vault, patient, kind, one.id) if may_read_proof else ""
    reach = Reach(one.scope, one.audience, one.recipient, one.purpose)
    by = _name(one.recorded_by, known) or "Le parcours"
    mode, holds = MODES.get(one.mode or "", one.mode or ""), one.until is None or one.until > desk.now
    about, towards = said_about(reach, titles), said_towards(reach, known)
    return Will(one.id, kind, about, towards, mode, by, since, one.until, holds, proof)


def said_about(reach: Reach, titles: Mapping[str, str]) -> str:
    """« Tout partage », « Ce dossier », « Suites d’AVC », « Le dossier médical partagé (DMP) »."""
    scopes = {EVERYTHING: "Tout partage", THIS_CASE: "Ce dossier"}
    scope = scopes.get(reach.scope) or titles.get(reach.scope, reach.scope)
    return scope if reach.purpose == CARE else f"{scope}, {PURPOSES[reach.purpose]}"


def said_towards(reach: Reach, known: Mapping[str, Person]) -> str:
    """« Tous les destinataires », « Dr Anne DEMO-VIGNAL », « Social »."""
    if reach.audience == EVERYBODY:
        return AUDIENCES[EVERYBODY]
    if reach.audience == PERSON:
        return _name(reach.recipient, known) or "Une personne"
    return f"Catégorie {RECIPIENTS.get(reach.recipient or '', '')}"


def pathway_titles(desk: Desk) -> dict[str, str]:
    """The pathways in service, by key."""
    return {line.key: line.title for line in catalogue.listing(desk.session, desk.tenant)}


def looks(desk: Desk, patient: str, wanted: access.Wanted) -> tuple[list[LookLine], dict[str, str]]:
    """Who looked at the patient's cases; and who ever did, by id, to choose from."""
    found = access.looks_at(desk.session, desk.tenant, patient, wanted)
    anybody = access.looks_at(desk.session, desk.tenant, patient)
    people = persons(desk.session, {one.person for one in (*found, *anybody)})
    lines = [
        LookLine(
            one.at,
            people[one.person].display if one.person in people else "Compte supprimé",
            ", ".join(label(role) for role in (one.role or "").split(", ") if role),
            SHOWN.get(one.what, one.what),
            GROUNDS.get(one.ground or "", ""),
        )
        for one in found
    ]
    return lines, {key: who.display for key, who in sorted(people.items(), key=lambda pair: pair[1].family_name)}


def _named(parts: Iterable[circle.Member | circle.Structure]) -> set[str]:
    found = {one.invited_by for one in parts if one.invited_by}
    return found | {one.person for one in parts if isinstance(one, circle.Member)}


def _member(one: circle.Member, known: Mapping[str, Person]) -> Part:
    who = known[one.person]
    by, basis = _name(one.invited_by, known), "" if one.basis == circle.WIPED else one.basis
    return Part(one.id, who.display, who.initials, label(one.role), basis, one.since, one.until, by, who.phone)


def _structure(one: circle.Structure, known: Mapping[str, Person]) -> Part:
    by = _name(one.invited_by, known)
    ground = circle.GROUNDS.get(one.ground, one.ground)
    return Part(one.id, one.name, one.name[:2].upper(), label(one.role), ground, one.since, one.until, by)


def _name(person: str | None, known: Mapping[str, Person]) -> str:
    return known[person].display if person and person in known else ""
