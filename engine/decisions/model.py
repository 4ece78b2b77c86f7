"""A DMN model as it is written: its elements and boxed expressions, nothing computed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Boxed:
    """Any boxed expression; `type` is its typeRef."""

    id: str
    line: int
    type: str


@dataclass(frozen=True, slots=True)
class LiteralExpression(Boxed):
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """Without a name: the result of the context."""

    name: str
    type: str
    value: Boxed | None


@dataclass(frozen=True, slots=True)
class ContextExpression(Boxed):
    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True)
class ListExpression(Boxed):
    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True)
class Relation(Boxed):
    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Boxed):
    parameters: tuple[Parameter, ...]
    body: Boxed | None
    kind: str


@dataclass(frozen=True, slots=True)
class Invocation(Boxed):
    function: Boxed | None
    bindings: tuple[tuple[str, Boxed | None], ...]


@dataclass(frozen=True, slots=True)
class Conditional(Boxed):
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None


@dataclass(frozen=True, slots=True)
class FilterExpression(Boxed):
    source: Boxed | None
    match: Boxed | None


@dataclass(frozen=True, slots=True)
class Loop(Boxed):
    """`kind`: for, some or every"""

    kind: str
    variable: str
    source: Boxed | None
    body: Boxed | None


@dataclass(frozen=True, slots=True)
class TableInput:
    id: str
    line: int
    label: str
    text: str
    type: str
    values: str


@dataclass(frozen=True, slots=True)
class TableOutput:
    id: str
    line: int
    name: str
    type: str
    values: str
    default: str


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    line: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable(Boxed):
    hit_policy: str
    aggregation: str
    inputs: tuple[TableInput, ...]
    outputs: tuple[TableOutput, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    name: str
    type: str
    is_collection: bool
    is_function: bool
    allowed: str
    constraint: str
    components: tuple["ItemDefinition", ...]


@dataclass(frozen=True, slots=True)
class Element:
    """What the requirement graph links: a node of the diagram."""

    id: str
    line: int
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class InputData(Element):
    pass


@dataclass(frozen=True, slots=True)
class Decision(Element):
    logic: Boxed | None
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BusinessKnowledge(Element):
    logic: FunctionDefinition | None
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionService(Element):
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """One file; `imports` maps a namespace to the name under which it is seen."""

    namespace: str
    name: str
    imports: dict[str, str]
    items: tuple[ItemDefinition, ...]
    elements: dict[str, Element] = field(hash=False)
