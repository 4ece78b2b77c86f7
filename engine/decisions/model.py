"""A DMN model as it is written: its elements and boxed expressions, nothing computed."""

from dataclasses import dataclass, field

from engine.decisions.problem import Problem


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

    line: int
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
class Parameter:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Relation(Boxed):
    columns: tuple[Parameter, ...]
    rows: tuple[tuple[Boxed, ...], ...]


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
    """`variable`: the name under which its cells may read the value, as Camunda 7 writes it."""

    id: str
    line: int
    label: str
    text: str
    type: str
    values: str
    variable: str


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
    """`annotations`: what the author says of the rule, each with the name of its column, empty if it has none."""

    id: str
    line: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[tuple[str, str], ...]

    @property
    def annotation(self) -> str:
        """All annotations as one text."""
        return " ; ".join(f"{name} : {said}" if name else said for name, said in self.annotations)


@dataclass(frozen=True, slots=True)
class DecisionTable(Boxed):
    hit_policy: str
    aggregation: str
    inputs: tuple[TableInput, ...]
    outputs: tuple[TableOutput, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type. `allowed` tests each value; `constraint` tests the whole, a collection included."""

    id: str
    line: int
    name: str
    type: str
    is_collection: bool
    is_function: bool
    allowed: str
    constraint: str
    components: tuple["ItemDefinition", ...]


@dataclass(frozen=True, slots=True)
class Element:
    """What the requirement graph links: a node of the diagram. `names`: those under which a logic may read it."""

    id: str
    line: int
    name: str
    type: str
    names: tuple[str, ...]


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
    encapsulated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Another file; `name` is the one under which its elements are seen, empty for none."""

    id: str
    line: int
    namespace: str
    name: str
    is_dmn: bool


@dataclass(frozen=True, slots=True)
class Model:
    """One file."""

    namespace: str
    name: str
    imports: tuple[Import, ...]
    items: tuple[ItemDefinition, ...]
    elements: dict[str, Element] = field(hash=False)
    problems: tuple[Problem, ...] = ()

    def alias(self, namespace: str) -> str:
        """The name under which the elements of an imported file are seen."""
        return next((found.name for found in self.imports if found.namespace == namespace), "")
