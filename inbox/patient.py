"""A patient as the screens name them: never more than a row or a banner needs, and no name outside one's lane."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from base.errors import Conflict
from care.guard import ENDING
from care.identity.patients import Patient, patient, patients
from care.sharing.visibility import IDENTITY
from care.tables import circle_member
from inbox.desk import Desk


@dataclass(frozen=True)
class Who:
    """The patient of a row or of a page; `ins` is masked."""

    id: str
    family_name: str
    given_name: str
    age: str
    description: str
    birth_date: date | None
    sex: str
    status: str
    commune: str = ""
    ins: str = ""
    phone: str = ""
    address: str = ""
    erased: bool = False

    @property
    def name(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def brief(self) -> str:
        """« 47 ans, Beauzac »"""
        return ", ".join(part for part in (self.age, self.commune) if part)


def describe(known: Patient, today: date) -> Who:
    """What the screens say of a patient."""
    if known.is_erased:
        return Who(known.id, "Identité effacée", "", "", "Le dossier reste compté.", None, "", "", erased=True)
    identity = known.identity
    commune = identity.commune
    description = identity.describe(today)
    return Who(
        id=known.id,
        family_name=identity.family_name,
        given_name=identity.given_name,
        age=identity.age(today),
        description=f"{description} · {commune}" if commune else description,
        birth_date=identity.date_naissance,
        sex=identity.sexe,
        status=known.status,
        commune=commune,
        ins=known.masked_ins if known.ins else "",
        phone=identity.tel or "",
        address=identity.adresse or "",
    )


def unnamed(known: Patient) -> Who:
    """What is said of a patient to somebody whose lane does not hold who they are."""
    return Who(known.id, "Identité non montrée", "", "", "Votre rôle ne la montre pas.", None, "", known.status)


def patient_of(desk: Desk, patient_id: str) -> Who:
    """One patient, opened from the vault, as far as the person's lane goes."""
    known = patient(desk.session, desk.context.vault, patient_id)
    return unnamed(known) if hidden(desk, [patient_id]) else describe(known, desk.today)


def check_not_erased(desk: Desk, patient_id: str) -> None:
    """Raises Conflict: nothing more is written about somebody who was erased."""
    if patient(desk.session, desk.context.vault, patient_id).is_erased:
        raise Conflict("Cette personne a été effacée. Plus rien ne s’écrit à son sujet.", code="patient-erased")


def named(desk: Desk, ids: Collection[str]) -> dict[str, Who]:
    """These patients, each as far as the person's lane goes."""
    withheld = hidden(desk, ids)
    found = patients(desk.session, desk.context.vault, set(ids)) if ids else {}
    return {key: unnamed(one) if key in withheld else describe(one, desk.today) for key, one in found.items()}


def hidden(desk: Desk, ids: Collection[str]) -> frozenset[str]:
    """Of these patients, those whose identity is outside the lane: that of the circle first, else of all roles."""
    seen, roles = desk.context.visibility, desk.person.roles
    nameless = frozenset(role for role in roles if IDENTITY not in seen.of([role]))
    if not nameless or roles & ENDING:
        return frozenset()
    mine = (circle_member.c.tenant == desk.tenant, circle_member.c.person == desk.person.id)
    parts = select(circle_member.c.patient, circle_member.c.role).where(
        *mine, circle_member.c.patient.in_(ids), circle_member.c.role.in_(roles), circle_member.c.until.is_(None)
    )
    held: dict[str, set[str]] = {}
    for row in desk.session.execute(parts):
        held.setdefault(row.patient, set()).add(row.role)
    return frozenset(key for key in ids if held.get(key, roles) <= nameless)
