"""Three-valued logic, value by value: what DMN's tables say, written out."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import compile, to_feel
from tests.support.feel_texts import values

T, F, N = True, False, None
OPERANDS = {"T": True, "F": False, "N": None, "S": "oui", "1": 1, "L": [], "C": {}}
WORDS = {"T": True, "F": False, "-": None}
ORDER = "TFNS1LC"
# DMN 1.5, table 50: what is neither true nor false counts as null.
AND = """
T: T F - - - - -
F: F F F F F F F
N: - F - - - - -
S: - F - - - - -
1: - F - - - - -
L: - F - - - - -
C: - F - - - - -
"""
OR = """
T: T T T T T T T
F: T F - - - - -
N: T - - - - - -
S: T - - - - - -
1: T - - - - - -
L: T - - - - - -
C: T - - - - - -
"""
# What differs in type has no equality; null equals null alone.
EQUAL = """
T: T F F - - - -
F: F T F - - - -
N: F F T F F F F
S: - - F T - - -
1: - - F - T - -
L: - - F - - T -
C: - - F - - - T
"""
# Only numbers, texts, dates, times and durations have an order, each among their own.
LESS = """
T: - - - - - - -
F: - - - - - - -
N: - - - - - - -
S: - - - F - - -
1: - - - - F - -
L: - - - - - - -
C: - - - - - - -
"""
OPPOSITE = {True: False, False: True, None: None}


def cells(table):
    """(left, right, answer) of each cell of a table."""
    for line in table.strip().splitlines():
        left, _, answers = line.partition(":")
        for right, answer in zip(ORDER, answers.split(), strict=True):
            yield OPERANDS[left], OPERANDS[right], WORDS[answer]


def feel(text, **context):
    return compile(text).evaluate({name: to_feel(value) for name, value in context.items()})


@pytest.mark.parametrize(
    ("operator", "table"),
    [("and", AND), ("or", OR), ("=", EQUAL), ("<", LESS), (">", LESS)],
)
def test_an_operator_answers_as_its_table_says(operator, table):
    for left, right, answer in cells(table):
        assert feel(f"a {operator} b", a=left, b=right) is answer, (left, operator, right)


def test_different_is_the_opposite_of_equal():
    for left, right, answer in cells(EQUAL):
        assert feel("a != b", a=left, b=right) is OPPOSITE[answer]


def test_the_looser_order_adds_equality_among_what_has_an_order():
    for operator in ("<=", ">="):
        for left, right, answer in cells(LESS):
            assert feel(f"a {operator} b", a=left, b=right) is (None if answer is None else True)


@pytest.mark.parametrize(("value", "answer"), [(T, F), (F, T), (N, N), ("oui", N), (1, N), ({}, N)])
def test_not_answers_for_truth_values_alone(value, answer):
    assert feel("not(v)", v=value) is answer


def conjunction(found):
    """Of many: false as soon as one is false, true when all are true, else null."""
    return False if False in found else True if all(one is True for one in found) else None


def disjunction(found):
    return True if True in found else False if all(one is False for one in found) else None


def test_all_and_any_answer_as_and_and_or_for_every_list_of_three():
    for found in itertools.product([T, F, N, "oui"], repeat=3):
        said = [one if isinstance(one, bool) else None for one in found]
        assert feel("all(v)", v=list(found)) is conjunction(said), found
        assert feel("any(v)", v=list(found)) is disjunction(said), found
        assert feel("all(a, b, c)", **dict(zip("abc", found, strict=True))) is conjunction(said)
        assert feel("any(a, b, c)", **dict(zip("abc", found, strict=True))) is disjunction(said)
    assert feel("all([])") is True
    assert feel("any([])") is False


def test_some_and_every_answer_as_or_and_and_for_every_list_of_three():
    for found in itertools.product([T, F, N, "oui"], repeat=3):
        said = [one if isinstance(one, bool) else None for one in found]
        assert feel("some x in v satisfies x", v=list(found)) is disjunction(said), found
        assert feel("every x in v satisfies x", v=list(found)) is conjunction(said), found
    assert feel("some x in [] satisfies x") is False
    assert feel("every x in [] satisfies x") is True
    assert feel("some x in null satisfies x") is None


BETWEEN = [
    *((5, 1, 9, T), (1, 1, 9, T), (9, 1, 9, T), (0, 1, 9, F), (10, 1, 9, F), (5, 9, 1, F)),
    *((N, 1, 9, N), (5, N, 9, N), (5, 1, N, N), ("e", 1, 9, N), (5, "a", 9, N), (5, 1, "z", N)),
    *(("e", "a", "z", T), ("é", "a", "z", F), (T, F, T, N)),
    *((0, 1, N, F), (10, N, 9, F), (0, N, 9, N), (0, 1, "z", F)),
]


@pytest.mark.parametrize(("value", "low", "high", "answer"), BETWEEN)
def test_between_answers_within_both_ends(value, low, high, answer):
    assert feel("v between a and b", v=value, a=low, b=high) is answer


@pytest.mark.parametrize(
    ("value", "tests", "answer"),
    [
        *((5, "5", T), (5, "6", F), (5, '"a"', N), (N, "null", T), (N, "5", F), (N, "[1..9]", N), (5, "null", F)),
        *((5, "[1..9]", T), (9, "[1..9)", F), (9, "[1..9]", T), (1, "(1..9)", F), ("a", "[1..9]", N)),
        *((5, "(< 6)", T), (5, "(> 6)", F), (5, "(= 5)", T), (5, "(!= 5)", F), ("a", "(< 6)", N), (N, "(< 6)", N)),
        *((5, "(1, 5)", T), (5, "(1, 6)", F), (5, '(1, "a")', F), (5, '("b", "a")', N), (5, "([1..3], > 4)", T)),
        *((5, "[1, 5]", T), (5, "[1, 6]", F), ([1], "[[1], [2]]", T), (5, "[[1..9]]", T), (5, "([[1..9]])", T)),
    ],
)
def test_in_answers_true_for_one_passed_test_and_null_when_none_can_be_tried(value, tests, answer):
    assert feel(f"v in {tests}", v=value) is answer, feel(f"v in {tests}", v=value)


@settings(max_examples=150, deadline=None)
@given(values, values, values)
def test_the_laws_of_logic_hold_whatever_the_operands(a, b, c):
    for law in (
        "is(a and b, b and a)",
        "is(a or b, b or a)",
        "is(a and (b and c), (a and b) and c)",
        "is(a or (b or c), (a or b) or c)",
        "is(not(a and b), not(a and true) or not(b and true))",
        "is(a and (b or c), (a and b) or (a and c))",
        "is(a != b, not(a = b))",
        "is(a <= b, b >= a)",
        "is(a < b, b > a)",
        "is(v between a and b, v >= a and v <= b)",
    ):
        assert feel(law, a=a, b=b, c=c, v=c) is True, law


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([T, F, N, "x", 3]), max_size=6))
def test_quantifiers_are_long_conjunctions_and_disjunctions(found):
    said = [one if isinstance(one, bool) else None for one in found]
    assert feel("every x in v satisfies x", v=found) is conjunction(said)
    assert feel("some x in v satisfies x", v=found) is disjunction(said)
