"""Imports and requirements: what they point to is there, is of the right kind, and nothing needs itself."""

from collections.abc import Hashable, Iterator

from engine.decisions import model
from engine.decisions.faults.rounds import looping
from engine.decisions.library import Library
from engine.decisions.problem import Problem

Place = tuple[Library, model.Element]


def problems(library: Library) -> Iterator[Problem]:
    yield from _imports(library)
    rounds = looping(_graph(library))
    for element in library.model.elements.values():
        yield from _missing(library, element)
        yield from _ambiguous(library, element)
        if _key((library, element)) in rounds:
            message = f"« {element.name} » dépend d’elle-même"
            yield Problem(element.id, element.line, message, "Retirez un des liens qui forment la boucle.")


def _imports(library: Library) -> Iterator[Problem]:
    for found in library.model.imports:
        if found.is_dmn and found.namespace not in library.others:
            message = f"Modèle importé introuvable : {found.namespace}"
            yield Problem(found.id, found.line, message, "Joignez le fichier qui porte cet espace de noms.")
    files = {one.model.namespace: [found.model.namespace for found in one.imported()] for one in library.reachable()}
    if library.model.namespace in looping(files):
        first = library.model.imports[0]
        hint = "Retirez un des imports qui forment la boucle."
        yield Problem(first.id, first.line, "Ce fichier s’importe lui-même, par un autre ou directement", hint)


def _missing(library: Library, element: model.Element) -> Iterator[Problem]:
    for href in (*links(element), *(element.encapsulated if isinstance(element, model.DecisionService) else ())):
        if library.resolve(href) is None:
            message = f"Élément requis introuvable : {href or '(lien vide)'}"
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
            message = f"Deux éléments requis portent le même nom : « {name[1]} »"
            yield Problem(element.id, element.line, message, "Renommez l’un des deux.")


def links(element: model.Element) -> tuple[str, ...]:
    """The hrefs of what an element requires."""
    if isinstance(element, model.Decision | model.BusinessKnowledge):
        return element.requires
    return (*element.inputs, *element.outputs) if isinstance(element, model.DecisionService) else ()


def required(library: Library, element: model.Element) -> Iterator[Place]:
    found = (library.resolve(href) for href in links(element))
    yield from (place for place in found if place is not None)


def _graph(library: Library) -> dict[Hashable, list[Hashable]]:
    """What each element of these files needs decided before; a knowledge model may call itself."""
    graph: dict[Hashable, list[Hashable]] = {}
    for home in library.reachable():
        for element in home.model.elements.values():
            calls = isinstance(element, model.BusinessKnowledge)
            after = [found for found in required(home, element) if not (calls and _is_knowledge(found))]
            graph[_key((home, element))] = [_key(found) for found in after]
    return graph


def _is_knowledge(place: Place) -> bool:
    return isinstance(place[1], model.BusinessKnowledge)


def _key(place: Place) -> Hashable:
    return place[0].model.namespace, place[1].id
