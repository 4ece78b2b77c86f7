"""The variables of a run, gathered as a person reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inbox import vocabulary
from inbox.case.values import readable


@dataclass(frozen=True)
class Group:
    """Values that belong together, each with its name; the ones that stand alone have no group name."""

    name: str
    rows: list[tuple[str, str]]


def groups(variables: Mapping[str, Any]) -> list[Group]:
    """The variables of a scope: those that stand alone first, then one group for each that holds several."""
    several = {name: value for name, value in sorted(variables.items()) if isinstance(value, Mapping) and value}
    alone = {name: value for name, value in sorted(variables.items()) if name not in several}
    opened = [Group(vocabulary.heading(name), _rows(value)) for name, value in several.items()]
    return [*([Group("", _rows(alone))] if alone else []), *opened]


def _rows(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(vocabulary.key(name), readable(value)) for name, value in values.items()]
