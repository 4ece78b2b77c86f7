"""Functions written in FEEL, and calls of these, of the built-in ones and of the host's."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.feel.builtins import BUILTINS
from engine.feel.comparison import inside
from engine.feel.compiler.emission import Code, emit
from engine.feel.conversion import to_feel
from engine.feel.errors import FeelError
from engine.feel.scope import HostFunction, Run, Scope
from engine.feel.syntax import Call, FunctionOf, Name, NamedCall, Node, TypeName
from engine.feel.typing import is_instance
from engine.feel.values import Caller, FeelValue, Function, Range, french

Find = Callable[[Scope], FeelValue]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda(Function):
    """A function written in FEEL, with the scope in which it was written."""

    types: tuple[TypeName | None, ...]
    body: Code
    scope: Scope

    def call(self, caller: Caller, arguments: list[FeelValue]) -> FeelValue:
        if len(arguments) != len(self.parameters):
            caller.warn(f"{len(self.parameters)} arguments attendus, {len(arguments)} donnés")
            return None
        for name, value, expected in zip(self.parameters, arguments, self.types, strict=True):
            if expected and value is not None and not is_instance(value, expected, self.scope.run):
                caller.warn(f"l’argument « {name} » n’est pas du type {expected.name}")
                return None
        return self.body(self.scope.inner(dict(zip(self.parameters, arguments, strict=True))))

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        if arguments.keys() != set(self.parameters):
            caller.warn(f"arguments attendus : {', '.join(self.parameters)}")
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
            raise FeelError(f"la fonction « {self.name} » a échoué : {error}") from error

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        raise FeelError(f"la fonction « {self.name} » ne prend pas d’arguments nommés")


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
            run.warn(f"{french(function)} ne s’appelle pas comme une fonction", at)
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
            scope.run.warn(f"fonction inconnue « {name} »", at)
        return builtin

    return find
