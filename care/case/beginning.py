"""Who may begin a case for whom: a carer, for a person whose circle they enter by it, unless that person is opposed."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Forbidden, Invalid
from base.prepared import Query
from base.vault import Vault
from care.guard import OPPOSED
from care.identity import patients
from care.identity.identity import Identity
from care.identity.patients import Patient
from care.sharing import circle, consents
from care.tables import circle_member
from people.persons import Person
from people.roles import ROLES

CARERS = frozenset({
    "cmp", "dieteticien", "ehpad", "emg", "ems", "emsp", "ergotherapeute", "had_coordination", "ide_coordination_hosp",
    "ide_liberale", "ipa", "kinesitherapeute", "medecin_effecteur", "medecin_regulateur", "medecin_traitant",
    "orthophoniste", "pharmacien_officine", "psychologue", "sage_femme",
})  # fmt: skip
"""The roles of those who care for the person themselves."""
NOT_A_CARER = "Seul un professionnel qui soigne la personne peut ouvrir un dossier pour elle."
IN_CIRCLE = Query(
    select(circle_member.c.role)
    .where(circle_member.c.tenant == bindparam("tenant"), circle_member.c.patient == bindparam("patient"))
    .where(circle_member.c.person == bindparam("person"), circle_member.c.until.is_(None))
)
NOT_IN_CIRCLE = "Vous n’êtes pas dans le cercle de soins de cette personne. Saisissez son identité."


def roles(person: Person) -> list[str]:
    """The roles in which a person may begin a case, in the order of the product's list."""
    return [role for role in ROLES if role in person.roles & CARERS]


def role_of(person: Person, wanted: str = "") -> str:
    """The role in which a person begins a case. Raises Forbidden, Invalid when several are possible or it is none."""
    possible = roles(person)
    if not possible:
        raise Forbidden(NOT_A_CARER, code="not-a-carer")
    if wanted in possible:
        return wanted
    if wanted or len(possible) > 1:
        raise Invalid("Un choix est à faire.", {"role": "Choisissez le rôle dans lequel vous la soignez."})
    return possible[0]


def known_patient(session: Session, vault: Vault, person: Person, patient_id: str) -> Patient:
    """A patient of this person's own circle, in a role in which they act. Raises NotFound, Forbidden."""
    found = patients.patient(session, vault, patient_id)
    part = {"tenant": person.tenant, "patient": found.id, "person": person.id}
    acted_in = any(row.role in person.roles for row in IN_CIRCLE.all(session, part))
    if found.tenant != person.tenant or not acted_in:
        raise Forbidden(NOT_IN_CIRCLE, code="not-in-circle")
    return found


def admitted_patient(session: Session, vault: Vault, clock: Clock, person: Person, identity: Identity) -> Patient:
    """The patient of an identity that this person states: one who is known, or somebody new. Raises Conflict."""
    return patients.admit(session, vault, clock, person.tenant, identity, "PROV", person.id)


def enter_circle(
    session: Session, clock: Clock, person: Person, patient: Patient, role: str, pathway: str, ground: str
) -> None:
    """Whoever begins a case takes part in it. Raises Forbidden when the patient is opposed to its sharing."""
    if consents.is_opposed(session, clock, patient.id, pathway):
        raise Forbidden(OPPOSED, code="opposed")
    circle.add(session, clock, person.tenant, patient.id, person.id, role, ground)
