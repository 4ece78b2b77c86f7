"""Boxed expressions compiled: each becomes a function of a scope and of the evaluation's state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import singledispatch

from engine.decisions import model
from engine.decisions.conformity import Mismatch, conformed
from engine.decisions.library import Library, failing
from engine.decisions.state import State
from engine.decisions.texts import Text, knows_null
from engine.feel.compiler.calls import invoked
from engine.feel.compiler.collections import filtered
from engine.feel.compiler.loops import elements
from engine.feel.scope import Scope
from engine.feel.values import Caller, FeelValue, Function, french

Box = Callable[[Scope, State], FeelValue]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a boxed expression is: its library, and the decision or function whose logic it is."""

    library: Library
    owner: str

    def said(self, message: str) -> str:
        return f"Décision « {self.owner} » : {message}"


def box(boxed: model.Boxed | None, place: Place) -> Box:
    """The compiled expression, its value brought to the declared type."""
    if boxed is None:
        return lambda _scope, _state: None
    inner = build(boxed, place)
    if not boxed.type or isinstance(boxed, model.FunctionDefinition):
        return inner
    return typed(inner, boxed.type, place, place.said("le résultat"))


def typed(inner: Box, type_name: str, place: Place, what: str) -> Box:
    return lambda scope, state: brought(inner(scope, state), type_name, place, state, what)


def brought(value: FeelValue, type_name: str, place: Place, state: State, what: str) -> FeelValue:
    """The value as its declared type; refused when it is not of it."""
    try:
        return conformed(value, type_name, place.library, state.run)
    except Mismatch as error:
        state.refuse(f"{what} {mismatch(error, state)}")
        return None


def mismatch(error: Mismatch, state: State) -> str:
    """What is wrong with a value, as the end of a sentence."""
    inside = f"« {error.inside} » = " if error.inside else ""
    return f"({inside}{state.shown(error.value)}, {french(error.value)}) {error.fault}"


@singledispatch
def build(boxed: model.Boxed, place: Place) -> Box:
    """The compiled expression, before its type; each kind of boxed expression registers its own."""
    raise TypeError(f"{type(boxed).__name__} ({place.owner})")


@build.register(model.LiteralExpression)
def _literal(boxed: model.LiteralExpression, place: Place) -> Box:
    if not boxed.text:
        return lambda _scope, _state: None
    code = place.library.expression(boxed.text, boxed.id or place.owner, boxed.line, boxed.language)
    return Text(boxed.text, code, place.said("l’expression"), knows_null(boxed.text)).value


@build.register(model.ContextExpression)
def _context(boxed: model.ContextExpression, place: Place) -> Box:
    entries = [(entry.name, _entry(entry, place)) for entry in boxed.entries]

    def make(scope: Scope, state: State) -> FeelValue:
        made: dict[str, FeelValue] = {}
        inner = scope.inner(made)
        for name, entry in entries:
            value = entry(inner, state)
            if not name:
                return value
            made[name] = value
        return made

    return make


def _entry(entry: model.ContextEntry, place: Place) -> Box:
    inner = box(entry.value, place)
    return typed(inner, entry.type, place, place.said(f"« {entry.name} »")) if entry.type else inner


@build.register(model.ListExpression)
def _list(boxed: model.ListExpression, place: Place) -> Box:
    items = [box(item, place) for item in boxed.items]
    return lambda scope, state: [item(scope, state) for item in items]


@build.register(model.Relation)
def _relation(boxed: model.Relation, place: Place) -> Box:
    rows = [
        [(column.name, _cell(column, cell, place)) for column, cell in zip(boxed.columns, row, strict=False)]
        for row in boxed.rows
    ]

    def make(scope: Scope, state: State) -> FeelValue:
        return [{name: cell(scope, state) for name, cell in row} for row in rows]

    return make


def _cell(column: model.Parameter, cell: model.Boxed, place: Place) -> Box:
    inner = box(cell, place)
    return typed(inner, column.type, place, place.said(f"« {column.name} »")) if column.type else inner


@build.register(model.FunctionDefinition)
def _function(boxed: model.FunctionDefinition, place: Place) -> Box:
    if boxed.kind != "FEEL":
        refused = failing(f"Fonction externe refusée ({boxed.kind})")
        return lambda scope, _state: refused(scope)
    body = box(boxed.body, place)
    return lambda scope, state: DefinedFunction(
        "", tuple(p.name for p in boxed.parameters), boxed.parameters, body, place, scope, state
    )


@dataclass(frozen=True, slots=True, eq=False)
class DefinedFunction(Function):
    """A function whose body is a boxed expression; `name` is empty unless it may call itself."""

    declared: tuple[model.Parameter, ...]
    body: Box
    place: Place
    scope: Scope
    state: State

    def call(self, caller: Caller, arguments: list[FeelValue]) -> FeelValue:
        if len(arguments) != len(self.declared):
            return self._misused(f"{len(self.declared)} arguments attendus, {len(arguments)} donnés")
        given: dict[str, FeelValue] = {self.name: self} if self.name else {}
        for parameter, value in zip(self.declared, arguments, strict=True):
            try:
                given[parameter.name] = conformed(value, parameter.type, self.place.library, self.state.run)
            except Mismatch as error:
                return self._misused(f"l’argument « {parameter.name} » {mismatch(error, self.state)}")
        return self.body(self.scope.inner(given), self.state)

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        if arguments.keys() != set(self.parameters):
            return self._misused(f"arguments attendus : {', '.join(self.parameters)}")
        return self.call(caller, [arguments[name] for name in self.parameters])

    def _misused(self, message: str) -> FeelValue:
        self.state.refuse(self.place.said(message))
        return None


@build.register(model.Invocation)
def _invocation(boxed: model.Invocation, place: Place) -> Box:
    function = box(boxed.function, place)
    bindings = [(name, box(value, place)) for name, value in boxed.bindings]

    def call(scope: Scope, state: State) -> FeelValue:
        arguments = {name: value(scope, state) for name, value in bindings}
        called = function(scope, state)
        if not isinstance(called, Function):
            state.refuse(place.said(f"l’invocation appelle {french(called)}, qui n’est pas une fonction"))
            return None
        return invoked(called, arguments, state.run, 0)

    return call


@build.register(model.Conditional)
def _conditional(boxed: model.Conditional, place: Place) -> Box:
    condition, then, otherwise = (box(part, place) for part in (boxed.condition, boxed.then, boxed.otherwise))

    def choose(scope: Scope, state: State) -> FeelValue:
        answer = condition(scope, state)
        if answer is not None and not isinstance(answer, bool):
            state.refuse(place.said(f"une condition doit donner vrai ou faux, et non {french(answer)}"))
            return None
        return then(scope, state) if answer else otherwise(scope, state)

    return choose


@build.register(model.FilterExpression)
def _filter(boxed: model.FilterExpression, place: Place) -> Box:
    source, match = box(boxed.source, place), box(boxed.match, place)

    def keep(scope: Scope, state: State) -> FeelValue:
        found = elements(source(scope, state))
        return None if found is None else filtered(scope, gathered(found, state), lambda inner: match(inner, state))

    return keep


def gathered(found: Iterable[FeelValue], state: State) -> list[FeelValue]:
    """The values as a list; those of a range are paid for one by one, before there are too many."""
    if isinstance(found, list):
        return found
    items: list[FeelValue] = []
    for item in found:
        state.run.meter.produce(1)
        items.append(item)
    return items


@build.register(model.Loop)
def _loop(boxed: model.Loop, place: Place) -> Box:
    source, body, name = box(boxed.source, place), box(boxed.body, place), boxed.variable

    def turn(scope: Scope, state: State) -> list[FeelValue] | None:
        iterated = source(scope, state)
        found, results = elements(iterated), list[FeelValue]()
        if found is None:
            state.refuse(place.said(f"la boucle ne peut pas parcourir {french(iterated)}"))
            return None
        for item in found:
            state.run.meter.produce(1 + len(results))
            results.append(body(scope.inner({name: item, "partial": list(results)}), state))
        return results

    return turn if boxed.kind == "for" else quantified(turn, universal=boxed.kind == "every")


def quantified(turn: Callable[[Scope, State], list[FeelValue] | None], *, universal: bool) -> Box:
    def check(scope: Scope, state: State) -> FeelValue:
        answers = turn(scope, state)
        if answers is None or any(answer is not universal for answer in answers if isinstance(answer, bool)):
            return None if answers is None else not universal
        return universal if all(isinstance(answer, bool) for answer in answers) else None

    return check
