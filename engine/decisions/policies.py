"""Hit policies: what a table answers when several of its rules apply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.decisions.state import State
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import equal
from engine.feel.compiler import Code
from engine.feel.scope import Scope
from engine.feel.values import FeelValue

RANKED = ("PRIORITY", "OUTPUT ORDER")
Ranks = Sequence[list[FeelValue] | None]
One = Callable[[Sequence[FeelValue]], FeelValue]


@dataclass(frozen=True, slots=True)
class Row:
    """The outputs of a rule that applied."""

    index: int
    values: list[FeelValue]


Policy = Callable[[list[Row], One, Ranks, str, State], FeelValue]


def priorities(values: Sequence[Code | None]) -> Callable[[Scope], Ranks]:
    """The allowed values of each output, highest priority first; None for an output without any."""

    def read(scope: Scope) -> Ranks:
        found = [None if code is None else code(scope) for code in values]
        return [ranks if isinstance(ranks, list) else None for ranks in found]

    return read if any(values) else lambda _: ()


def unique(rows: list[Row], one: One, _ranks: Ranks, table: str, state: State) -> FeelValue:
    if len(rows) > 1:
        several = " et ".join(str(row.index) for row in rows[:5])
        hint = "Précisez ces règles, ou choisissez une autre politique"
        message = f"les règles {several} s’appliquent ensemble, une seule est permise. {hint}"
        state.refuse(f"Décision « {table} » : {message}")
        return None
    return one(rows[0].values)


def any_equal(rows: list[Row], one: One, _ranks: Ranks, table: str, state: State) -> FeelValue:
    first, *others = rows
    for row in others:
        if equal(row.values, first.values, state.run.meter) is not True:
            several = (
                f"{first.index} ({state.shown(one(first.values))}) et {row.index} ({state.shown(one(row.values))})"
            )
            hint = "Donnez-leur la même réponse, ou précisez-les"
            state.refuse(f"Décision « {table} » : les règles {several} se contredisent. {hint}")
            return None
    return one(first.values)


def first_row(rows: list[Row], one: One, _ranks: Ranks, _table: str, _state: State) -> FeelValue:
    return one(rows[0].values)


def in_rule_order(rows: list[Row], one: One, _ranks: Ranks, _table: str, _state: State) -> FeelValue:
    return [one(row.values) for row in rows]


def highest(rows: list[Row], one: One, ranks: Ranks, _table: str, state: State) -> FeelValue:
    return one(_ranked(rows, ranks, state)[0].values)


def in_output_order(rows: list[Row], one: One, ranks: Ranks, _table: str, state: State) -> FeelValue:
    return [one(row.values) for row in _ranked(rows, ranks, state)]


def _ranked(rows: list[Row], ranks: Ranks, state: State) -> list[Row]:
    def rank(row: Row) -> list[int]:
        paired = zip(ranks, row.values, strict=False)
        return [_position(allowed, value, state) for allowed, value in paired if allowed is not None]

    return sorted(rows, key=rank)


def _position(allowed: list[FeelValue], value: FeelValue, state: State) -> int:
    for position, candidate in enumerate(allowed):
        if equal(candidate, value, state.run.meter) is True:
            return position
    return len(allowed)


def aggregated(name: str) -> Policy:
    function = BUILTINS[name]

    def collect(rows: list[Row], one: One, _ranks: Ranks, table: str, state: State) -> FeelValue:
        values: list[FeelValue] = [one(row.values) for row in rows]
        found = function.call(state.run, [values])
        if found is None:
            seen = ", ".join(
                f"{state.shown(value)} (règle {row.index})" for row, value in zip(rows, values, strict=True)
            )
            state.refuse(f"Décision « {table} » : {NEEDS[name]} : {seen}. Corrigez ces sorties")
        return found

    return collect


NEEDS = {
    "sum": "la somme (SUM) demande des nombres",
    "min": "le minimum (MIN) demande des valeurs qui se comparent",
    "max": "le maximum (MAX) demande des valeurs qui se comparent",
    "count": "le compte (COUNT) demande des valeurs",
}
POLICIES: dict[str, Policy] = {
    "UNIQUE": unique,
    "ANY": any_equal,
    "FIRST": first_row,
    "PRIORITY": highest,
    "RULE ORDER": in_rule_order,
    "OUTPUT ORDER": in_output_order,
    "COLLECT": in_rule_order,
    "COLLECT SUM": aggregated("sum"),
    "COLLECT MIN": aggregated("min"),
    "COLLECT MAX": aggregated("max"),
    "COLLECT COUNT": aggregated("count"),
}
