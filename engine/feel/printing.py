"""The printer: a syntax tree as the one canonical text that reads back as the same tree."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import singledispatchmethod
from typing import Final

from engine.feel import syntax
from engine.feel.dependencies import children
from engine.feel.names import Names
from engine.feel.parser import COMPARE, CONSTANTS, OR, PRECEDENCE, SUM
from engine.feel.reading import KEYWORDS
from engine.feel.syntax import Literal, Name, Node, TypeName

LOOSEST, UNARY, POSTFIX = 0, 7, 8
SPECIAL = (syntax.If, syntax.For, syntax.Quantified, syntax.FunctionOf)
MATCHED = (syntax.Between, syntax.In, syntax.InstanceOf)
ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def print_tree(node: Node, names: Names | None = None) -> str:
    """The text of a tree of the parser's: as few parentheses as its precedences and the known names allow."""
    return Printer(node, names or Names()).text(node)


class Printer:
    """`then`, in each method, is the sign or keyword that will stand behind the text: it must not join it to a name."""

    def __init__(self, tree: Node, names: Names) -> None:
        self.names = Names(declared(tree), names)

    def inner(self, node: Node, lowest: int, then: str = "") -> str:
        """A node as part of another: in parentheses when it binds less than `lowest`, or would swallow `then`."""
        if level(node) < lowest or self._swallows(node, then):
            return f"({self.text(node)})"
        return self.text(node, then)

    def _swallows(self, node: Node, then: str) -> bool:
        if isinstance(node, Name | syntax.Path):
            return self.names.opens(node.name, then)
        return isinstance(node, syntax.InstanceOf) and (then == "<" or self.names.opens(node.type.name, then))

    def separated(self, nodes: Iterable[Node]) -> str:
        return ", ".join(self.text(node) for node in nodes)

    @singledispatchmethod
    def text(self, node: Node, then: str = "") -> str:
        """The text of a node; each kind of node registers its own."""
        raise TypeError(type(node).__name__)

    # ---- what stands by itself

    @text.register
    def _(self, node: Literal, then: str = "") -> str:
        return literal(node.value)

    @text.register
    def _(self, node: syntax.Unreadable, then: str = "") -> str:
        return f"@{quoted(node.text)}"

    @text.register
    def _(self, node: Name, then: str = "") -> str:
        return node.name

    @text.register
    def _(self, node: syntax.ListOf, then: str = "") -> str:
        return f"[{self.separated(node.items)}]"

    @text.register
    def _(self, node: syntax.ContextOf, then: str = "") -> str:
        return "{" + ", ".join(f"{key(name)}: {self.text(value)}" for name, value in node.entries) + "}"

    @text.register
    def _(self, node: syntax.RangeOf, then: str = "") -> str:
        ends = f"{self.inner(node.low, OR, '..')}..{self.inner(node.high, OR)}"
        return f"{'[' if node.low_included else '('}{ends}{']' if node.high_included else ')'}"

    @text.register
    def _(self, node: syntax.OneSided, then: str = "") -> str:
        return f"({node.operator} {self.inner(node.operand, SUM)})"

    # ---- what stands behind a value

    @text.register
    def _(self, node: syntax.Path, then: str = "") -> str:
        return f"{self.inner(node.target, POSTFIX, '.')}.{node.name}"

    @text.register
    def _(self, node: syntax.Filter, then: str = "") -> str:
        return f"{self.inner(node.target, POSTFIX, '[')}[{self.text(node.predicate)}]"

    @text.register
    def _(self, node: syntax.Call, then: str = "") -> str:
        return f"{self.inner(node.function, POSTFIX, '(')}({self.separated(node.arguments)})"

    @text.register
    def _(self, node: syntax.NamedCall, then: str = "") -> str:
        arguments = ", ".join(f"{name}: {self.text(value)}" for name, value in node.arguments)
        return f"{self.inner(node.function, POSTFIX, '(')}({arguments})"

    # ---- operators

    @text.register
    def _(self, node: syntax.Negation, then: str = "") -> str:
        return f"-{self.inner(node.operand, POSTFIX, then)}"

    @text.register
    def _(self, node: syntax.Arithmetic, then: str = "") -> str:
        return self._binary(node.operator, node.left, node.right, then)

    @text.register
    def _(self, node: syntax.Comparison, then: str = "") -> str:
        return self._binary(node.operator, node.left, node.right, then)

    @text.register
    def _(self, node: syntax.Conjunction, then: str = "") -> str:
        return self._binary("and", node.left, node.right, then)

    @text.register
    def _(self, node: syntax.Disjunction, then: str = "") -> str:
        return self._binary("or", node.left, node.right, then)

    def _binary(self, operator: str, left: Node, right: Node, then: str) -> str:
        binds = PRECEDENCE[operator]
        return f"{self.inner(left, binds, operator)} {operator} {self.inner(right, binds + 1, then)}"

    @text.register
    def _(self, node: syntax.Between, then: str = "") -> str:
        ends = f"{self.inner(node.low, SUM, 'and')} and {self.inner(node.high, SUM, then)}"
        return f"{self.inner(node.value, COMPARE, 'between')} between {ends}"

    @text.register
    def _(self, node: syntax.In, then: str = "") -> str:
        value, tests = self.inner(node.value, COMPARE, "in"), self.separated(node.tests)
        return f"{value} in {tests if self._is_bare(node.tests, then) else f'({tests})'}"

    def _is_bare(self, tests: tuple[syntax.Test, ...], then: str) -> bool:
        """Whether a single test needs no parentheses."""
        if len(tests) > 1 or tests[0].operator is not None:
            return False
        operand = tests[0].operand
        if isinstance(operand, syntax.RangeOf):
            return operand.low_included
        return isinstance(operand, Literal | Name | syntax.ListOf) and not self._swallows(operand, then)

    @text.register
    def _(self, node: syntax.InstanceOf, then: str = "") -> str:
        return f"{self.inner(node.value, COMPARE, 'instance')} instance of {self.text(node.type)}"

    # ---- what starts with a word

    @text.register
    def _(self, node: syntax.If, then: str = "") -> str:
        return f"if {self.text(node.condition)} then {self.text(node.then)} else {self.text(node.otherwise, then)}"

    @text.register
    def _(self, node: syntax.For, then: str = "") -> str:
        return f"for {self.separated(node.iterations)} return {self.text(node.body, then)}"

    @text.register
    def _(self, node: syntax.Quantified, then: str = "") -> str:
        quantifier = "every" if node.universal else "some"
        return f"{quantifier} {self.separated(node.iterations)} satisfies {self.text(node.body, then)}"

    @text.register
    def _(self, node: syntax.Iteration, then: str = "") -> str:
        if node.last is None:
            return f"{node.name} in {self.inner(node.source, OR)}"
        return f"{node.name} in {self.inner(node.source, OR, '..')}..{self.inner(node.last, OR)}"

    @text.register
    def _(self, node: syntax.FunctionOf, then: str = "") -> str:
        parameters = [name + (f": {self.text(expected)}" if expected else "") for name, expected in node.parameters]
        return f"function({', '.join(parameters)}) {self.text(node.body, then)}"

    # ---- types and unary tests

    @text.register
    def _(self, node: TypeName, then: str = "") -> str:
        if node.inner is None:
            return node.name
        inner = [self.text(part) for part in node.inner]
        if node.name == "context":
            inner = [f"{name}: {part}" for name, part in zip(node.keys, inner, strict=True)]
        return f"{node.name}<{', '.join(inner)}>" + (" -> Any" if node.name == "function" else "")

    @text.register
    def _(self, node: syntax.Test, then: str = "") -> str:
        return f"{node.operator} {self.inner(node.operand, SUM)}" if node.operator else self.text(node.operand)

    @text.register
    def _(self, node: syntax.Tests, then: str = "") -> str:
        if not node.items:
            return "-"
        if node.negated:
            return f"not({self.separated(node.items)})"
        return f"({self.text(node.items[0])})" if is_call_of_not(node.items) else self.separated(node.items)


def level(node: Node) -> int:
    """How tightly the text of a node holds together."""
    if isinstance(node, SPECIAL):
        return LOOSEST
    if isinstance(node, syntax.Disjunction | syntax.Conjunction):
        return PRECEDENCE["or" if isinstance(node, syntax.Disjunction) else "and"]
    if isinstance(node, MATCHED):
        return COMPARE
    if isinstance(node, syntax.Arithmetic | syntax.Comparison):
        return PRECEDENCE[node.operator]
    return UNARY if isinstance(node, syntax.Negation) or is_negative(node) else POSTFIX


def is_negative(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, Decimal) and node.value.is_signed()


def is_call_of_not(items: tuple[syntax.Test, ...]) -> bool:
    """A cell that holds only a call of not() would read as a negated cell."""
    call = items[0].operand if len(items) == 1 and items[0].operator is None else None
    return isinstance(call, syntax.Call) and call.function == Name(call.function.at, "not")


def literal(value: object) -> str:
    if value is None or isinstance(value, bool):
        return next(word for word, constant in CONSTANTS.items() if constant is value)
    if isinstance(value, str):
        return quoted(value)
    return str(value) if isinstance(value, Decimal) else f'@"{value}"'


def quoted(text: str) -> str:
    return f'"{text.translate(ESCAPES)}"'


def key(name: str) -> str:
    """The key of a context: bare when it is made of words, else between quotes."""
    return name if all(part.isidentifier() and part not in KEYWORDS for part in name.split(" ")) else quoted(name)


def declared(node: Node) -> Iterator[str]:
    """The names that a tree gives to things: from there on, its text knows them."""
    if isinstance(node, syntax.ContextOf):
        yield from (name for name, _ in node.entries)
    elif isinstance(node, syntax.FunctionOf):
        yield from (name for name, _ in node.parameters)
    elif isinstance(node, syntax.Iteration):
        yield node.name
    for child in children(node):
        yield from declared(child)
