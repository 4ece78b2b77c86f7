"""The syntax tree of FEEL; `at` is the character where a node starts."""

from dataclasses import dataclass

from engine.feel.values import FeelValue


@dataclass(frozen=True, slots=True)
class Node:
    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: FeelValue


@dataclass(frozen=True, slots=True)
class Unreadable(Node):
    """`@"2026-02-30"`: no date, time or duration; it is null"""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`target.name`"""

    target: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`target[predicate]`"""

    target: Node
    predicate: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedCall(Node):
    """`substring(string: "abc", start position: 2)`"""

    function: Node
    arguments: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    tests: tuple["Test", ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: "TypeName"


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`name in source`, or `name in source..last`"""

    name: str
    source: Node
    last: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterations: tuple[Iteration, ...]
    body: Node
    uses_partial: bool


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some … satisfies …`, or `every …` when `universal`"""

    universal: bool
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class OneSided(Node):
    """`(< 5)`, `(!= 3)`: a range given by an operator"""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    parameters: tuple[tuple[str, "TypeName | None"], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """`list<number>`: a name with what stands between the angle brackets (named for a context's entries)."""

    name: str
    inner: tuple["TypeName", ...] | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One unary test: `< 5`, `[1..3]`, or an expression that says the input by `?`."""

    operator: str | None
    operand: Node
    uses_input: bool


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """A cell of a decision table; without items it accepts anything."""

    items: tuple[Test, ...]
    negated: bool
