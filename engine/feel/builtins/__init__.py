"""The built-in functions of FEEL (DMN 1.3 to 1.5), and those that Camunda adds."""

from engine.feel.builtins import contexts, conversions, dates, lists, logic, numeric, ranges, statistics, strings
from engine.feel.builtins.signature import Builtin

BUILTINS: dict[str, Builtin] = {
    builtin.name: builtin
    for module in (contexts, conversions, dates, lists, logic, numeric, ranges, statistics, strings)
    for builtin in module.FUNCTIONS
}
