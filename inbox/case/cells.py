"""A cell of a decision table as a person reads it: « Rankin ≥ 4 », « Type : AIT ou AVC isch »."""

from engine.decisions.coverage.constants import Unreadable, fixed_value
from engine.feel import FeelError, FeelValue, Range, from_feel
from engine.feel.cells import parse_tests
from engine.feel.expression import KNOWN
from engine.feel.parser import parse_expression
from engine.feel.syntax import Test
from inbox.case.values import readable

SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "=", "!=": "≠"}


def spoken(label: str, cell: str) -> str:
    """What the cell asks of its column; as it is written when it asks more than a comparison."""
    try:
        tests = parse_tests(cell, KNOWN)
        said = " ou ".join(_test(test) for test in tests.items)
    except (FeelError, Unreadable):
        return f"{label} : {cell}"
    if tests.negated:
        return f"{label} : autre que {said}"
    return f"{label} {said}" if said[:1] in SIGNS.values() else f"{label} : {said}"


def answered(cell: str) -> str:
    """What an output says; as it is written when it is to be calculated."""
    try:
        return _value(fixed_value(parse_expression(cell, KNOWN)))
    except (FeelError, Unreadable):
        return cell


def _test(test: Test) -> str:
    if test.uses_input:
        raise Unreadable
    value = fixed_value(test.operand)
    if test.operator is not None:
        return f"{SIGNS[test.operator]} {_value(value)}"
    if isinstance(value, list):
        return " ou ".join(map(_value, value))
    return _range(value) if isinstance(value, Range) else _value(value)


def _range(found: Range) -> str:
    """« de 2 à 4 », « de 2 à moins de 4 », « de plus de 2 à 4 »."""
    if found.open_low or found.open_high:
        raise Unreadable
    low = _value(found.low) if found.low_included else f"plus de {_value(found.low)}"
    high = _value(found.high) if found.high_included else f"moins de {_value(found.high)}"
    return f"de {low} à {high}"


def _value(value: FeelValue) -> str:
    return readable(from_feel(value))
