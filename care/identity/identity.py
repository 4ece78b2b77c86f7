"""An identity: the traits that tell who somebody is, and how screens say them."""

import re
from dataclasses import dataclass
from datetime import date

from base.days import say_day
from care.identity.identifiers import say_age

SEXES = {"F": "Femme", "M": "Homme", "I": "Sexe non précisé"}
BORN = {"F": "née", "M": "né", "I": "né(e)"}
POSTAL = re.compile(r"\b\d{5}\s+(?P<commune>[^,]+)$")


@dataclass(frozen=True)
class Identity:
    """What tells who somebody is. French names: these are the traits of the national rules (RNIV)."""

    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: str
    date_naissance: date
    prenom_usuel: str | None = None
    insee_naissance: str | None = None
    ins: str | None = None
    tel: str | None = None
    adresse: str | None = None

    @property
    def family_name(self) -> str:
        """The birth name in capitals: « PAT-TROIS »."""
        return self.nom_naissance.upper()

    @property
    def first_name(self) -> str:
        """The first of the birth names, the one that is a strict trait."""
        return next(iter(self.prenoms), "").split(" ")[0]

    @property
    def given_name(self) -> str:
        """The name in use, else the first of the birth names: « Dominique »."""
        name = self.prenom_usuel or next(iter(self.prenoms), "")
        return name.title() if name.isupper() or name.islower() else name

    @property
    def display(self) -> str:
        """« PAT-TROIS Dominique »"""
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def commune(self) -> str:
        """The town at the end of the postal address: « 4 rue des Sucs, 43200 Yssingeaux »."""
        found = POSTAL.search((self.adresse or "").strip())
        return found["commune"].strip() if found else ""

    @property
    def sex(self) -> str:
        return SEXES.get(self.sexe, SEXES["I"])

    @property
    def born(self) -> str:
        """« née le 12 mars 1979 »; nothing of an identity that was erased."""
        if self.date_naissance == date.min:
            return ""
        return f"{BORN.get(self.sexe, BORN['I'])} le {say_day(self.date_naissance)}"

    def age(self, today: date) -> str:
        """« 47 ans »; nothing of an identity that was erased."""
        return "" if self.date_naissance == date.min else say_age(self.date_naissance, today)

    def describe(self, today: date) -> str:
        """« Femme, 47 ans, née le 12 mars 1979 »"""
        return ", ".join(part for part in (self.sex, self.age(today), self.born) if part)


ERASED = Identity("Identité effacée", (), "I", date.min)
"""What stands where an identity was, so that closed cases are still counted and listed."""
