"""The parser: FEEL text to its syntax tree."""

from collections.abc import Callable
from decimal import Decimal

from engine.feel.iso import read_temporal
from engine.feel.names import Names
from engine.feel.numbers import CONTEXT
from engine.feel.reading import DEEPEST, Reading
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Conjunction,
    ContextOf,
    Disjunction,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Iteration,
    ListOf,
    Literal,
    Name,
    NamedCall,
    Negation,
    Node,
    OneSided,
    Path,
    Quantified,
    RangeOf,
    Test,
    TypeName,
    Unreadable,
)
from engine.feel.tokens import NUMBER, STRING, SYMBOL, WORD

OR, AND, COMPARE, SUM, PRODUCT, POWER = 1, 2, 3, 4, 5, 6
COMPARISONS = ("<=", ">=", "!=", "=", "<", ">")
PRECEDENCE = {
    "or": OR,
    "and": AND,
    "between": COMPARE,
    "in": COMPARE,
    "instance": COMPARE,
    **dict.fromkeys(COMPARISONS, COMPARE),
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
}
GATHERED = {"and": "all", "or": "any"}  # `and([a, b])`, the older names of these functions
CONSTANTS = {"true": True, "false": False, "null": None}


def parse_expression(text: str, names: Names) -> Node:
    """Raises FeelSyntaxError."""
    parser = Parser(text, names)
    node = parser.expression()
    parser.expect_end()
    return node


class Parser(Reading):
    """Recursive descent, with one climbing loop for the binary operators."""

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("nested-text")
        special = FORMS.get(self.token.text) if self.token.kind == WORD else None
        node = special(self) if special else self.binary(OR)
        self.depth -= 1
        return node

    def binary(self, lowest: int) -> Node:
        node, length = self.unary(), 0
        while True:
            operator = self.token.text if self.token.kind in (WORD, SYMBOL) else ""
            level = PRECEDENCE.get(operator, 0)
            if level < lowest:
                return node
            length += 1
            if length > DEEPEST * 4:
                raise self.error("long-chain")
            node = self._combined(node, operator, level)

    def _combined(self, left: Node, operator: str, level: int) -> Node:
        at = self.advance().at
        if operator == "between":
            return self._between(at, left)
        if operator == "in":
            return In(at, left, self._in_tests())
        if operator == "instance":
            self.expect("of")
            return InstanceOf(at, left, self.type_name())
        right = self.binary(level + 1)
        if level in (OR, AND):
            return (Disjunction if level == OR else Conjunction)(at, left, right)
        return (Comparison if level == COMPARE else Arithmetic)(at, operator, left, right)

    def _between(self, at: int, value: Node) -> Node:
        low = self.binary(SUM)
        self.expect("and")
        return Between(at, value, low, self.binary(SUM))

    def _in_tests(self) -> tuple[Test, ...]:
        at, start = self.token.at, self.index
        if not self.accept("("):
            return (self.test(SUM),)
        with self.outside_range():
            first = self.test()
            if first.operator is None and self.accept(".."):  # a range open at its start, not a list of tests
                bounds = self._range(at, first.operand, low_included=False)
                return (Test(at, None, bounds, self.said("?", start)),)
            others = self.separated(self.test) if self.accept(",") else ()
        self.expect(")")
        return (first, *others)

    def unary(self) -> Node:
        at, minuses = self.token.at, 0
        while self.accept("-"):
            minuses += 1
        node = self.postfix()
        if isinstance(node, Literal) and isinstance(node.value, Decimal):
            return Literal(at, CONTEXT.minus(node.value)) if minuses % 2 else node
        for _ in range(minuses % 2 or min(minuses, 2)):
            node = Negation(at, node)
        return node

    def postfix(self) -> Node:
        node = self.primary()
        while True:
            at = self.token.at
            if self.accept("."):
                node = Path(at, node, self.member())
            elif self.sees("[") and not self.closes_range():
                node = self._filter(node)
            elif self.accept("("):
                node = self._call(at, node)
            else:
                return node

    def _filter(self, target: Node) -> Node:
        at = self.advance().at
        with self.outside_range():
            predicate = self.expression()
        self.expect("]")
        return Filter(at, target, predicate)

    def _call(self, at: int, function: Node) -> Node:
        if self.accept(")"):
            return Call(at, function, ())
        with self.outside_range():
            if self.names_argument():
                return self._named_call(at, function)
            arguments = self.separated(self.expression)
        self.expect(")")
        return Call(at, function, arguments)

    def _named_call(self, at: int, function: Node) -> Node:
        arguments = self.separated(self._named_argument)
        self.expect(")")
        return NamedCall(at, function, arguments)

    def _named_argument(self) -> tuple[str, Node]:
        name = self.name_before(":")
        self.expect(":")
        return name, self.expression()

    def primary(self) -> Node:
        token = self.token
        if token.kind == NUMBER:
            self.advance()
            return Literal(token.at, self.number_of(token))
        if token.kind == STRING:
            self.advance()
            return Literal(token.at, token.text)
        if token.kind == WORD:
            return self._word()
        opened = OPENINGS.get(token.text) if token.kind == SYMBOL else None
        if opened is None:
            raise self.error("expected-expression")
        with self.outside_range():
            return opened(self)

    def _word(self) -> Node:
        token = self.token
        if token.text in CONSTANTS:
            self.advance()
            return Literal(token.at, CONSTANTS[token.text])
        if token.text in GATHERED and self.sees("(", 1):
            return Name(self.advance().at, GATHERED[token.text])
        if token.text in FORMS and not (token.text == "function" and not self.sees("(", 1)):
            return self.expression()
        return Name(token.at, self.name())

    # ---- what starts with a sign

    def read_at_literal(self) -> Node:
        at = self.advance().at
        if self.token.kind != STRING:
            raise self.error("expected-at-text")
        text = self.advance().text
        value = read_temporal(text)
        return Literal(at, value) if value is not None else Unreadable(at, text)

    def read_parenthesis(self) -> Node:
        at = self.advance().at
        if self.token.text in COMPARISONS and self.token.kind == SYMBOL:
            operator = self.advance().text
            node: Node = OneSided(at, operator, self.binary(SUM))
        else:
            node = self.expression()
            if self.accept(".."):
                return self._range(at, node, low_included=False)
        self.expect(")")
        return node

    def read_outward_bracket(self) -> Node:
        at = self.advance().at
        low = self.expression()
        self.expect("..")
        return self._range(at, low, low_included=False)

    def read_bracket(self) -> Node:
        at = self.advance().at
        if self.accept("]"):
            return ListOf(at, ())
        first = self.expression()
        if self.accept(".."):
            return self._range(at, first, low_included=True)
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return ListOf(at, tuple(items))

    def _range(self, at: int, low: Node, *, low_included: bool) -> Node:
        with self.inside_range():
            high = self.expression()
        closing = self.advance()
        if closing.kind != SYMBOL or closing.text not in ("]", ")", "["):
            raise self.error("expected-range-end", closing)
        return RangeOf(at, low, high, low_included, closing.text == "]")

    def read_context(self) -> Node:
        at = self.advance().at
        if self.accept("}"):
            return ContextOf(at, ())
        entries = self.separated(self._entry)
        self.expect("}")
        return ContextOf(at, entries)

    def _entry(self) -> tuple[str, Node]:
        name = self.advance().text if self.token.kind == STRING else self.name_before(":")
        self.expect(":")
        value = self.expression()
        self.names.add(name)
        return name, value

    # ---- what starts with a word

    def read_if(self) -> Node:
        at = self.advance().at
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else")
        return If(at, condition, then, self.expression())

    def read_for(self) -> Node:
        at = self.advance().at
        iterations = self.separated(self._iteration)
        self.expect("return")
        start = self.index
        body = self.expression()
        return For(at, iterations, body, self.said("partial", start))

    def read_quantified(self) -> Node:
        quantifier = self.advance()
        iterations = self.separated(self._iteration)
        self.expect("satisfies")
        return Quantified(quantifier.at, quantifier.text == "every", iterations, self.expression())

    def _iteration(self) -> Iteration:
        at = self.token.at
        name = self.name_before("in")
        self.expect("in")
        self.names.add(name)
        source = self.expression()
        return Iteration(at, name, source, self.expression() if self.accept("..") else None)

    def read_function(self) -> Node:
        at = self.advance().at
        self.expect("(")
        parameters = () if self.sees(")") else self.separated(self._parameter)
        self.expect(")")
        if self.sees("external"):
            raise self.error("external-function")
        return FunctionOf(at, parameters, self.expression())

    def _parameter(self) -> tuple[str, TypeName | None]:
        name = self.name_before(":", ",", ")")
        self.names.add(name)
        return name, self.type_name() if self.accept(":") else None

    def test(self, lowest: int = 0) -> Test:
        """One unary test; after `in`, its operand ends before `and`: `lowest` is the loosest operator that it takes."""
        start, at = self.index, self.token.at
        operator = self.advance().text if self.token.kind == SYMBOL and self.token.text in COMPARISONS else None
        operand = self.binary(lowest or SUM) if operator or lowest else self.expression()
        return Test(at, operator, operand, self.said("?", start))


FORMS: dict[str, Callable[[Parser], Node]] = {
    "if": Parser.read_if,
    "for": Parser.read_for,
    "some": Parser.read_quantified,
    "every": Parser.read_quantified,
    "function": Parser.read_function,
}
OPENINGS: dict[str, Callable[[Parser], Node]] = {
    "@": Parser.read_at_literal,
    "(": Parser.read_parenthesis,
    "[": Parser.read_bracket,
    "]": Parser.read_outward_bracket,
    "{": Parser.read_context,
}
