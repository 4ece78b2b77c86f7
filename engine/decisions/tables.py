"""Decision tables: which rules apply, which cell refused the others, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.decisions import model
from engine.decisions.boxed import Box, Place, brought, build
from engine.decisions.evaluation import MatchedRule, Refusal, TableTrace
from engine.decisions.policies import POLICIES, Policy, Row, priorities
from engine.decisions.state import State
from engine.feel.compiler import Code, TestCode
from engine.feel.errors import shortened
from engine.feel.scope import Scope
from engine.feel.text import text_of
from engine.feel.values import FeelValue

ANYTHING = ("", "-")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Column:
    """An input: its expression, its type, and the test of its allowed values."""

    label: str
    code: Code
    type: str
    values: str
    allowed: TestCode | None


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """`tests`: only the cells that say something, each with its column and its text."""

    index: int
    id: str
    tests: tuple[tuple[int, str, TestCode], ...]
    outputs: tuple[Code, ...]


@build.register(model.DecisionTable)
def _table(boxed: model.DecisionTable, place: Place) -> Box:
    table = Table(boxed, place)
    return table.decide


class Table:
    """A table compiled once; `decide` is its only verb."""

    def __init__(self, boxed: model.DecisionTable, place: Place) -> None:
        self.boxed, self.place, self.outputs = boxed, place, boxed.outputs
        self.columns = [self._column(found) for found in boxed.inputs]
        self.rules = [self._rule(index, rule) for index, rule in enumerate(boxed.rules, 1)]
        self.defaults = [self._code(found.default, found) for found in boxed.outputs]
        self.has_default = any(found.default for found in boxed.outputs)
        self.stops_at_first = boxed.hit_policy == "FIRST"
        self.allowed = [self._allowed(found) for found in boxed.outputs]
        self.priorities = priorities([self._values(found) for found in boxed.outputs])
        self.policy: Policy = self._policy()

    # ---- compiled once

    def _policy(self) -> Policy:
        boxed = self.boxed
        name = f"{boxed.hit_policy} {boxed.aggregation}".strip() if boxed.hit_policy == "COLLECT" else boxed.hit_policy
        found = POLICIES.get(name)
        if found is None:
            self.place.library.note(boxed.id, boxed.line, f"Politique de table inconnue : {name}")
        return found or POLICIES["UNIQUE"]

    def _column(self, found: model.TableInput) -> Column:
        return Column(found.label, self._code(found.text, found), found.type, found.values, self._allowed(found))

    def _allowed(self, found: model.TableInput | model.TableOutput) -> TestCode | None:
        """The test of the allowed values, if there are any."""
        if found.values in ANYTHING:
            return None
        return self.place.library.unary(found.values, found.id, found.line)

    def _rule(self, index: int, rule: model.Rule) -> CompiledRule:
        if len(rule.inputs) != len(self.boxed.inputs) or len(rule.outputs) != len(self.boxed.outputs):
            self.place.library.note(rule.id, rule.line, f"La règle {index} n’a pas autant de cellules que la table")
        unary = self.place.library.unary
        tests = tuple(
            (column, cell, unary(cell, rule.id, rule.line))
            for column, cell in enumerate(rule.inputs[: len(self.columns)])
            if cell not in ANYTHING
        )
        cells = [*rule.outputs, *[""] * len(self.outputs)][: len(self.outputs)]
        return CompiledRule(index, rule.id, tests, tuple(self._code(cell, rule) for cell in cells))

    def _code(self, text: str, where: model.TableInput | model.TableOutput | model.Rule) -> Code:
        return self.place.library.expression(text, where.id, where.line) if text else lambda _: None

    def _values(self, found: model.TableOutput) -> Code | None:
        return self.place.library.expression(f"[{found.values}]", found.id, found.line) if found.values else None

    # ---- run each time

    def decide(self, scope: Scope, state: State) -> FeelValue:
        inputs = self._inputs(scope, state)
        if inputs is None:
            return None
        hits, refused = self._hits(scope, inputs)
        output = self._output(hits, scope, state) if hits else self._without_hit(inputs, refused, scope, state)
        state.passed(self._trace(inputs, hits, refused, output))
        return output

    def _trace(
        self, inputs: Sequence[FeelValue], hits: Sequence[CompiledRule], refused: Sequence[Refusal], output: FeelValue
    ) -> TableTrace:
        owner = self.place.owner
        matched = tuple([MatchedRule(owner, rule.index, rule.id) for rule in hits])
        labelled = tuple(zip([column.label for column in self.columns], inputs, strict=True))
        return TableTrace(owner, labelled, matched, tuple(refused), output)

    def _inputs(self, scope: Scope, state: State) -> list[FeelValue] | None:
        """None when a value is not among those that are allowed."""
        found = []
        for column in self.columns:
            value = column.code(scope)
            if column.type and value is not None:
                value = brought(value, column.type, self.place, state, f"l’entrée « {column.label} »")
            if column.allowed and value is not None and column.allowed(scope.inner({"?": value}), value) is not True:
                fault = f"« {column.label} » vaut {shown(value, state)}, qui n’est pas permis ({column.values})"
                state.refuse(f"Décision « {self.place.owner} » : {fault}")
                return None
            found.append(value)
        return found

    def _hits(self, scope: Scope, inputs: Sequence[FeelValue]) -> tuple[list[CompiledRule], list[Refusal]]:
        hits: list[CompiledRule] = []
        refused: list[Refusal] = []
        for rule in self.rules:
            for column, cell, test in rule.tests:
                if test(scope, inputs[column]) is not True:
                    refused.append(Refusal(rule.index, column + 1, cell))
                    break
            else:
                hits.append(rule)
                if self.stops_at_first:
                    break
        return hits, refused

    def _output(self, hits: list[CompiledRule], scope: Scope, state: State) -> FeelValue:
        rows = [Row(rule.index, self._row(rule.outputs, scope, state)) for rule in hits]
        return self.policy(rows, self._one, self.priorities(scope), self.place.owner, state)

    def _row(self, codes: Sequence[Code], scope: Scope, state: State) -> list[FeelValue]:
        return [
            self._said(code(scope), output, allowed, state)
            for code, output, allowed in zip(codes, self.outputs, self.allowed, strict=True)
        ]

    def _said(self, value: FeelValue, output: model.TableOutput, allowed: TestCode | None, state: State) -> FeelValue:
        """The value of an output, of its type and among its allowed values."""
        value = brought(value, output.type, self.place, state, f"la sortie « {output.name} »")
        if allowed and value is not None and allowed(state.scope.inner({"?": value}), value) is not True:
            fault = f"la sortie « {output.name} » vaut {shown(value, state)}, qui n’est pas permis ({output.values})"
            state.refuse(f"Décision « {self.place.owner} » : {fault}")
            return None
        return value

    def _one(self, values: Sequence[FeelValue]) -> FeelValue:
        """What one rule says: its only output, or a context of its outputs."""
        if len(self.outputs) == 1:
            return values[0]
        return dict(zip([output.name for output in self.outputs], values, strict=False))

    def _without_hit(
        self, inputs: Sequence[FeelValue], refused: Sequence[Refusal], scope: Scope, state: State
    ) -> FeelValue:
        if self.has_default:
            return self._one(self._row(self.defaults, scope, state))
        if self.boxed.hit_policy == "COLLECT":
            return empty_collection(self.boxed.aggregation, state)
        labels = [column.label for column in self.columns]
        seen = ", ".join(f"{label} = {shown(value, state)}" for label, value in zip(labels, inputs, strict=True))
        message = f"Décision « {self.place.owner} » : aucune règle ne s’applique" + (f" ({seen})" if seen else "")
        state.refuse(message, self._trace(inputs, (), refused, None))
        return None


def shown(value: FeelValue, state: State) -> str:
    """A value as a message shows it."""
    return shortened(f'"{value}"' if isinstance(value, str) else text_of(value, state.run.meter))


def empty_collection(aggregation: str, state: State) -> FeelValue:
    """The kit wants null where nothing was collected; a pathway is better served by the empty list."""
    if aggregation == "COUNT":
        return ZERO
    return [] if state.strict and not aggregation else None
