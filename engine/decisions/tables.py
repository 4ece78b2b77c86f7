"""Decision tables: which rules apply, which cells refused the others, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.decisions import model
from engine.decisions.boxed import Box, Place, brought, build
from engine.decisions.errors import DecisionError
from engine.decisions.evaluation import MatchedRule, TableTrace
from engine.decisions.policies import POLICIES, RANKED, Policy, Row, priorities
from engine.decisions.state import State
from engine.decisions.texts import Text, knows_null
from engine.feel.compiler import Code, TestCode
from engine.feel.errors import FeelBudgetError, FeelError, shortened
from engine.feel.scope import Scope
from engine.feel.values import FeelValue, french

ANYTHING = ("", "-")
ZERO = Decimal(0)
RULES_A_STEP = 16
ACCEPTED: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """An input: its expression, its type, and the test of its allowed values."""

    label: str
    source: Text
    type: str
    values: str
    allowed: TestCode | None


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """`tests`: only the cells that say something, each with its column."""

    index: int
    id: str
    tests: tuple[tuple[int, TestCode], ...]
    outputs: tuple[Text, ...]


@build.register(model.DecisionTable)
def _table(boxed: model.DecisionTable, place: Place) -> Box:
    table = Table(boxed, place)
    return table.decide


class Table:
    """A table compiled once; `decide` is its only verb."""

    def __init__(self, boxed: model.DecisionTable, place: Place) -> None:
        self.boxed, self.place, self.outputs = boxed, place, boxed.outputs
        self.columns = [self._column(found) for found in boxed.inputs]
        self.labels = [column.label for column in self.columns]
        self.variables = [(number, found.variable) for number, found in enumerate(boxed.inputs) if found.variable]
        self.rules = [self._rule(index, rule) for index, rule in enumerate(boxed.rules, 1)]
        self.defaults = [
            self._text(found.default, f"la valeur par défaut de « {found.name} »", found) for found in boxed.outputs
        ]
        self.has_default = any(found.default for found in boxed.outputs)
        self.cost = 1 + len(self.rules) // RULES_A_STEP
        self.stops_at_first = boxed.hit_policy == "FIRST"
        self.allowed = [self._allowed(found.values, found) for found in boxed.outputs]
        ranked = boxed.hit_policy in RANKED
        self.priorities = priorities([self._values(found) if ranked else None for found in boxed.outputs])
        name = f"{boxed.hit_policy} {boxed.aggregation}" if boxed.aggregation else boxed.hit_policy
        self.policy: Policy = POLICIES.get(name, POLICIES["UNIQUE"])
        self.refused_by = [(number,) for number in range(len(self.columns))]

    # ---- compiled once

    def _column(self, found: model.TableInput) -> Column:
        allowed = self._allowed(found.values, found)
        source = self._text(found.text, f"l’entrée « {found.label} »", found)
        return Column(found.label, source, found.type, found.values, allowed)

    def _allowed(self, text: str, where: model.TableInput | model.TableOutput) -> TestCode | None:
        """The test of the allowed values, if there are any."""
        return None if text in ANYTHING else self.place.library.unary(text, where.id, where.line)

    def _rule(self, index: int, rule: model.Rule) -> CompiledRule:
        library = self.place.library
        tests = tuple(
            (column, library.cell(cell, found.variable, rule.id or self.boxed.id, rule.line))
            for column, (cell, found) in enumerate(zip(rule.inputs, self.boxed.inputs, strict=False))
            if cell not in ANYTHING
        )
        cells = [*rule.outputs, *[""] * len(self.outputs)][: len(self.outputs)]
        outputs = tuple(
            self._text(cell, f"règle {index}, la sortie « {output.name} »", rule)
            for cell, output in zip(cells, self.outputs, strict=True)
        )
        return CompiledRule(index, rule.id, tests, outputs)

    def _text(self, text: str, what: str, where: model.TableInput | model.TableOutput | model.Rule) -> Text:
        code = self.place.library.expression(text, where.id or self.boxed.id, where.line) if text else _nothing
        return Text(text, code, self.place.said(what), knows_null(text))

    def _values(self, found: model.TableOutput) -> Code | None:
        values = self.place.library.values_of(found)
        return self.place.library.expression(f"[{values}]", found.id, found.line) if values else None

    # ---- run each time

    def decide(self, scope: Scope, state: State) -> FeelValue:
        state.run.meter.spend(self.cost)
        inputs = self._inputs(scope, state)
        if inputs is None:
            return None
        if self.variables:
            scope = scope.inner({name: inputs[number] for number, name in self.variables})
        hits: list[CompiledRule] = []
        refusing: list[Sequence[int]] = []
        try:
            self._judge(scope, inputs, state, hits, refusing)
            output = self._output(hits, scope, state) if hits else self._without_hit(inputs, scope, state)
        except DecisionError as error:
            error.table = error.table or self._trace(inputs, hits, refusing, None)
            raise
        state.passed(self._trace(inputs, hits, refusing, output))
        return output

    def _trace(
        self,
        inputs: Sequence[FeelValue],
        hits: Sequence[CompiledRule],
        refusing: Sequence[Sequence[int]],
        output: FeelValue,
    ) -> TableTrace:
        owner = self.place.owner
        matched = tuple([MatchedRule(owner, rule.index, rule.id) for rule in hits])
        labelled = tuple(zip(self.labels, inputs, strict=True))
        return TableTrace(owner, self.boxed, labelled, matched, output, refusing)

    def _inputs(self, scope: Scope, state: State) -> list[FeelValue] | None:
        """None when a value is not among those that are allowed."""
        found = []
        for column in self.columns:
            value = column.source.value(scope, state)
            if column.type and value is not None:
                value = brought(value, column.type, self.place, state, column.source.what)
            if column.allowed and value is not None and column.allowed(scope.inner({"?": value}), value) is not True:
                state.refuse(f"{column.source.what} vaut {state.shown(value)}, qui n’est pas permis ({column.values})")
                return None
            found.append(value)
        return found

    def _judge(
        self,
        scope: Scope,
        inputs: Sequence[FeelValue],
        state: State,
        hits: list[CompiledRule],
        refusing: list[Sequence[int]],
    ) -> None:
        """Gathers the rules that apply, and for each rule looked at the columns that refused it."""
        try:
            self._look(scope, inputs, state, hits, refusing)
            if state.explains:
                refusing[:] = [self._all_refusing(rule, scope, inputs) for rule in self.rules[: len(refusing)]]
        except FeelBudgetError:
            raise
        except FeelError as error:
            if not state.strict:
                raise
            rule = self.rules[min(len(refusing), len(self.rules) - 1)].index
            raise DecisionError(self.place.said(f"règle {rule} : {error.message}")) from error

    def _look(
        self,
        scope: Scope,
        inputs: Sequence[FeelValue],
        state: State,
        hits: list[CompiledRule],
        refusing: list[Sequence[int]],
    ) -> None:
        run, strict, refused_by = state.run, state.strict, self.refused_by
        calm = run.faults
        for rule in self.rules:
            for column, test in rule.tests:
                answer = test(scope, inputs[column])
                if answer is not True:
                    if strict and (answer is None or run.faults != calm):
                        self._doubt(rule, column, test, scope, inputs, state)
                        calm = run.faults
                    refusing.append(refused_by[column])
                    break
            else:
                hits.append(rule)
                refusing.append(ACCEPTED)
                if self.stops_at_first:
                    break

    def _all_refusing(self, rule: CompiledRule, scope: Scope, inputs: Sequence[FeelValue]) -> Sequence[int]:
        """Every column that refuses a rule, and not the first alone."""
        return tuple(column for column, test in rule.tests if test(scope, inputs[column]) is not True)

    def _doubt(
        self,
        rule: CompiledRule,
        column: int,
        test: TestCode,
        scope: Scope,
        inputs: Sequence[FeelValue],
        state: State,
    ) -> None:
        """A cell that neither accepts nor refuses: an error, unless its input is null or its text speaks of null."""
        cell, label, value = self.boxed.rules[rule.index - 1].inputs[column], self.labels[column], inputs[column]
        if value is None or knows_null(cell):
            return
        calm = state.run.faults
        answer = test(scope, value)
        if answer is None or state.run.faults != calm:
            why = state.run.fault if state.run.faults != calm else "les types diffèrent"
            said = f"la cellule « {shortened(cell)} » ne peut pas juger {state.shown(value)} ({french(value)})"
            hint = "Corrigez la cellule, ou la donnée"
            state.refuse(self.place.said(f"règle {rule.index}, colonne « {label} » : {said} : {why}. {hint}"))

    def _output(self, hits: list[CompiledRule], scope: Scope, state: State) -> FeelValue:
        rows = [Row(rule.index, self._row(rule.outputs, scope, state)) for rule in hits]
        return self.policy(rows, self._one, self.priorities(scope), self.place.owner, state)

    def _row(self, texts: Sequence[Text], scope: Scope, state: State) -> list[FeelValue]:
        return [
            self._said(text, output, allowed, scope, state)
            for text, output, allowed in zip(texts, self.outputs, self.allowed, strict=True)
        ]

    def _said(
        self, text: Text, output: model.TableOutput, allowed: TestCode | None, scope: Scope, state: State
    ) -> FeelValue:
        """The value of an output, of its type and among its allowed values."""
        value = text.value(scope, state)
        if output.type and value is not None:
            value = brought(value, output.type, self.place, state, text.what)
        if allowed and value is not None and allowed(scope.inner({"?": value}), value) is not True:
            state.refuse(f"{text.what} vaut {state.shown(value)}, qui n’est pas permis ({output.values})")
            return None
        return value

    def _one(self, values: Sequence[FeelValue]) -> FeelValue:
        """What one rule says: its only output, or a context of its outputs."""
        if len(self.outputs) == 1:
            return values[0]
        return dict(zip([output.name for output in self.outputs], values, strict=False))

    def _without_hit(self, inputs: Sequence[FeelValue], scope: Scope, state: State) -> FeelValue:
        if self.has_default:
            return self._one(self._row(self.defaults, scope, state))
        if self.boxed.hit_policy == "COLLECT":
            return empty_collection(self.boxed.aggregation, state)
        seen = ", ".join(f"{label} = {state.shown(value)}" for label, value in zip(self.labels, inputs, strict=True))
        message = "aucune règle ne s’applique" + (f" ({seen})" if seen else "")
        hint = "Ajoutez une règle pour ce cas, ou une valeur par défaut"
        state.refuse(self.place.said(f"{message}. {hint}"))
        return None


def _nothing(_scope: Scope) -> FeelValue:
    return None


def empty_collection(aggregation: str, state: State) -> FeelValue:
    """The kit wants null where nothing was collected; a pathway is better served by the empty list."""
    if aggregation == "COUNT":
        return ZERO
    return [] if state.strict and not aggregation else None
