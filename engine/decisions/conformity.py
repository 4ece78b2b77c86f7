"""Whether a value is of a declared type, after the conversions that DMN makes by itself."""

from functools import lru_cache

from engine.decisions.library import Library
from engine.decisions.model import ItemDefinition
from engine.feel.errors import FeelSyntaxError
from engine.feel.names import Names
from engine.feel.parser import Parser
from engine.feel.scope import Run, Scope
from engine.feel.syntax import TypeName
from engine.feel.temporal import Date, midnight
from engine.feel.typing import ALIASES, SIMPLE, is_instance
from engine.feel.values import FeelValue, Function, kind

NUMBERS = frozenset({"integer", "int", "long", "short", "double", "decimal", "float"})
ANY = ("Any", "Null")


class Mismatch(Exception):
    """The value is not of the type: which value, inside the whole (`patient.age`), and what is wrong with it."""

    def __init__(self, value: FeelValue, fault: str, inside: str = "") -> None:
        super().__init__(fault)
        self.value, self.fault, self.inside = value, fault, inside


def conformed(value: FeelValue, type_name: str, library: Library, run: Run) -> FeelValue:
    """The value as an instance of the type, null being one of each; raises Mismatch."""
    if value is None or not type_name:
        return value
    name = simple_name(type_name)
    if name in SIMPLE:
        return _simple(value, name)
    home, item = library.item(name)
    if item is not None:
        return _item(value, item, home, run)
    expected = type_expression(name)
    if expected is not None and not is_instance(value, expected, run):
        raise Mismatch(value, f"n’est pas du type « {name} »")
    return value


def simple_name(name: str) -> str:
    """FEEL's name of a type that XSD, Camunda or DMN 1.1 names otherwise."""
    return "number" if name in NUMBERS else ALIASES.get(name, name)


def is_simple(name: str) -> bool:
    """Whether FEEL itself knows the type."""
    found = simple_name(name)
    return found in SIMPLE or found in ANY


@lru_cache(maxsize=1_000)
def type_expression(text: str) -> TypeName | None:
    """`list<number>`, `range<date>`…; None for what is no such type."""
    if "<" not in text:
        return None
    try:
        parser = Parser(text, Names())
        found = parser.type_name()
        parser.expect_end()
    except FeelSyntaxError:
        return None
    return found


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
    raise Mismatch(value, f"n’est pas du type « {name} »")


def _item(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> FeelValue:
    if value is None:
        return None
    if item.is_function:
        if isinstance(value, Function):
            return value
        raise Mismatch(value, f"n’est pas une fonction, comme le type « {item.name} » le veut")
    if item.is_collection:
        found: FeelValue = [_one(each, item, library, run) for each in (value if isinstance(value, list) else [value])]
    else:
        found = _one(value, item, library, run)
    _check(found, item.constraint, item, library, run)
    return found


def _one(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> FeelValue:
    if value is None:
        return None
    run.meter.spend()
    if item.components:
        found: FeelValue = _structure(value, item, library, run)
    else:
        found = conformed(value, item.type, library, run)
    _check(found, item.allowed, item, library, run)
    return found


def _structure(value: FeelValue, item: ItemDefinition, library: Library, run: Run) -> dict[str, FeelValue]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise Mismatch(value, f"n’est pas du type « {item.name} »")
    made = dict(value)
    for component in item.components:
        if component.name not in value:
            raise Mismatch(value, f"n’a pas de « {component.name} », comme le type « {item.name} » le veut")
        made[component.name] = _component(value[component.name], component, library, run)
    return made


def _component(value: FeelValue, component: ItemDefinition, library: Library, run: Run) -> FeelValue:
    try:
        return _item(value, component, library, run)
    except Mismatch as error:
        inside = f"{component.name}.{error.inside}" if error.inside else component.name
        raise Mismatch(error.value, error.fault, inside) from error


def _check(value: FeelValue, tests: str, item: ItemDefinition, library: Library, run: Run) -> None:
    if tests and library.tests(tests)(Scope({"?": value}, None, run), value) is not True:
        raise Mismatch(value, f"n’est pas permis par le type « {item.name} » ({tests})")


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
    name = simple_name(item.type)
    return kind(value) == name if name in SIMPLE else name == "Any" or is_instance_of_item(value, name, library, run)
