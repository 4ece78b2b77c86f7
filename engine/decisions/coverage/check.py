"""The static check of the tables of a file."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from engine.decisions import model
from engine.decisions.coverage.clashes import clashes
from engine.decisions.coverage.gaps import gaps
from engine.decisions.coverage.idle import idle
from engine.decisions.coverage.outputs import outputs
from engine.decisions.coverage.remark import Remark
from engine.decisions.coverage.subject import Subject, read_subject
from engine.decisions.coverage.sweep import TooLarge, Work
from engine.decisions.library import Library, parts

Check = Callable[[Subject], Iterator[Remark]]
CHECKS: dict[Check, str] = {
    gaps: "les cas sans règle (trop de cas à parcourir)",
    clashes: "les règles qui se chevauchent (trop de cas à parcourir)",
    idle: "les règles qui ne servent jamais (trop de cas à parcourir)",
    outputs: "les réponses",
}
MOST_TOLD = 5
UNCHECKED = "Ce contrôle ne lit que les comparaisons avec des valeurs écrites dans la table : relisez ces cellules."


def remarks(library: Library) -> list[Remark]:
    """What is to be said of every table of a file, in the order of the file."""
    return [found for owner, table in _tables(library) for found in _of_table(owner, table, library)]


def _tables(library: Library) -> Iterator[tuple[str, model.DecisionTable]]:
    for element in library.model.elements.values():
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            yield from ((element.id, table) for table in _within(element.logic))


def _within(boxed: model.Boxed | None) -> Iterator[model.DecisionTable]:
    if isinstance(boxed, model.DecisionTable):
        yield boxed
    for part in parts(boxed):
        yield from _within(part)


def _of_table(owner: str, table: model.DecisionTable, library: Library) -> Iterator[Remark]:
    subject = read_subject(owner, table, library)
    unread = [
        f"la règle {rule + 1} de la colonne « {column.label} »" for column in subject.columns for rule in column.unread
    ]
    for check, title in CHECKS.items():
        try:
            yield from check(replace(subject, work=Work()))
        except TooLarge:
            unread.append(title)
    if unread:
        several = ", ".join(unread[:MOST_TOLD]) + ("…" if len(unread) > MOST_TOLD else "")
        yield subject.remark("unchecked", (), f"Non vérifié : {several}.", UNCHECKED)
