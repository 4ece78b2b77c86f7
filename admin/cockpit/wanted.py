"""What somebody asks of the list of all cases: in which state, narrowed to what, from where on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

STANDINGS = {"en-cours": "En cours", "en-retard": "En retard", "bloques": "Bloqués", "termines": "Terminés"}
NAMES = {
    "standing": "etat", "pathway": "parcours", "step": "etape", "partner": "partenaire", "commune": "commune",
    "person": "qui", "words": "q", "after": "apres",
}  # fmt: skip
"""How the fields of forms and addresses are called."""
LONGEST = 80


@dataclass(frozen=True)
class Wanted:
    """`step` is an element of the pathway, `person` whom an open task waits for, `after` the place to go on from."""

    standing: str = "en-cours"
    pathway: str = ""
    step: str = ""
    partner: str = ""
    commune: str = ""
    person: str = ""
    words: str = ""
    after: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Wanted":
        """From the fields of a form or of an address; what means nothing is left out."""
        said = {one.name: str(given.get(NAMES[one.name]) or "").strip()[:LONGEST] for one in fields(cls)}
        return cls(**said | {"standing": said["standing"] if said["standing"] in STANDINGS else "en-cours"})

    @property
    def is_narrowed(self) -> bool:
        return any((self.pathway, self.step, self.partner, self.commune, self.person, self.words))

    @property
    def names_a_patient(self) -> bool:
        """Whether the answer would tell who is a patient."""
        return bool(self.words or self.commune)

    @property
    def address(self) -> dict[str, Any]:
        """What may stand in an address: never words, which may name a patient."""
        said = {french: vars(self)[name] for name, french in NAMES.items() if name not in ("words", "after")}
        return {name: value for name, value in said.items() if value}
