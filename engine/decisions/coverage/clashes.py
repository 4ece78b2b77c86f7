"""Rules that apply together where the hit policy allows only one, or only one answer."""

from collections.abc import Iterator
from itertools import combinations

from engine.decisions.coverage.remark import Remark
from engine.decisions.coverage.subject import Subject, Unknown
from engine.decisions.coverage.words import case
from engine.feel.budget import Meter
from engine.feel.comparison import equal

MOST_TOLD = 5
HINT = "Resserrez l’une des deux règles : dans ce cas, le dossier s’arrêterait sans réponse."


def clashes(subject: Subject) -> Iterator[Remark]:
    """The first pairs of rules that clash, each with a case; raises TooLarge."""
    policy = subject.table.hit_policy
    if policy not in ("UNIQUE", "ANY"):
        return
    told = 0
    boxes = [subject.box(rule) for rule in range(subject.count)]
    subject.work.spend(subject.count * (subject.count - 1) // 8)
    for first, second in combinations(range(subject.count), 2):
        common = tuple(a & b for a, b in zip(boxes[first], boxes[second], strict=True))
        if not all(common) or (policy == "ANY" and not _differ(subject, first, second)):
            continue
        yield _remark(subject, first, second, common)
        told += 1
        if told == MOST_TOLD:
            return


def _remark(subject: Subject, first: int, second: int, common: tuple[int, ...]) -> Remark:
    told = case(subject.columns, common)
    reason = "une seule est permise" if subject.table.hit_policy == "UNIQUE" else "leurs réponses diffèrent"
    message = f"Les règles {first + 1} et {second + 1} s’appliquent ensemble{f' si {told}' if told else ''} : {reason}."
    return subject.remark("overlap", (first, second), message, HINT, common)


def _differ(subject: Subject, first: int, second: int) -> bool:
    """Whether two rules surely answer differently."""
    for a, b in zip(subject.outputs[first], subject.outputs[second], strict=False):
        if not isinstance(a, Unknown) and not isinstance(b, Unknown) and equal(a, b, Meter()) is not True:
            return True
    return False
