"""Whether what is known of a person may be shared with somebody: the decision table of consent answers, nobody else."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from base.errors import Forbidden, NotFound
from care.case import cases
from care.guard import CLINICAL_LEAD, COORDINATOR, OPPOSED
from care.sharing import break_glass, consents
from care.sharing.standing import standing_of
from care.sharing.visibility import HEALTH, PROTECTION, recipient_category
from engine.decisions import Decisions, read
from pathways import catalogue
from pathways.context import Context
from people import persons
from people.notices.kinds import EMERGENCY
from people.notices.rows import tell
from people.persons import Person

KEY, DECISION = "identite-consentement", "partage_autorise"
SHIPPED = Path(__file__).parent.parent / "bpmn" / KEY / "decisions" / f"{DECISION}.dmn"
ALLOWED, REFUSED, ASK = "autorise", "refus", "demander"


@dataclass(frozen=True)
class Verdict:
    """What the table says: `outcome` is one of ALLOWED, REFUSED, ASK."""

    outcome: str
    motive: str
    scope: str
    trace: str


def decide(
    session: Session,
    context: Context,
    *,
    opposed: bool = False,
    vital: bool = False,
    in_team: bool = False,
    category: str = HEALTH,
    consent: str = "absent",
) -> Verdict:
    """Ask the table that the territory has published, or the one that comes with Jalon until it has."""
    asked: dict[str, Any] = {
        "opposition": opposed, "urgence_vitale": vital, "destinataire_dans_equipe": in_team,
        "destinataire_categorie": category, "consentement": consent,
    }  # fmt: skip
    said = _table(session, context).evaluate(DECISION, asked, now=context.clock.now()).value
    if not isinstance(said, dict):
        return Verdict(REFUSED, "aucune règle ne répond", "aucun", "simple")
    return Verdict(*(str(said.get(name)) for name in ("decision", "motif", "perimetre", "trace")))


def with_partner(session: Session, context: Context, case: cases.Case, category: str = HEALTH) -> Verdict:
    """Whether the partner of a case, a structure of this category, may still be told of it.

    One that gives care is of its team; any other is told what the patient agreed to.
    """
    clock, patient, pathway = context.clock, case.patient, case.pathway
    opposed = consents.is_opposed(session, clock, patient, pathway, category=category)
    agreed = reads_all(session, context, case, category) or _agreed_to_all(session, context, case)
    return decide(
        session, context, opposed=opposed, in_team=category == HEALTH, category=category,
        consent="oui" if agreed else "absent",
    )  # fmt: skip


def reads_all(session: Session, context: Context, case: cases.Case, category: str) -> bool:
    """The patient agreed that recipients of this category read all of this case."""
    given = consents.consents(session, context.clock, case.patient)
    return any(_covers(one, case) for one in given if (one.audience, one.recipient) == (consents.CATEGORY, category))


def with_recipient(session: Session, context: Context, person: Person, case: cases.Case) -> Verdict:
    """Whether somebody whom a member asks for an answer, in the roles of `person`, may be told of a case."""
    standing = standing_of(session, person, case, context.clock.now())
    agreed = standing.agreed or standing.told or _agreed_to_all(session, context, case)
    category = recipient_category(person.roles)
    return decide(
        session, context, opposed=standing.opposed, in_team=bool(standing.roles), category=category,
        consent="oui" if agreed else "absent",
    )  # fmt: skip


def open_in_emergency(
    session: Session, context: Context, person: Person, case_id: str, reason: str, *, vital: bool
) -> str:
    """Open a case to somebody outside the circle, for some hours; the access's id. Raises Forbidden, Invalid, NotFound.

    Where consent would have to be asked, an emergency cannot wait for it; where the table refuses, it stays refused.
    """
    case = cases.case(session, case_id)
    if case.tenant != person.tenant:
        raise NotFound("Ce dossier n’existe pas.", code="case-unknown")
    clock, category = context.clock, recipient_category(person.roles)
    opposed = standing_of(session, person, case, clock.now()).opposed
    verdict = decide(session, context, opposed=opposed, vital=vital, category=category)
    if verdict.outcome == REFUSED:
        raise Forbidden(OPPOSED if opposed else break_glass.NOT_A_CARER, code="opposed" if opposed else "not-a-carer")
    opened = break_glass.begin(
        session, context.vault, clock, person, case_id, reason,
        vital=vital, over_opposition=opposed, hours=context.settings.emergency_hours,
    )  # fmt: skip
    _alert(session, context, person, opened)
    return opened


def _alert(session: Session, context: Context, person: Person, opened: str) -> None:
    """The coordination and who is in charge of data protection; nobody looks at their own access alone."""
    told = _others(session, context, person, {COORDINATOR, PROTECTION})
    for one in told or _others(session, context, person, {CLINICAL_LEAD}):
        tell(session, context.clock, context.tenant, one, EMERGENCY, about=opened, urgent=True)


def _others(session: Session, context: Context, person: Person, roles: set[str]) -> list[str]:
    found = {one.id for role in roles for one in persons.holding(session, context.tenant, role)}
    return sorted(found - {person.id})


def _agreed_to_all(session: Session, context: Context, case: cases.Case) -> bool:
    """The patient agreed that all whom this case needs are told."""
    given = consents.consents(session, context.clock, case.patient)
    return any(_covers(one, case) for one in given if one.audience == consents.EVERYBODY)


def _covers(one: consents.Consent, case: cases.Case) -> bool:
    scopes = (consents.EVERYTHING, case.pathway)
    here = one.scope in scopes or (one.scope == consents.THIS_CASE and one.case == case.id)
    return here and one.purpose == consents.CARE


def _table(session: Session, context: Context) -> Decisions:
    try:
        version = catalogue.published(session, context.tenant, KEY)
    except NotFound:
        return _shipped()
    return context.engine.definition(session, version.digest).model(DECISION)


@lru_cache(maxsize=1)
def _shipped() -> Decisions:
    return read(SHIPPED.read_bytes())
