"""Types: every name stands for one, no type contains itself, and their tests are FEEL."""

from collections.abc import Hashable, Iterable, Iterator

from engine.decisions import model
from engine.decisions.conformity import is_simple, type_expression
from engine.decisions.faults.requirements import needs_itself
from engine.decisions.library import Library, parts
from engine.decisions.problem import Problem

Item = tuple[Library, model.ItemDefinition]
HINT = "Corrigez le nom du type, ou définissez-le dans le fichier."


def problems(library: Library) -> Iterator[Problem]:
    for name, element, line in _named(library.model):
        if name and not known(name, library):
            yield Problem(element, line, f"Type inconnu : « {name} »", HINT)
    seen: set[str] = set()
    for item in library.model.items:
        yield from _of_item(item, library)
        if item.name in seen:
            yield Problem(
                item.id, item.line, f"Le type « {item.name} » est défini deux fois", "Renommez l’un des deux."
            )
        seen.add(item.name)
        if needs_itself((library, item), _inside, _key):
            message = f"Le type « {item.name} » se contient lui-même"
            yield Problem(item.id, item.line, message, "Retirez le composant ou le type de base qui forme la boucle.")


def known(name: str, library: Library) -> bool:
    return is_simple(name) or library.item(name)[1] is not None or type_expression(name) is not None


def _of_item(item: model.ItemDefinition, library: Library) -> Iterator[Problem]:
    """Compiling the tests notes those that are no FEEL."""
    for text in (item.allowed, item.constraint):
        if text:
            library.tests(text, item.id, item.line)
    if item.type and not known(item.type, library):
        yield Problem(item.id, item.line, f"Type inconnu : « {item.type} »", HINT)
    for component in item.components:
        yield from _of_item(component, library)


def _inside(place: Item) -> Iterable[Item]:
    library, item = place
    home, base = library.item(item.type)
    if base is not None:
        yield home, base
    yield from ((library, component) for component in item.components)


def _key(place: Item) -> Hashable:
    return place[0].model.namespace, place[1].name if place[1] in place[0].model.items else id(place[1])


# ---- every place where a type is named: the name, the element and its line


def _named(read: model.Model) -> Iterator[tuple[str, str, int]]:
    for element in read.elements.values():
        yield element.type, element.id, element.line
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            for name, line in _within(element.logic):
                yield name, element.id, line


def _within(boxed: model.Boxed | None) -> Iterator[tuple[str, int]]:
    if boxed is None:
        return
    yield boxed.type, boxed.line
    if isinstance(boxed, model.ContextExpression):
        yield from ((entry.type, entry.line) for entry in boxed.entries)
    elif isinstance(boxed, model.Relation):
        yield from ((column.type, boxed.line) for column in boxed.columns)
    elif isinstance(boxed, model.FunctionDefinition):
        yield from ((parameter.type, boxed.line) for parameter in boxed.parameters)
    elif isinstance(boxed, model.DecisionTable):
        yield from ((column.type, column.line) for column in boxed.inputs)
        yield from ((column.type, column.line) for column in boxed.outputs)
    for inner in parts(boxed):
        yield from _within(inner)
