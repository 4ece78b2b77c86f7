"""Boxed expressions: none is empty, and their parts fit together."""

from collections.abc import Iterator

from engine.decisions import model
from engine.decisions.faults import tables
from engine.decisions.faults.requirements import links
from engine.decisions.library import Library, parts, walk
from engine.decisions.problem import Problem

WRITE = "Écrivez une expression, une table ou un contexte, ou retirez cet élément."


def problems(library: Library) -> Iterator[Problem]:
    needed = {href.rpartition("#")[2] for element in library.model.elements.values() for href in links(element)}
    for element in library.model.elements.values():
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            if element.logic is None and element.id in needed:  # else a person decides, and nothing waits for it
                yield Problem(element.id, element.line, f"« {element.name} » : aucune logique n’est écrite", WRITE)
            for found in walk(element.logic):
                yield from (_placed(problem, element) for problem in _of_one(found, library))


def _placed(problem: Problem, element: model.Element) -> Problem:
    return Problem(problem.element or element.id, problem.line, problem.message, problem.hint)


def _of_one(boxed: model.Boxed, library: Library) -> Iterator[Problem]:
    if isinstance(boxed, model.DecisionTable):
        yield from tables.problems(boxed, library)
    elif isinstance(boxed, model.FunctionDefinition) and boxed.kind != "FEEL":
        hint = "Écrivez la fonction en FEEL, ou confiez ce calcul à une tâche de service."
        yield _said(boxed, f"Fonction externe refusée ({boxed.kind})", hint)
    elif any(part is None for part in parts(boxed)) or (isinstance(boxed, model.LiteralExpression) and not boxed.text):
        yield _said(boxed, "Une expression est vide", WRITE)
    if isinstance(boxed, model.ContextExpression):
        yield from _of_context(boxed)
    elif isinstance(boxed, model.Relation):
        yield from _of_relation(boxed)
    elif isinstance(boxed, model.Invocation):
        yield from _repeated(boxed, [name for name, _ in boxed.bindings], "paramètre")
    elif isinstance(boxed, model.FunctionDefinition):
        yield from _repeated(boxed, [parameter.name for parameter in boxed.parameters], "paramètre")
    elif isinstance(boxed, model.Loop) and not boxed.variable:
        yield _said(boxed, "La boucle ne dit pas le nom de ce qu’elle parcourt", "Nommez la variable de la boucle.")


def _of_context(boxed: model.ContextExpression) -> Iterator[Problem]:
    if any(not entry.name for entry in boxed.entries[:-1]):
        hint = "Nommez cette ligne, ou mettez-la à la fin."
        yield _said(boxed, "Seule la dernière ligne d’un contexte peut être sans nom : c’est son résultat", hint)
    yield from _repeated(boxed, [entry.name for entry in boxed.entries if entry.name], "nom")


def _of_relation(boxed: model.Relation) -> Iterator[Problem]:
    for number, row in enumerate(boxed.rows, 1):
        if len(row) != len(boxed.columns):
            hint = f"Il en faut {len(boxed.columns)}."
            yield _said(boxed, f"La ligne {number} n’a pas autant de cellules que de colonnes", hint)
    yield from _repeated(boxed, [column.name for column in boxed.columns], "nom de colonne")


def _repeated(boxed: model.Boxed, names: list[str], what: str) -> Iterator[Problem]:
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield _said(boxed, f"Le {what} « {name} » est donné deux fois", "Renommez l’un des deux.")


def _said(boxed: model.Boxed, message: str, hint: str) -> Problem:
    return Problem(boxed.id, boxed.line, message, hint)
