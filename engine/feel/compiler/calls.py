"""Functions written in FEEL, and calls of these, of the built-in ones and of the host's."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.feel.builtins import BUILTINS
from engine.feel.comparison import inside
from engine.feel.compiler.emission import Code, emit
from engine.feel.conversion import to_feel
from engine.feel.errors import FeelError
from engine.feel.messages import told
from engine.feel.scope import HostFunction, Run, Scope
from engine.feel.syntax import Call, FunctionOf, Name, NamedCall, Node, TypeName
from engine.feel.typing import coerced
from engine.feel.values import Caller, Described, FeelValue, Function, Range

Find = Callable[[Scope], FeelValue]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda(Function):
    """A function written in FEEL, with the scope in which it was written."""

    types: tuple[TypeName | None, ...]
    body: Code
    scope: Scope

    def call(self, caller: Caller, arguments: list[FeelValue]) -> FeelValue:
        if len(arguments) != len(self.parameters):
            caller.note("argument-count", expected=len(self.parameters), given=len(arguments))
            return None
        run, values = self.scope.run, dict[str, FeelValue]()
        for name, value, expected in zip(self.parameters, arguments, self.types, strict=True):
            values[name] = coerced(value, expected, run) if expected else value
            if expected and values[name] is None and value is not None:
                caller.note("argument-type", name=name, type=expected.name, value=Described(value))
                return None
        return self.body(self.scope.inner(values))

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        if arguments.keys() != set(self.parameters):
            caller.note("argument-names", expected=", ".join(self.parameters))
            return None
        return self.call(caller, [arguments[name] for name in self.parameters])


@dataclass(frozen=True, slots=True, eq=False)
class Host(Function):
    """A function that the program offers to the expression."""

    function: HostFunction

    def call(self, caller: Caller, arguments: list[FeelValue]) -> FeelValue:
        try:
            return to_feel(self.function(*arguments))
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            raise FeelError(told("host-failed", name=self.name, cause=error)) from error

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        raise FeelError(told("host-names", name=self.name))


@emit.register(FunctionOf)
def _function(node: FunctionOf) -> Code:
    names = tuple(name for name, _ in node.parameters)
    types = tuple(expected for _, expected in node.parameters)
    body = emit(node.body)
    return lambda scope: Lambda("", names, types, body, scope)


@emit.register(Call)
def _call(node: Call) -> Code:
    find, arguments, at = emit_function(node.function), [emit(argument) for argument in node.arguments], node.at

    def call(scope: Scope) -> FeelValue:
        function, run = find(scope), scope.run
        values = [argument(scope) for argument in arguments]
        if isinstance(function, Range) and len(values) == 1:
            return inside(function, values[0], run.meter)
        return invoked(function, values, run, at)

    return call


@emit.register(NamedCall)
def _named_call(node: NamedCall) -> Code:
    find, at = emit_function(node.function), node.at
    arguments = [(name, emit(argument)) for name, argument in node.arguments]

    def call(scope: Scope) -> FeelValue:
        function = find(scope)
        return invoked(function, {name: argument(scope) for name, argument in arguments}, scope.run, at)

    return call


def invoked(function: FeelValue, arguments: list[FeelValue] | dict[str, FeelValue], run: Run, at: int) -> FeelValue:
    """What a function answers; None, with a warning, for what is no function."""
    if not isinstance(function, Function):
        if function is not None:
            run.note("not-callable", at, value=Described(function))
        return None
    run.meter.enter()
    if isinstance(arguments, dict):
        result = function.call_named(run, arguments)
    else:
        result = function.call(run, arguments)
    run.meter.leave()
    return result


def emit_function(node: Node) -> Find:
    """Finds what is called; a variable that is no function does not hide the function of that name."""
    if not isinstance(node, Name):
        return emit(node)
    name, at, builtin = node.name, node.at, BUILTINS.get(node.name)

    def find(scope: Scope) -> FeelValue:
        value = scope.find(name)
        if isinstance(value, Range | Function):
            return value
        host = scope.run.functions.get(name)
        if host is not None:
            return Host(name, (), host)
        if builtin is None:
            scope.run.note("unknown-function", at, name=name)
        return builtin

    return find
