"""What Pro Santé Connect says of a professional: who it is, which profession, where they practise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from base.errors import Unverified
from people.professions import PROFESSIONS

SCOPE, LEVEL = "openid scope_all", "eidas1"
RPPS = re.compile(r"8(\d{11})")
TABLE = Path(__file__).with_name("roles_by_profession.json")
NO_PRACTICE = (
    "Pro Santé Connect ne nous donne aucune activité professionnelle à votre nom. Adressez-vous à votre ordre."
)
NO_IDENTITY = "Pro Santé Connect ne nous donne pas votre identifiant national. Adressez-vous à votre ordre."
REGULATION, DOCTOR = "medecin_regulateur", "10"
LONGEST = 200


@dataclass(frozen=True)
class Practitioner:
    """A professional as the national provider knows them."""

    identifier: str
    family_name: str
    given_name: str
    profession_code: str
    specialities: frozenset[str]
    situations: tuple[str, ...]
    may_regulate: bool

    @property
    def rpps(self) -> str | None:
        """The RPPS number is the national identifier without its first figure, 8."""
        found = RPPS.fullmatch(self.identifier)
        return found[1] if found else None

    @property
    def title(self) -> str:
        return "Dr" if self.profession_code == DOCTOR else ""

    @property
    def profession(self) -> str:
        return PROFESSIONS.get(self.profession_code, "")


def practitioner(claims: Mapping[str, Any]) -> Practitioner:
    """Read the claims of userinfo. Raises Unverified, in words for the person."""
    identifier = _text(claims.get("SubjectNameID"))
    if not identifier:
        raise Unverified(NO_IDENTITY, code="psc-identity")
    practices = [one for one in _list(_object(claims.get("SubjectRefPro")).get("exercices")) if one]
    if not practices:
        raise Unverified(NO_PRACTICE, code="psc-practice")
    first = practices[0]
    return Practitioner(
        identifier,
        _text(first.get("nomDexercice")) or _text(claims.get("family_name")),
        _text(first.get("prenomDexercice")) or _text(claims.get("given_name")),
        _text(first.get("codeProfession")),
        frozenset(filter(None, (_text(one.get("codeSavoirFaire")) for one in practices))),
        tuple(dict.fromkeys(_situations(practices))),
        _text(claims.get("Acces_Regulation_Medicale")).upper() == "VRAI",
    )


def roles(who: Practitioner) -> list[str]:
    """The roles that a profession opens: the table's first line that fits."""
    table = orjson.loads(TABLE.read_bytes())
    fitting = (
        line["roles"]
        for line in table
        if line["profession"] == who.profession_code
        and ("specialities" not in line or who.specialities & set(line["specialities"]))
    )
    opened = list(next(fitting, []))
    return [*opened, REGULATION] if who.may_regulate and who.profession_code == DOCTOR else opened


def _situations(practices: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """« Médecin, Cabinet des Sucs (43200) » for each activity."""
    for practice in practices:
        profession = PROFESSIONS.get(_text(practice.get("codeProfession")), "")
        for activity in _list(practice.get("activities")):
            place = _text(activity.get("raisonSocialeSite")) or _text(activity.get("enseigneCommercialeSite"))
            number = _text(activity.get("numeroFinessSite")) or _text(activity.get("numeroSiretSite"))
            where = f"{place or 'Lieu sans nom'}{f' ({number})' if number else ''}"
            yield ", ".join(part for part in (profession, where) if part)


def _list(value: object) -> list[Mapping[str, Any]]:
    return [_object(one) for one in value] if isinstance(value, list) else []


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""
