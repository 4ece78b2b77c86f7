"""A patient as the screens name them: never more than a row or a banner needs."""

from dataclasses import dataclass
from datetime import date

from care.patients import Patient, patient
from inbox.desk import Desk


@dataclass(frozen=True)
class Who:
    """The patient of a row or of a page; `ins` is masked."""

    id: str
    family_name: str
    given_name: str
    age: str
    description: str
    birth_date: date
    sex: str
    status: str
    commune: str = ""
    ins: str = ""
    phone: str = ""
    address: str = ""

    @property
    def name(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def brief(self) -> str:
        """« 47 ans, Beauzac »"""
        return ", ".join(part for part in (self.age, self.commune) if part)


def describe(known: Patient, today: date) -> Who:
    """What the screens say of a patient."""
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


def patient_of(desk: Desk, patient_id: str) -> Who:
    """One patient, opened from the vault."""
    return describe(patient(desk.session, desk.context.vault, patient_id), desk.today)
