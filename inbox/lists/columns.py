"""The columns that a pathway declares for its lists: values of its cases, read for the rows that are shown.

An author writes them as a property of an element of the main process, as a rule its start: `jalon:colonne`,
« variable : libellé : catégorie », several apart by « ; ». Without a category they are clinical.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson
from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from base.conditions import has_row
from care.sharing.visibility import CLINICAL
from care.tables import case
from engine.definition import Definition
from engine.environment import FeelValue
from engine.feel import storage
from engine.tables import variable
from inbox.desk import Desk
from pathways import catalogue

PROPERTY = "jalon:colonne"
OWNER = "s0"
"""The variables of a case itself, not those of its parts."""
MEANINGS = 3
"""As many as one text may have."""


@dataclass(frozen=True)
class Column:
    """`variable` is its name in the case; `label` stands at its head; who may not read `category` does not see it."""

    variable: str
    label: str
    category: str = CLINICAL


def columns(desk: Desk, pathway: str) -> tuple[Column, ...]:
    """Those of the pathway's published version that this person may read."""
    version = next((one for one in catalogue.in_force(desk.session, desk.tenant) if one.key == pathway), None)
    if version is None:
        return ()
    readable = desk.context.visibility.of(desk.person.roles)
    found = declared(desk.context.engine.definition(desk.session, version.digest))
    return tuple(one for one in found if one.category in readable)


@lru_cache(maxsize=64)
def declared(definition: Definition) -> tuple[Column, ...]:
    """What the author wrote on the elements of the main process."""
    elements = definition.elements(definition.processes[0]) if definition.processes else []
    return tuple(one for element in elements for one in read(element.properties.get(PROPERTY, "")))


def read(written: str) -> list[Column]:
    parts = [[word.strip() for word in part.split(":")] for part in written.split(";") if part.strip()]
    return [Column(name, *rest[:2]) if rest else Column(name, name) for name, *rest in parts]


def values(session: Session, tenant: str, runs: Collection[str], names: Sequence[str]) -> Mapping[tuple[str, str], str]:
    """What the columns say, by case and variable."""
    if not runs or not names:
        return {}
    mine = (variable.c.tenant == tenant, variable.c.run.in_(runs), variable.c.owner == OWNER)
    wanted = select(variable.c.run, variable.c.name, variable.c.value).where(*mine, variable.c.name.in_(names))
    return {(row.run, row.name): say(storage.load(orjson.loads(row.value))) for row in session.execute(wanted)}


def told(desk: Desk, runs: Collection[str], shown: Sequence[Column], *, involved: bool) -> Mapping[str, Sequence[str]]:
    """What each case says in these columns, as far as the guard lets the person see of that very case.

    `involved` when the person holds, answered or may answer a task of each.
    """
    found = values(desk.session, desk.tenant, runs, [one.variable for one in shown])
    return {
        run: [
            found.get((run, one.variable), "") if one.category in desk.sight(run, involved=involved).categories else ""
            for one in shown
        ]
        for run in runs
    }


def say(value: object) -> str:
    """A value in words; what is not one plain value has no place in a row."""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    return "" if value is None or isinstance(value, dict | list) else str(value)


@dataclass(frozen=True)
class Asked:
    """A column that must have a value, however it is written: a text, a number, a yes."""

    variable: str
    meant: Sequence[bytes]

    def values(self, n: int) -> dict[str, object]:
        """What `equals` is asked with: the last meaning fills what is left."""
        meant = [*self.meant, *[self.meant[-1]] * MEANINGS][:MEANINGS]
        return {f"column_{n}": self.variable, **{f"column_{n}_{m}": one for m, one in enumerate(meant)}}


def asked(desk: Desk, pathway: str, wanted: Mapping[str, str]) -> list[Asked]:
    """Of the columns that are wanted those that the pathway declares and this person may read."""
    if not pathway or not wanted:
        return []
    allowed = {column.variable for column in columns(desk, pathway)}
    return [Asked(name, _packed(text)) for name, text in wanted.items() if name in allowed]


def equals(tenant: str, n: int) -> ColumnElement[bool]:
    """The case at hand has the value that the nth column is asked for."""
    name = bindparam(f"column_{n}", type_=variable.c.name.type)
    of_case = select(variable.c.run).where(
        variable.c.tenant == tenant, variable.c.run == case.c.id, variable.c.owner == OWNER, variable.c.name == name
    )
    meant = [bindparam(f"column_{n}_{m}", type_=variable.c.value.type) for m in range(MEANINGS)]
    return has_row(of_case.where(variable.c.value.in_(meant)))


def _packed(text: str) -> list[bytes]:
    return [orjson.dumps(storage.dump(value)) for value in _meanings(text)]


def _meanings(text: str) -> list[FeelValue]:
    known: dict[str, list[FeelValue]] = {"oui": [True, "oui", text], "non": [False, "non", text]}
    return known.get(text.casefold(), [text])
