"""Every built-in function has its table of examples, refuses wrong calls, and says why it has no result."""

import pytest

from engine.feel.builtins import BUILTINS
from engine.feel.messages import TEXTS
from tests.engine.feel.test_feel_builtins_lists import LISTS
from tests.engine.feel.test_feel_builtins_numbers import NUMBERS
from tests.engine.feel.test_feel_builtins_strings import STRINGS
from tests.engine.feel.test_feel_builtins_time import TIMES
from tests.support.feel_rows import explained, rows, shown

TABLES = {**STRINGS, **NUMBERS, **LISTS, **TIMES}
REFUSED = {"random number", "uuid", "fromAi"}
NULLABLE = {name for name, function in BUILTINS.items() if function.nullable}
UNLIMITED = {"append", "concatenate", "union", "fromAi"}
UNLIMITED |= {"sum", "mean", "median", "stddev", "mode", "product", "min", "max", "all", "any"}


def test_every_builtin_has_a_table_of_at_least_five_examples():
    assert TABLES.keys() == BUILTINS.keys() - REFUSED
    assert [name for name, found in TABLES.items() if len(found) < 5] == []


@pytest.mark.parametrize("name", sorted(BUILTINS.keys() - UNLIMITED))
def test_too_many_arguments_are_null_with_a_reason(name):
    outcome = explained(f"{name}(1, 2, 3, 4, 5, 6)")
    assert outcome.value is None
    assert [said.code for said in outcome.warnings] == ["arguments"]


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_an_unknown_name_of_argument_is_null_with_a_reason(name):
    outcome = explained(f"{name}(no such name: 1)")
    assert outcome.value is None
    assert outcome.warnings[0].code == "arguments"


@pytest.mark.parametrize(
    "expression",
    [
        text
        for name, found in TABLES.items()
        if name not in NULLABLE
        for text, expected in found
        if expected == "null" and text != 'from json("null")'
    ],
)
def test_a_null_is_never_silent(expression):
    outcome = explained(expression)
    assert outcome.warnings, expression
    assert all(said.text("fr") != said.text("en") for said in outcome.warnings)


def test_a_named_argument_gives_what_its_place_gives():
    assert shown("modulo(divisor: 5, dividend: 12)") == shown("modulo(12, 5)") == "2"


def test_no_example_is_given_twice():
    found = rows(TABLES)
    assert len({text for text, _ in found}) == len(found)
    assert TEXTS
