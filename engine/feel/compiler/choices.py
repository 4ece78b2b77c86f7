"""`if`, `in` and `instance of`."""

from engine.feel.compiler.emission import Code, emit, emit_test
from engine.feel.scope import Scope
from engine.feel.syntax import If, In, InstanceOf
from engine.feel.typing import is_instance
from engine.feel.values import Described, FeelValue


@emit.register(If)
def _if(node: If) -> Code:
    condition, then, otherwise = emit(node.condition), emit(node.then), emit(node.otherwise)
    at = node.at

    def choose(scope: Scope) -> FeelValue:
        answer = condition(scope)
        if answer is True:
            return then(scope)
        if answer is not False:
            scope.run.note("condition", at, value=Described(answer))
        return otherwise(scope)

    return choose


@emit.register(In)
def _in(node: In) -> Code:
    operand, tests, at = emit(node.value), [emit_test(test) for test in node.tests], node.at

    def belongs(scope: Scope) -> bool | None:
        value = operand(scope)
        answers = [test(scope, value) for test in tests]
        if True in answers:
            return True
        if any(answer is not None for answer in answers):
            return False
        scope.run.note("in", at, value=Described(value))
        return None

    return belongs


@emit.register(InstanceOf)
def _instance_of(node: InstanceOf) -> Code:
    operand, expected = emit(node.value), node.type

    def check(scope: Scope) -> FeelValue:
        return is_instance(operand(scope), expected, scope.run)

    return check
