"""The static check against an evaluation of every sampled case: it claims nothing false and misses nothing."""

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import DecisionError, Decisions, read
from engine.decisions.coverage import Remark
from tests.support.grids import Input, grid

NUMBERS = ["0", "1", "2", "3", "< 1", "<= 2", "> 2", ">= 1", "[0..2]", "(1..3]", "]0..2[", "0, 3", "not(1)", "not(> 1)"]
NUMBERS += ["[3..1]", "? > 0 and ? < 3", "? between 1 and 2", "null", "not(null)", "-", "-", "-"]
TEXTS = ['"a"', '"b"', '"a","b"', 'not("a")', 'not("a","b","c")', '"z"', "null", "-", "-"]
TRUTHS = ["true", "false", "not(true)", "null", "?", "-", "-"]
KINDS = {
    "number": (NUMBERS, ["", "[0..3]", "0,1,2,3"], [n / 2 for n in range(-2, 9)]),
    "string": (TEXTS, ["", '"a","b","c"'], ["a", "b", "c", "z", "ailleurs"]),
    "boolean": (TRUTHS, [""], [True, False]),
}
Case = tuple[object, ...]
ANSWERS = ['"x"', '"y"', '"z"']


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Input], list[list[str]], list[list[object]]]:
    """Columns, rules, and the values to try in each column."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
    inputs = [
        Input(f"v{place}", draw(st.sampled_from(["", kind])), draw(st.sampled_from(KINDS[kind][1])))
        for place, kind in enumerate(kinds)
    ]
    row = st.tuples(*(st.sampled_from(KINDS[kind][0]) for kind in kinds), st.sampled_from(ANSWERS))
    rules = [list(cells) for cells in draw(st.lists(row, min_size=1, max_size=6))]
    return inputs, rules, [[*KINDS[kind][2], None] for kind in kinds]


class Known:
    """Which rules apply in every case that may come in, as the engine itself evaluates them."""

    def __init__(self, inputs: list[Input], rules: list[list[str]], values: list[list[object]]) -> None:
        self.inputs = inputs
        self.decisions: Decisions = read(grid(inputs, rules, policy="RULE ORDER"))
        self.count = len(rules)
        says_null = [any("null" in row[place] for row in rules) for place in range(len(inputs))]
        self.hits: dict[Case, list[int]] = {}
        self.open: list[Case] = []
        for case in product(*values):
            found = self.of(case)
            if found is None:
                continue
            self.hits[case] = found
            is_sensible = all(value is not None or says_null[place] for place, value in enumerate(case))
            if not found and is_sensible:
                self.open.append(case)

    def of(self, case: Case) -> list[int] | None:
        """The rules that apply, or None when a value is not allowed."""
        context = {one.name: value for one, value in zip(self.inputs, case, strict=True)}
        try:
            return [rule.number for rule in self.decisions.evaluate("d", context).rules]
        except DecisionError as error:
            return [] if error.table else None


def remarks(
    found: tuple[list[Input], list[list[str]], list[list[object]]], policy: str, values: str = ""
) -> list[Remark]:
    inputs, rules, _ = found
    return read(grid(inputs, rules, policy=policy, values=values)).remarks()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables())
def test_gaps_and_overlaps_are_those_of_the_evaluation(found) -> None:
    known = Known(*found)
    said = remarks(found, "UNIQUE")
    gaps = [remark for remark in said if remark.code == "gap"]
    assert bool(gaps) == bool(known.open), known.open[:1]
    assert all(known.of(remark.example) == [] for remark in gaps)
    overlaps = [remark for remark in said if remark.code == "overlap"]
    together = {pair for hits in known.hits.values() for pair in combinations(hits, 2)}
    assert {remark.rules for remark in overlaps} <= together
    assert len(overlaps) == min(len(together), 5)
    for remark in overlaps:
        assert set(remark.rules) <= set(known.of(remark.example) or [])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables())
def test_rules_that_never_apply_are_those_of_the_evaluation(found) -> None:
    known = Known(*found)
    applied = {rule for hits in known.hits.values() for rule in hits}
    said = {remark.rules[0] for remark in remarks(found, "COLLECT") if remark.code == "dead-rule"}
    assert said == set(range(1, known.count + 1)) - applied


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables())
def test_rules_that_never_answer_first_are_those_of_the_evaluation(found) -> None:
    known = Known(*found)
    answering = {min(hits) for hits in known.hits.values() if hits}
    said = {remark.rules[0] for remark in remarks(found, "FIRST") if remark.code in ("dead-rule", "masked-rule")}
    assert said == set(range(1, known.count + 1)) - answering


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables())
def test_rules_that_priority_never_prefers_are_those_of_the_evaluation(found) -> None:
    known = Known(*found)
    ranks = [ANSWERS[::-1].index(row[-1]) for row in found[1]]
    answering = {min(hits, key=lambda rule: (ranks[rule - 1], rule)) for hits in known.hits.values() if hits}
    said = remarks(found, "PRIORITY", ",".join(ANSWERS[::-1]))
    idle = {remark.rules[0] for remark in said if remark.code in ("dead-rule", "masked-rule")}
    assert idle == set(range(1, known.count + 1)) - answering


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables())
def test_any_allows_rules_that_say_the_same(found) -> None:
    known = Known(*found)
    answers = [row[-1] for row in found[1]]
    pairs = {pair for hits in known.hits.values() for pair in combinations(hits, 2)}
    clashing = {(a, b) for a, b in pairs if answers[a - 1] != answers[b - 1]}
    said = {remark.rules for remark in remarks(found, "ANY") if remark.code == "overlap"}
    assert said <= clashing
    assert len(said) == min(len(clashing), 5)
