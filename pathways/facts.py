"""A Fact: what a partner said about one stay, whatever the format it was said in."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from care.identity.identity import Identity

LETTER = "11490-0"
"""LOINC code of the discharge letter (lettre de liaison de sortie)."""

Scalar: TypeAlias = bool | Decimal | str | None
Clinical: TypeAlias = Scalar | list[Scalar]


@dataclass(frozen=True)
class Stay:
    """When the stay began and ended, how, and for which diagnoses (CIM-10 codes)."""

    start: datetime | None = None
    end: datetime | None = None
    entry: str | None = None
    exit: str | None = None
    diagnoses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A document joined to the message: its LOINC type and its bytes."""

    kind: str
    title: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Fact:
    """One message, translated. `venue` is the stay's number at the partner's.

    `commune` is where the person lives (INSEE code); `reason` is the partner's code for a cancellation.
    """

    type: str
    message_id: str
    instant: datetime
    venue: str
    identity: Identity | None = None
    identity_status: str = "PROV"
    commune: str | None = None
    stay: Stay = Stay()
    ward_code: str | None = None
    ward_name: str | None = None
    doctor_rpps: str | None = None
    reason: str | None = None
    documents: tuple[Attachment, ...] = ()
    clinical: dict[str, Clinical] = field(default_factory=dict)

    @property
    def has_letter(self) -> bool:
        """Whether the discharge letter is joined."""
        return any(document.kind == LETTER for document in self.documents)
