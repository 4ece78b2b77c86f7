"""What somebody asks of a list: which one, narrowed to what, in which order, from where on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

TABS = {
    "moi": "Pour moi",
    "roles": "Mes rôles",
    "retard": "En retard",
    "suivies": "Je suis",
    "faites": "Faites par moi",
}
SORTS = {
    "echeance": "Échéance d’abord",
    "urgence": "Urgence d’abord",
    "attente": "La plus ancienne d’abord",
    "patient": "Par patient",
    "commune": "Par commune",
    "parcours": "Par parcours",
    "role": "Par rôle",
}
URGENCIES = {"p1": "Urgentes", "p2": "Prioritaires", "p3": "Courantes"}
BANDS = {"p1": (80, 10**6), "p2": (51, 79), "p3": (-(10**6), 50)}
"""The priorities of each urgency, the most urgent first: Zeebe's range is 0 to 100 and 50 is ordinary."""
DUE = {"retard": "En retard", "jour": "Aujourd’hui", "semaine": "Dans les 7 jours", "sans": "Sans échéance"}
COLUMN = "c."
LONGEST = 80


@dataclass(frozen=True)
class Wanted:
    """`columns` are the values of a pathway's own columns, by the name of their variable."""

    liste: str = "moi"
    q: str = ""
    parcours: str = ""
    commune: str = ""
    role: str = ""
    urgence: str = ""
    echeance: str = ""
    tri: str = "echeance"
    apres: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Wanted":
        """From the fields of a form, of an address or of a saved view; what means nothing is left out."""
        said = {name: str(given.get(name) or "").strip()[:LONGEST] for name in NAMES}
        allowed = {"liste": TABS, "urgence": URGENCIES, "echeance": DUE}
        said |= {name: "" for name, known in allowed.items() if said[name] not in known}
        own = {key[len(COLUMN) :]: str(given[key])[:LONGEST] for key in given if key.startswith(COLUMN) and given[key]}
        orders = said["liste"] != "faites" and (said["tri"] in SORTS or said["tri"].startswith(COLUMN))
        said["tri"] = said["tri"] if orders else "echeance"
        return cls(**{**said, "liste": said["liste"] or "moi"}, columns=own)

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, by the names of the form's fields."""
        plain = {name: vars(self)[name] for name in ("q", "parcours", "commune", "role", "urgence", "echeance")}
        return {name: value for name, value in {**plain, **self._columns()}.items() if value}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters)

    @property
    def sorts(self) -> bool:
        """Whether it wants another order than its own."""
        return self.tri != "echeance"

    @property
    def uses_fields(self) -> bool:
        """Whether one of the fields says something: words alone need none of them open, which fill a telephone."""
        return self.sorts or bool(self.filters.keys() - {"q"})

    @property
    def said(self) -> dict[str, str]:
        """All that a saved view keeps."""
        return {**self.filters, "liste": self.liste, "tri": self.tri}

    @property
    def is_typed(self) -> bool:
        """Whether it says what somebody typed: words, or the value of a column."""
        return bool(self.q or self.columns)

    @property
    def address(self) -> dict[str, Any]:
        """What may stand in an address: nothing typed, which may name a patient or tell what they have."""
        typed = {"q", *self._columns()}
        return {name: value for name, value in self.said.items() if name not in typed}

    def of(self, tab: str) -> "Wanted":
        return replace(self, liste=tab, apres="")

    def _columns(self) -> dict[str, str]:
        return {f"{COLUMN}{name}": value for name, value in self.columns.items()}


NAMES = tuple(one.name for one in fields(Wanted) if one.name != "columns")
