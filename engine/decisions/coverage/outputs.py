"""Answers that are not among those that the table allows."""

from collections.abc import Iterator

from engine.decisions.coverage.columns import ANYTHING, Misfit, conforming, read_cell
from engine.decisions.coverage.remark import Remark
from engine.decisions.coverage.subject import Subject, Unknown, constant
from engine.decisions.coverage.words import shown
from engine.feel.values import FeelValue

HINT = "Corrigez la réponse, ou complétez les valeurs permises de la sortie : sinon le dossier s’y arrêtera."


def outputs(subject: Subject) -> Iterator[Remark]:
    """Constant answers outside the values, or the type, of their output; the default answers too."""
    for place, output in enumerate(subject.table.outputs):
        name = output.name or subject.owner
        rows = [(rule, row[place]) for rule, row in enumerate(subject.outputs) if place < len(row)]
        for rule, value in rows:
            if not _is_allowed(subject, place, value):
                message = (
                    f"La règle {rule + 1} répond {_told(value)} pour « {name} », hors des {_limits(subject, place)}."
                )
                yield subject.remark("output-not-allowed", (rule,), message, HINT)
        default = constant(output.default, subject.library)
        if output.default and not _is_allowed(subject, place, default):
            message = f"La réponse par défaut {_told(default)} de « {name} » est hors des {_limits(subject, place)}."
            yield subject.remark("output-not-allowed", (), message, HINT)


def _is_allowed(subject: Subject, place: int, value: FeelValue | Unknown) -> bool:
    output = subject.table.outputs[place]
    if isinstance(value, Unknown) or value is None:
        return True
    brought = conforming(value, output.type, subject.library)
    if isinstance(brought, Misfit):
        return False
    test = None if output.values in ANYTHING else read_cell(output.values, subject.library)
    return test is None or test.accepts(brought)


def _told(value: FeelValue | Unknown) -> str:
    return "" if isinstance(value, Unknown) else shown(value)


def _limits(subject: Subject, place: int) -> str:
    output = subject.table.outputs[place]
    return f"valeurs permises ({output.values})" if output.values else f"valeurs du type {output.type}"
