"""How cases are called: by their patient, or by their number for who may not see identities."""

from collections.abc import Sequence
from typing import Protocol

from admin.access import sees_patients
from care.identity.patients import patients
from inbox.patient import describe
from inbox.request import context, desk
from people.persons import Person


class Row(Protocol):
    """A row of a list of cases."""

    @property
    def id(self) -> str: ...

    @property
    def patient(self) -> str: ...


def case_names(asking: Person, rows: Sequence[Row]) -> dict[str, str]:
    """The name of each case, by its id."""
    if not sees_patients(asking):
        return {row.id: f"Dossier {row.id}" for row in rows}
    known = patients(desk().session, context().vault, {row.patient for row in rows}) if rows else {}
    return {row.id: describe(known[row.patient], desk().today).name for row in rows}
