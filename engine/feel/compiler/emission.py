"""The two doors of the compiler, `emit` and `emit_tests`, and the simplest nodes."""

from collections.abc import Callable
from functools import singledispatch

from engine.feel.comparison import satisfies
from engine.feel.compiler.comparisons import COMPARE
from engine.feel.properties import part
from engine.feel.scope import MISSING, Missing, Scope
from engine.feel.syntax import Literal, Name, Node, Path, Test, Tests, Unreadable
from engine.feel.values import Described, FeelValue

Code = Callable[[Scope], FeelValue]
TestCode = Callable[[Scope, FeelValue], bool | None]


@singledispatch
def emit(node: Node) -> Code:
    """The closure that computes a node; each kind of node registers its own."""
    raise TypeError(type(node).__name__)


@emit.register(Literal)
def _literal(node: Literal) -> Code:
    value = node.value
    return lambda _: value


@emit.register(Unreadable)
def _unreadable(node: Unreadable) -> Code:
    text, at = node.text, node.at
    return lambda scope: scope.run.note("unreadable", at, text=text)


@emit.register(Name)
def _name(node: Name) -> Code:
    """What is not called is a variable: an answer named `mode` that was not given is null, never the function."""
    name, at = node.name, node.at

    def read(scope: Scope) -> FeelValue:
        value = scope.find(name)
        if not isinstance(value, Missing):
            return value
        if "." in name:
            return _dotted(scope, name, at)
        scope.run.note("unknown-variable", at, name=name)
        return None

    return read


def _dotted(scope: Scope, name: str, at: int) -> FeelValue:
    """A name that holds a dot (a parameter may be called `Person.Name`) and is not there: a path after all."""
    first, _, rest = name.partition(".")
    value = scope.find(first)
    if isinstance(value, Missing):
        scope.run.note("unknown-variable", at, name=first)
        return None
    return member(scope, value, rest, at)


@emit.register(Path)
def _path(node: Path) -> Code:
    target, name, at = emit(node.target), node.name, node.at

    def follow(scope: Scope) -> FeelValue:
        value = target(scope)
        if type(value) is dict:
            found = value.get(name, MISSING)
            if not isinstance(found, Missing):
                return found
        return member(scope, value, name, at)

    return follow


def member(scope: Scope, value: FeelValue, name: str, at: int) -> FeelValue:
    """A part of a value; of a list, that part of each item. None, with a warning, where there is none."""
    if isinstance(value, list):
        scope.run.meter.produce(len(value))
        return [member(scope, item, name, at) for item in value]
    if isinstance(value, dict):
        if name not in value:
            scope.run.note("no-entry", at, name=name)
        return value.get(name)
    found = part(value, name)
    if found is None:
        scope.run.note("no-part", at, value=Described(value), name=name)
    return found


# ---- unary tests


def emit_tests(tests: Tests) -> TestCode:
    """True when one of the tests of a cell is passed (none, when the cell is negated)."""
    codes = [emit_test(test) for test in tests.items]
    if not codes:
        return lambda _scope, _value: True
    if tests.negated:
        return lambda scope, value: not any(code(scope, value) is True for code in codes)
    if len(codes) == 1:
        return codes[0]
    return lambda scope, value: any(code(scope, value) is True for code in codes)


def emit_test(test: Test) -> TestCode:
    if test.operator is not None:
        return emit_operator_test(test.operator, emit(test.operand), test.at)
    if test.uses_input:
        return _input_test(emit(test.operand))
    if isinstance(test.operand, Literal):
        return _constant_test(test.operand.value)
    operand = emit(test.operand)
    return lambda scope, value: satisfies(operand(scope), value, scope.run.meter)


def _constant_test(constant: FeelValue) -> TestCode:
    expected = type(constant)

    def test(scope: Scope, value: FeelValue) -> bool | None:
        if type(value) is expected:
            return value == constant
        return satisfies(constant, value, scope.run.meter)

    return test


def _input_test(operand: Code) -> TestCode:
    def test(scope: Scope, value: FeelValue) -> bool | None:
        answer = operand(scope.inner({"?": value}))
        if answer is None or isinstance(answer, bool):
            return answer
        return satisfies(answer, value, scope.run.meter)

    return test


def emit_operator_test(operator: str, operand: Code, at: int) -> TestCode:
    compare = COMPARE[operator]
    return lambda scope, value: compare(scope, value, operand(scope), at)
