"""Imports and requirements: what they point to is there, is of the right kind, and nothing needs itself."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from engine.decisions import model
from engine.decisions.library import Library
from engine.decisions.problem import Problem

Place = tuple[Library, model.Element]
Node = TypeVar("Node")


def problems(library: Library) -> Iterator[Problem]:
    yield from _imports(library)
    for element in library.model.elements.values():
        yield from _missing(library, element)
        yield from _ambiguous(library, element)
        if needs_itself((library, element), _required, _key):
            message = f"« {element.name} » dépend d’elle-même"
            yield Problem(element.id, element.line, message, "Retirez un des liens qui forment la boucle.")


def _imports(library: Library) -> Iterator[Problem]:
    for found in library.model.imports:
        if found.is_dmn and found.namespace not in library.others:
            message = f"Modèle importé introuvable : {found.namespace}"
            yield Problem(found.id, found.line, message, "Joignez le fichier qui porte cet espace de noms.")
    if needs_itself(library, Library.imported, lambda one: one.model.namespace):
        first = library.model.imports[0]
        hint = "Retirez un des imports qui forment la boucle."
        yield Problem(first.id, first.line, "Ce fichier s’importe lui-même, par un autre ou directement", hint)


def _missing(library: Library, element: model.Element) -> Iterator[Problem]:
    for href in (*links(element), *(element.encapsulated if isinstance(element, model.DecisionService) else ())):
        if library.resolve(href) is None:
            message = f"Élément requis introuvable : {href or '(lien vide)'}"
            yield Problem(element.id, element.line, message, "Retirez ce lien, ou joignez le fichier de cet élément.")
    if isinstance(element, model.DecisionService) and not element.outputs:
        message = "Ce service ne donne aucune décision"
        yield Problem(element.id, element.line, message, "Ajoutez-lui une décision de sortie.")


def _ambiguous(library: Library, element: model.Element) -> Iterator[Problem]:
    """Two things required under one name: nothing could tell which is meant."""
    seen: dict[tuple[str, str], Hashable] = {}
    for home, found in required(library, element):
        name = (library.model.alias(home.model.namespace), found.names[0] if found.names else found.name)
        if seen.setdefault(name, _key((home, found))) != _key((home, found)):
            message = f"Deux éléments requis portent le même nom : « {name[1]} »"
            yield Problem(element.id, element.line, message, "Renommez l’un des deux.")


def links(element: model.Element) -> tuple[str, ...]:
    """The hrefs of what an element requires."""
    if isinstance(element, model.Decision | model.BusinessKnowledge):
        return element.requires
    return (*element.inputs, *element.outputs) if isinstance(element, model.DecisionService) else ()


def required(library: Library, element: model.Element) -> Iterator[Place]:
    found = (library.resolve(href) for href in links(element))
    yield from (place for place in found if place is not None)


def _required(place: Place) -> Iterable[Place]:
    """What must be decided before; a knowledge model may call itself."""
    for found in required(*place):
        if not (isinstance(found[1], model.BusinessKnowledge) and isinstance(place[1], model.BusinessKnowledge)):
            yield found


def _key(place: Place) -> Hashable:
    return place[0].model.namespace, place[1].id


def needs_itself(start: Node, after: Callable[[Node], Iterable[Node]], key: Callable[[Node], Hashable]) -> bool:
    """Whether a chain of links comes back to where it starts."""
    seen: set[Hashable] = set()
    todo: Sequence[Node] = [*after(start)]
    while todo:
        *rest, node = todo
        if key(node) == key(start):
            return True
        todo = rest if key(node) in seen else [*rest, *after(node)]
        seen.add(key(node))
    return False
