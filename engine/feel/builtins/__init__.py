"""The built-in functions of FEEL (DMN 1.3 to 1.5), and those that Camunda adds."""

from engine.feel.builtins import (
    contexts,
    conversions,
    dates,
    interchange,
    lists,
    logic,
    numeric,
    ranges,
    refused,
    statistics,
    strings,
)
from engine.feel.builtins.signature import Builtin

MODULES = (
    contexts,
    conversions,
    dates,
    interchange,
    lists,
    logic,
    numeric,
    ranges,
    refused,
    statistics,
    strings,
)
BUILTINS: dict[str, Builtin] = {builtin.name: builtin for module in MODULES for builtin in module.FUNCTIONS}
