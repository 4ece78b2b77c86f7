"""How a built-in function binds what it is given: by position or by name, with FEEL's implicit conversions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import reason
from engine.feel.temporal import Date, DateTime, Time, midnight
from engine.feel.values import Caller, FeelValue, Function, Listed, Range

Body = Callable[..., FeelValue]
TYPES: dict[str, tuple[type, ...]] = {
    "any": (object,),
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "function": (Function,),
    "range": (Range,),
    "date": (Date, DateTime),
    "time": (Time,),
    "date and time": (DateTime,),
    "days": (Nanoseconds,),
    "duration": (Months, Nanoseconds),
}
REST = ", ..."
FAILURES = (ArithmeticError, ValueError)
ITEMS_PER_STEP = 64


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    types: tuple[type, ...]
    optional: bool
    nullable: bool

    @classmethod
    def read(cls, text: str) -> "Parameter":
        """From `start position: number`; `?` after the type: may be left out; `any` may be null."""
        name, _, kind = (part.strip() for part in text.partition(":"))
        return cls(name, TYPES[kind.rstrip("?")], kind.endswith("?"), kind.startswith("any") or kind.endswith("?"))

    def fit(self, value: FeelValue) -> FeelValue:
        """The value as the parameter takes it; raises TypeError."""
        if value is None:
            if not self.nullable:
                raise TypeError(self.name)
            return None
        if isinstance(value, self.types):
            return value
        if self.types == (list,):
            return [value]
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], self.types):
            return value[0]
        if self.types == (DateTime,) and isinstance(value, Date):
            return midnight(value, 0)
        raise TypeError(self.name)


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in.

    `variadic`: given one list, or its items; `rest`: the last parameter takes any number of values; `metered`: the
    body takes the caller first; `ordered`: another overload has the same names, so that their order counts.
    """

    parameters: tuple[Parameter, ...]
    body: Body
    variadic: bool = False
    metered: bool = False
    rest: bool = False
    ordered: bool = False

    def bind(self, arguments: Sequence[FeelValue]) -> list[FeelValue]:
        """Raises TypeError when the arguments are not for this overload."""
        if self.variadic:
            return [_gathered(arguments)]
        given = len(arguments)
        if (given > len(self.parameters) and not self.rest) or any(
            not parameter.optional for parameter in self.parameters[given:]
        ):
            raise TypeError("nombre d’arguments")
        bound = [parameter.fit(value) for parameter, value in zip(self.parameters, arguments, strict=False)]
        return bound + list(arguments[len(self.parameters) :])

    def bind_named(self, arguments: Mapping[str, FeelValue]) -> list[FeelValue]:
        names = [parameter.name for parameter in self.parameters]
        missing = [parameter for parameter in self.parameters if parameter.name not in arguments]
        if arguments.keys() - set(names) or any(not parameter.optional for parameter in missing):
            raise TypeError("noms d’arguments")
        if self.ordered and list(arguments) != names:
            raise TypeError("ordre des arguments")
        if self.variadic:
            return [_listed(arguments[names[0]])]
        last = max((names.index(name) for name in arguments), default=-1)
        return [parameter.fit(arguments.get(parameter.name)) for parameter in self.parameters[: last + 1]]


def _gathered(arguments: Sequence[FeelValue]) -> FeelValue:
    if not arguments or (len(arguments) == 1 and arguments[0] is None):
        raise TypeError("nombre d’arguments")
    return _listed(arguments[0]) if len(arguments) == 1 else list(arguments)


def _listed(value: FeelValue) -> FeelValue:
    if value is None:
        raise TypeError("null")
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True, eq=False)
class Builtin(Function):
    """A function of the language, with its overloads in the order in which they are tried.

    `nullable`: null is an answer like another; of any other function, it says why in a warning.
    """

    overloads: tuple[Overload, ...]
    nullable: bool = False

    def call(self, caller: Caller, arguments: list[FeelValue]) -> FeelValue:
        return self._first(caller, arguments, lambda overload: overload.bind(arguments))

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        return self._first(caller, list(arguments.values()), lambda overload: overload.bind_named(arguments))

    def _first(self, caller: Caller, given: list[FeelValue], bind: Callable[[Overload], list[FeelValue]]) -> FeelValue:
        for overload in self.overloads:
            try:
                bound = bind(overload)
            except TypeError:
                continue
            return self._answer(caller, overload, bound, given)
        caller.note("arguments", name=self.name, given=Listed(given))
        return None

    def _answer(self, caller: Caller, overload: Overload, bound: list[FeelValue], given: list[FeelValue]) -> FeelValue:
        for value in bound:
            if isinstance(value, str | list) and len(value) > ITEMS_PER_STEP:
                caller.meter.spend(len(value) // ITEMS_PER_STEP)
        try:
            result = overload.body(caller, *bound) if overload.metered else overload.body(*bound)
        except FAILURES as error:
            caller.note("function-failed", name=self.name, cause=reason(error))
            return None
        if result is None and not self.nullable:
            caller.note("no-result", name=self.name, given=Listed(given))
        return result


def builtin(
    name: str, *overloads: tuple[str, Body], variadic: bool = False, metered: bool = False, nullable: bool = False
) -> Builtin:
    """A built-in from its overloads: (the parameters as a text, the Python function)."""
    said = [_parameters(text.removesuffix(REST)) for text, _ in overloads]
    names = [{parameter.name for parameter in parameters} for parameters in said]
    made = tuple(
        Overload(parameters, body, variadic, metered, text.endswith(REST), _is_ordered(parameters, names))
        for parameters, (text, body) in zip(said, overloads, strict=True)
    )
    return Builtin(name, tuple(parameter.name for parameter in made[0].parameters), made, nullable)


def _is_ordered(parameters: tuple[Parameter, ...], names: list[set[str]]) -> bool:
    return len(parameters) > 1 and names.count({parameter.name for parameter in parameters}) > 1


def _parameters(text: str) -> tuple[Parameter, ...]:
    return tuple(Parameter.read(part) for part in text.split(",")) if text else ()
