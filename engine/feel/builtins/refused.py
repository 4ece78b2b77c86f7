"""Built-in functions of Camunda that are refused, with the reason, unless the host offers its own.

A step of a pathway may be run again (after a crash, in a rehearsal, in an audit) and must then give the same value:
chance and fresh identifiers therefore come from the host, which records them, and never from an expression.
"""

from collections.abc import Callable

from engine.feel.builtins.signature import builtin
from engine.feel.errors import FeelError
from engine.feel.messages import told
from engine.feel.values import FeelValue


def refusing(name: str, code: str) -> Callable[..., FeelValue]:
    def refuse(*arguments: FeelValue) -> FeelValue:
        raise FeelError(told(code, name=name))

    return refuse


FUNCTIONS = [
    builtin("random number", ("", refusing("random number", "not-repeatable"))),
    builtin("uuid", ("", refusing("uuid", "not-repeatable"))),
    builtin("fromAi", ("value: any, ...", refusing("fromAi", "not-for-care"))),
]
