"""Types: every name stands for one, no type contains itself, and their tests are FEEL."""

from collections.abc import Hashable, Iterator

from engine.decisions import model
from engine.decisions.conformity import is_simple, type_expression
from engine.decisions.faults.rounds import looping
from engine.decisions.library import Library, walk
from engine.decisions.problem import Problem

HINT = "Corrigez le nom du type, ou définissez-le dans le fichier."


def problems(library: Library) -> Iterator[Problem]:
    for name, element, line in _named(library.model):
        if name and not known(name, library):
            yield Problem(element, line, f"Type inconnu : « {name} »", HINT)
    seen: set[str] = set()
    rounds = looping(_graph(library))
    for item in library.model.items:
        yield from _of_item(item, library)
        if item.name in seen:
            yield Problem(
                item.id, item.line, f"Le type « {item.name} » est défini deux fois", "Renommez l’un des deux."
            )
        seen.add(item.name)
        if (library.model.namespace, item.name) in rounds:
            message = f"Le type « {item.name} » se contient lui-même"
            yield Problem(item.id, item.line, message, "Retirez le composant ou le type de base qui forme la boucle.")


def known(name: str, library: Library) -> bool:
    return is_simple(name) or library.item(name)[1] is not None or type_expression(name) is not None


def _of_item(item: model.ItemDefinition, library: Library) -> Iterator[Problem]:
    """Compiling the tests notes those that are no FEEL."""
    for text in (item.allowed, item.constraint):
        if text:
            library.tests(text, item.id, item.line)
    if item.type and not known(item.type, library):
        yield Problem(item.id, item.line, f"Type inconnu : « {item.type} »", HINT)
    for component in item.components:
        yield from _of_item(component, library)


def _graph(library: Library) -> dict[Hashable, list[Hashable]]:
    """The types that each type of these files rests on, through its components too."""
    return {
        (home.model.namespace, item.name): [_key(home, name) for name in _bases(item)]
        for home in library.reachable()
        for item in home.model.items
    }


def _bases(item: model.ItemDefinition) -> Iterator[str]:
    yield item.type
    for component in item.components:
        yield from _bases(component)


def _key(library: Library, name: str) -> Hashable:
    home, found = library.item(name)
    return home.model.namespace, name if found is None else found.name


# ---- every place where a type is named: the name, the element and its line


def _named(read: model.Model) -> Iterator[tuple[str, str, int]]:
    for element in read.elements.values():
        yield element.type, element.id, element.line
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            for boxed in walk(element.logic):
                yield from ((name, element.id, line) for name, line in _in_box(boxed))


def _in_box(boxed: model.Boxed) -> Iterator[tuple[str, int]]:
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
