"""Whether a value is of a declared type, after the conversions that DMN makes by itself."""

from engine.decisions.library import Library
from engine.decisions.model import ItemDefinition
from engine.feel.scope import Run, Scope
from engine.feel.temporal import Date, midnight
from engine.feel.typing import ALIASES, SIMPLE
from engine.feel.values import FeelValue, Function, kind

NUMBERS = frozenset({"integer", "long", "double", "decimal", "float"})


class Mismatch(Exception):
    """The value is not of the type."""


def conformed(value: FeelValue, type_name: str, library: Library, run: Run) -> FeelValue:
    """The value as an instance of the type, null being one of each; raises Mismatch."""
    if value is None or not type_name:
        return value
    name = "number" if type_name in NUMBERS else ALIASES.get(type_name, type_name)
    if name in SIMPLE:
        return _simple(value, name)
    home, item = library.item(name)
    return value if item is None else _item(value, item, home, run)


def _simple(value: FeelValue, name: str) -> FeelValue:
    found = kind(value)
    if found == name:
        return value
    if name == "list":
        return [value]
    if isinstance(value, list) and len(value) == 1:
        return value[0] if value[0] is None else _simple(value[0], name)
    if name == "date and time" and isinstance(value, Date):
        return midnight(value, 0)
    raise Mismatch


def _item(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> FeelValue:
    if value is None:
        return None
    if item.is_function:
        if isinstance(value, Function):
            return value
        raise Mismatch
    if item.is_collection:
        found: FeelValue = [_one(each, item, library, run) for each in (value if isinstance(value, list) else [value])]
    else:
        found = _one(value, item, library, run)
    _check(found, item.constraint, library, run)
    return found


def _one(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> FeelValue:
    if value is None:
        return None
    run.meter.spend()
    if item.components:
        found: FeelValue = _structure(value, item, library, run)
    else:
        found = conformed(value, item.type, library, run)
    _check(found, item.allowed, library, run)
    return found


def _structure(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> dict[str, FeelValue]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise Mismatch
    made = dict(value)
    for component in item.components:
        if component.name not in value:
            raise Mismatch
        made[component.name] = _item(value[component.name], component, library, run)
    return made


def _check(value: FeelValue, tests: str, library: Library, run: Run) -> None:
    if tests and library.tests(tests)(Scope({"?": value}, None, run), value) is not True:
        raise Mismatch


def is_instance_of_item(value: FeelValue, name: str, library: Library, run: Run) -> bool:
    """`instance of tPatient`: as declared, without conversions; allowed values do not count."""
    home, item = library.item(name)
    return item is not None and _is_item(value, item, home, run)


def _is_item(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> bool:
    if item.is_collection:
        return isinstance(value, list) and all(_is_one(each, item, library, run) for each in value)
    return _is_one(value, item, library, run)


def _is_one(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> bool:
    run.meter.spend()
    if item.is_function:
        return isinstance(value, Function)
    if item.components:
        return isinstance(value, dict) and all(
            part.name in value and (value[part.name] is None or _is_item(value[part.name], part, library, run))
            for part in item.components
        )
    name = ALIASES.get(item.type, item.type)
    return kind(value) == name if name in SIMPLE else name == "Any" or is_instance_of_item(value, name, library, run)
