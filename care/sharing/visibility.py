"""Which categories of answers each role may see: a start value, to be validated by each CPTS, that a file replaces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from base.errors import SettingsError
from people.roles import ROLES

IDENTITY, ADMINISTRATIVE, CLINICAL = "identite", "administratif", "clinique"
CATEGORIES = {
    IDENTITY: "identité",
    ADMINISTRATIVE: "organisation",
    CLINICAL: "santé",
    "traitements": "traitements",
    "constantes": "mesures",
    "soins": "soins",
    "fonction": "autonomie",
    "social": "social",
    "deplacement": "déplacements",
}
"""What a field of a form may be marked as (`categorie`); a field that says nothing is clinical."""

ALL = frozenset(CATEGORIES)
WHO = frozenset({IDENTITY, ADMINISTRATIVE})
MEDICAL = (
    "medecin_traitant", "medecin_effecteur", "medecin_regulateur", "coordonnateur_medical", "sage_femme", "ipa", "ems",
    "had_coordination", "emg", "emsp", "cmp",
)  # fmt: skip
NURSING = frozenset({"soins", "constantes", "traitements", "deplacement"})
START: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(MEDICAL, ALL),
    "pharmacien_officine": WHO | {"traitements", "constantes"},
    "ide_liberale": WHO | NURSING,
    "ide_coordination_hosp": WHO | NURSING | {"fonction", "social"},
    "ehpad": WHO | NURSING | {"fonction", "social"},
    "kinesitherapeute": WHO | {"fonction", "deplacement"},
    "orthophoniste": WHO | {"fonction", "deplacement"},
    "ergotherapeute": WHO | {"fonction", "social", "deplacement"},
    "psychologue": WHO | {"fonction", "social"},
    "dieteticien": WHO | {"constantes", "traitements", "fonction"},
    "assistant_social": WHO | {"fonction", "social"},
    "dac": WHO | {"fonction", "social"},
    "transporteur": WHO | {"deplacement"},
    "assistant_medical": WHO | {"constantes"},
    "secretaire": WHO,
    "coordinateur": WHO,
    "osnp": WHO | {"deplacement"},
    "prado_cam": WHO,
    "referent_profession": WHO,
    "referent_crise": WHO,
    "membre_cellule_crise": frozenset({ADMINISTRATIVE}),
    "president": frozenset(),
    "auditeur": frozenset(),
    "dpo": frozenset(),
    "admin": frozenset(),
    "patient": frozenset(),
    "aidant": frozenset(),
}
"""What is strictly necessary within the perimeter of one's missions (CSP R1110-1). À valider localement."""

PROTECTION = "dpo"
"""Who is in charge of data protection: told of every access in an emergency, never whose case it is."""
HEALTH, CARE_HOME, SOCIAL, OTHER = "sante", "medicosocial", "social", "autre"
RECIPIENTS = {HEALTH: "Santé", CARE_HOME: "Médico-social", SOCIAL: "Social", OTHER: "Autre"}
SOCIAL_ROLES = {"assistant_social": SOCIAL, "dac": CARE_HOME, "ehpad": CARE_HOME}
OTHER_ROLES = frozenset(
    {"coordinateur", "secretaire", "assistant_medical", "osnp", "transporteur", "prado_cam", "president",
     "referent_profession", "referent_crise", "membre_cellule_crise", "auditeur", "dpo", "admin", "patient", "aidant"}
)  # fmt: skip


@dataclass(frozen=True)
class Matrix:
    """For each role the categories that it sees."""

    rows: Mapping[str, frozenset[str]]

    def of(self, roles: Iterable[str]) -> frozenset[str]:
        """What somebody who acts in these roles sees."""
        return frozenset().union(*(self.rows.get(role, frozenset()) for role in roles))


MATRIX = Matrix(START)


def read(path: Path | None) -> Matrix:
    """The start value, with the rows that a JSON file (`{role: [categories]}`) puts in place. Raises SettingsError."""
    if path is None:
        return MATRIX
    try:
        said = orjson.loads(path.read_bytes())
        rows = {str(role): frozenset(map(str, seen)) for role, seen in said.items()}
    except (OSError, orjson.JSONDecodeError, AttributeError, TypeError) as error:
        raise SettingsError([f"JALON_VISIBILITY_FILE : {path} ne se lit pas ({type(error).__name__})."]) from error
    unknown = sorted((rows.keys() - ROLES.keys()) | (frozenset().union(*rows.values()) - ALL))
    if unknown:
        raise SettingsError([f"JALON_VISIBILITY_FILE : inconnus : {', '.join(unknown)}."])
    return Matrix({**START, **rows})


def recipient_category(roles: Iterable[str]) -> str:
    """What kind of recipient the law sees in somebody of these roles: health before care homes before social."""
    kinds = {OTHER if role in OTHER_ROLES else SOCIAL_ROLES.get(role, HEALTH) for role in roles}
    return next((kind for kind in RECIPIENTS if kind in kinds), OTHER)


def hidden_words(count: int, categories: Iterable[str]) -> str:
    """« 3 réponses ne vous sont pas montrées (santé, traitements). »; nothing when nothing is left out."""
    if not count:
        return ""
    kinds = set(categories)
    named = ", ".join(label for category, label in CATEGORIES.items() if category in kinds)
    if count == 1:
        return f"1 réponse ne vous est pas montrée ({named})."
    return f"{count} réponses ne vous sont pas montrées ({named})."
