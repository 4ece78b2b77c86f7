"""Hypothesis strategies of decision tables: every hit policy, columns of four types, cells of every shape."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import eq, ge, gt, le, lt

from hypothesis import strategies as st

from tests.support.dmn import given, grid, model

SINGLE = ("UNIQUE", "ANY", "FIRST", "PRIORITY")
MULTIPLE = ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
RANKED = ("PRIORITY", "OUTPUT ORDER")
COMPARED = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
VALUES: dict[str, st.SearchStrategy] = {
    "number": st.integers(-4, 12),
    "string": st.sampled_from(["a", "b", "c", "été"]),
    "boolean": st.booleans(),
    "date": st.integers(0, 9).map(lambda n: date(2026, 2, 25) + timedelta(days=n)),
}


@dataclass(frozen=True)
class Cell:
    """What stands in the file, and what it means in Python."""

    text: str
    passes: Callable[[object], bool]


@dataclass(frozen=True)
class Rule:
    cells: tuple[Cell, ...]
    outputs: tuple[object, ...]


@dataclass(frozen=True)
class Sheet:
    """A whole table; `ranks` are the allowed values of its outputs, highest first."""

    policy: str
    aggregation: str
    kinds: tuple[str, ...]
    rules: tuple[Rule, ...]
    ranks: tuple[object, ...]
    defaults: tuple[object, ...]
    outputs: int

    def content(self) -> bytes:
        """The file; its inputs are called `i1`, `i2`…, its outputs `o1`, `o2`…"""
        names = [f"i{at}" for at in range(1, len(self.kinds) + 1)]
        answers = [f"o{at}" for at in range(1, self.outputs + 1)]
        rules = [([cell.text for cell in rule.cells], [said(value) for value in rule.outputs]) for rule in self.rules]
        shape = {"policy": self.policy, "aggregation": self.aggregation}
        values = [", ".join(map(said, self.ranks))] * self.outputs if self.ranks else ()
        logic = grid(names, answers, rules, values=values, defaults=[said(v) for v in self.defaults], **shape)
        data, requires = given(names)
        return model(logic, elements=data, requires=requires)


def said(value: object) -> str:
    """A Python value as FEEL writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value}")'
    return f'"{value}"' if isinstance(value, str) else str(value)


def tested(kind: str) -> st.SearchStrategy[Cell]:
    """A test of one value: itself, a comparison or a range."""
    values = VALUES[kind]
    same = values.map(lambda value: Cell(said(value), lambda found: found == value))
    if kind == "boolean":
        return same
    compared = st.builds(
        lambda operator, value: Cell(f"{operator} {said(value)}", lambda found: COMPARED[operator](found, value)),
        st.sampled_from(sorted(COMPARED)),
        values,
    )
    return st.one_of(same, compared, st.builds(spanned, values, values, st.booleans(), st.booleans()))


def spanned(a: object, b: object, low_in: bool, high_in: bool) -> Cell:
    low, high = sorted([a, b])
    text = f"{'[' if low_in else '('}{said(low)}..{said(high)}{']' if high_in else ')'}"
    return Cell(
        text, lambda found: (low < found or (low_in and low == found)) and (found < high or (high_in and found == high))
    )


def joined(tests: list[Cell], negated: bool) -> Cell:
    text = ", ".join(test.text for test in tests)
    if negated:
        return Cell(f"not({text})", lambda found: not any(test.passes(found) for test in tests))
    return Cell(text, lambda found: any(test.passes(found) for test in tests))


def cells(kind: str) -> st.SearchStrategy[Cell]:
    anything = st.sampled_from(["-", ""]).map(lambda text: Cell(text, lambda _: True))
    return st.one_of(
        anything, tested(kind), st.builds(joined, st.lists(tested(kind), min_size=1, max_size=3), st.booleans())
    )


@st.composite
def sheets(draw: st.DrawFn, policy: str, aggregation: str = "") -> Sheet:
    kinds = tuple(draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3)))
    count = 1 if aggregation else draw(st.integers(1, 2))
    ranks = tuple(draw(st.permutations(["haut", "moyen", "bas"]))) if policy in RANKED else ()
    answers = st.sampled_from(ranks) if ranks else st.integers(-9, 9) if aggregation else st.sampled_from(["x", "y", 1])
    outputs = st.tuples(*[answers] * count)
    rule = st.builds(Rule, st.tuples(*map(cells, kinds)), outputs)
    defaults = draw(st.just(()) | outputs) if policy != "COLLECT" else ()
    rules = tuple(draw(st.lists(rule, min_size=1, max_size=6)))
    return Sheet(policy, aggregation, kinds, rules, ranks, defaults, count)


def rows(sheet: Sheet) -> st.SearchStrategy[tuple]:
    """Inputs of a table."""
    return st.tuples(*(VALUES[kind] for kind in sheet.kinds))
