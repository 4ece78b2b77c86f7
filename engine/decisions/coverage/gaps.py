"""What may come in and meets no rule."""

from collections.abc import Iterator

from engine.decisions.coverage.remark import Remark
from engine.decisions.coverage.subject import Subject
from engine.decisions.coverage.sweep import Sweep, TooLarge
from engine.decisions.coverage.words import case

MOST_COLUMNS = 100
MOST_TOLD = 3
HINT = "Ajoutez une règle pour ce cas, ou une dernière règle sans condition : sinon le dossier s’y arrêtera."


def gaps(subject: Subject) -> Iterator[Remark]:
    """One remark for the table, with the first cases that nothing covers; raises TooLarge.

    A cell that cannot be read counts as accepting everything: what is said to be open is open.
    """
    table = subject.table
    if table.hit_policy == "COLLECT" or any(output.default for output in table.outputs):
        return
    within = tuple(column.expected for column in subject.columns)
    if len(within) > MOST_COLUMNS:
        raise TooLarge
    if not all(within):
        return
    sizes = [len(column.pieces) for column in subject.columns]
    sweep = Sweep([column.possible for column in subject.columns], sizes, subject.work)
    found = sweep.uncovered(within, subject.everything, MOST_TOLD + 1)
    if not found:
        return
    told = [case(subject.columns, box) for box in found[:MOST_TOLD]]
    message = "Aucune règle ne s’applique si " + " ; ni si ".join(told) if told[0] else "Aucune règle ne s’applique"
    more = " ; ni dans d’autres cas." if len(found) > MOST_TOLD else "."
    yield subject.remark("gap", (), message + more, HINT, found[0])
