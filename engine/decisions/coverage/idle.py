"""Rules that never answer: a cell that accepts nothing, or others that always answer before."""

from collections.abc import Iterator

from engine.decisions.coverage.remark import Remark
from engine.decisions.coverage.subject import Subject, Unknown
from engine.decisions.coverage.sweep import Box, Sweep
from engine.feel.budget import Meter
from engine.feel.comparison import equal
from engine.feel.values import FeelValue

MOST_NAMED = 4


def idle(subject: Subject) -> Iterator[Remark]:
    """Raises TooLarge."""
    dead = [found for rule in range(subject.count) for found in [_dead(subject, rule)] if found is not None]
    yield from dead
    yield from _masked(subject, {found.rules[0] - 1 for found in dead})


def _dead(subject: Subject, rule: int) -> Remark | None:
    """A rule with a cell that no value passes."""
    for place, column in enumerate(subject.columns):
        if column.possible[rule]:
            continue
        cell = subject.table.rules[rule].inputs[place]
        if rule in column.outside:
            reason = f"« {cell} » n’est pas une valeur permise de « {column.label} » ({column.limits})"
            hint = "Corrigez cette cellule, ou complétez les valeurs permises de la colonne."
        else:
            reason = f"aucune valeur de « {column.label} » ne passe « {cell} »"
            hint = "Corrigez cette cellule, ou retirez la règle."
        return subject.remark("dead-rule", (rule,), f"La règle {rule + 1} ne s’applique jamais : {reason}.", hint)
    return None


def _masked(subject: Subject, dead: set[int]) -> Iterator[Remark]:
    """Rules whose every case has another answer: an earlier rule's (FIRST), or one of higher priority."""
    if subject.table.hit_policy not in ("FIRST", "PRIORITY") or subject.count < 2:
        return
    sizes = [len(column.pieces) for column in subject.columns]
    sweep = Sweep([column.sure for column in subject.columns], sizes, subject.work)
    before_each = _before(subject)
    for rule in range(subject.count):
        box = subject.box(rule, possible=True)
        before = before_each[rule] - dead
        covering = [other for other in sorted(before) if _meet(subject.box(other), box)]
        if rule in dead or not covering or sweep.uncovered(box, sum(1 << other for other in covering), 1):
            continue
        numbers = [str(other + 1) for other in covering]
        names = ", ".join(numbers[:MOST_NAMED]) + ("…" if len(numbers) > MOST_NAMED else "")
        one = len(numbers) == 1
        yield subject.remark(
            "masked-rule",
            (rule,),
            f"La règle {rule + 1} ne sert jamais : {'la règle' if one else 'les règles'} {names} "
            f"{'répond' if one else 'répondent'} toujours avant elle.",
            "Déplacez cette règle plus haut, ou retirez-la."
            if subject.table.hit_policy == "FIRST"
            else "Revoyez l’ordre des réponses permises, ou retirez cette règle.",
        )


def _meet(one: Box, other: Box) -> bool:
    return all(a & b for a, b in zip(one, other, strict=True))


def _before(subject: Subject) -> list[set[int]]:
    """For each rule, those whose answer is taken rather than its own."""
    if subject.table.hit_policy == "FIRST":
        return [set(range(rule)) for rule in range(subject.count)]
    priorities = subject.priorities
    ranks = [_rank(subject, rule, priorities) for rule in range(subject.count)]
    places = [(rank, rule) for rule, rank in enumerate(ranks) if rank is not None]
    return [
        set() if own is None else {other for rank, other in places if (rank, other) < (own, rule)}
        for rule, own in enumerate(ranks)
    ]


def _rank(subject: Subject, rule: int, priorities: list[list[FeelValue] | None]) -> list[int] | None:
    """The priority of a rule's outputs, highest first; None when they are not constants."""
    found: list[int] = []
    for values, output in zip(priorities, subject.outputs[rule], strict=False):
        if values is None:
            continue
        if isinstance(output, Unknown):
            return None
        found.append(_position(values, output))
    return found


def _position(values: list[FeelValue], output: FeelValue) -> int:
    for position, candidate in enumerate(values):
        if equal(candidate, output, Meter()) is True:
            return position
    return len(values)
