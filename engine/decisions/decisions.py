"""A DMN file ready to decide."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from base.errors import NotFound
from engine.decisions import model
from engine.decisions.conformity import is_instance_of_item
from engine.decisions.coverage import Remark, remarks
from engine.decisions.errors import DecisionError
from engine.decisions.evaluation import Evaluation
from engine.decisions.faults import boxes, requirements, types
from engine.decisions.graph import Graph, Node, Service
from engine.decisions.library import Library
from engine.decisions.problem import Problem
from engine.decisions.reader import read_model
from engine.decisions.state import DecisionRun, State
from engine.feel.budget import DEFAULT, Budget, Meter
from engine.feel.compiler.calls import invoked
from engine.feel.conversion import Foreign, to_feel
from engine.feel.expression import NO_FUNCTIONS, guarded, measure, outermost
from engine.feel.names import canonical
from engine.feel.scope import HostFunction, Run
from engine.feel.values import FeelValue


def read(content: bytes, imported: Iterable[bytes] = ()) -> "Decisions":
    """A DMN 1.1 to 1.5 file, with the files that it may import. Raises UnreadableDecisions; what is wrong inside a
    readable file stands in `problems`."""
    libraries: dict[str, Library] = {}
    main = Library(read_model(content), libraries)
    libraries[main.model.namespace] = main
    for other in map(read_model, imported):
        libraries.setdefault(other.namespace, Library(other, libraries))
    for library in libraries.values():
        library.link()
    for library in libraries.values():
        for problem in (*requirements.problems(library), *types.problems(library), *boxes.problems(library)):
            library.keep(problem)
    return Decisions(Graph(main), main)


class Decisions:
    """The decisions of one file; may be asked from several threads at once.

    `problems`: what the author must mend, all at once. What needs a faulty element is not decided, unless leniently.
    """

    def __init__(self, graph: Graph, main: Library) -> None:
        self._graph, self._main = graph, main
        self.name = main.model.name
        self.problems = _problems(main)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the file's own decisions, without those that no logic decides."""
        elements = self._main.model.elements.values()
        return tuple(element.id for element in elements if isinstance(element, model.Decision) and element.logic)

    @property
    def names(self) -> dict[str, str]:
        """The name of each decision, by its id."""
        return {id_: self._main.model.elements[id_].name for id_ in self.ids}

    def remarks(self) -> list[Remark]:
        """What a static check of the tables finds: cases without a rule, rules that clash or never serve…"""
        return remarks(self._main)

    def find(self, name: str, kind: type[model.Element] = model.Decision) -> str:
        """The id of an element by its name, in this file or in one that it imports; raises NotFound."""
        wanted = canonical(name)
        for node in self._graph.nodes.values():
            if node.element.name == wanted and isinstance(node.element, kind):
                return node.element.id
        raise NotFound(f"« {name} » n’existe pas dans ce fichier")

    def inputs(self, decision_id: str) -> frozenset[str]:
        """The variables that the caller must know; raises NotFound."""
        return frozenset(self._graph.inputs(self._node(decision_id)))

    def evaluate(
        self,
        decision_id: str,
        context: Mapping[str, Foreign],
        *,
        strict: bool = True,
        budget: Budget = DEFAULT,
        now: datetime | None = None,
        functions: Mapping[str, HostFunction] = NO_FUNCTIONS,
        explain: bool = False,
    ) -> Evaluation:
        """Decide. When strict, no rule that applies, rules that contradict each other, a value of the wrong type or not
        allowed, input data that the caller does not know and a null that comes from an error raise DecisionError; else
        they make null, as the standard says. A null that the caller gives is a value: the cells that compare refuse it.
        `explain` keeps every cell that refused a rule, and not the first alone. Raises NotFound, FeelError."""
        node = self._node(decision_id)
        if strict:
            self._refuse_faulty(node)
        state = self._state(context, Meter(budget), now, functions, strict=strict, explains=explain)
        value = guarded(node.element.id, lambda: self._graph.value(node, state))
        return self._evaluation(value, state)

    def call(
        self,
        id_: str,
        arguments: Mapping[str, Foreign],
        *,
        strict: bool = True,
        budget: Budget = DEFAULT,
        now: datetime | None = None,
    ) -> Evaluation:
        """What a decision service or a business knowledge model answers to named arguments."""
        node = self._node(id_)
        if strict:
            self._refuse_faulty(node)
        state = self._state(arguments, Meter(budget), now, NO_FUNCTIONS, strict=strict, explains=False)
        value = guarded(id_, lambda: self._called(node, arguments, state))
        return self._evaluation(value, state)

    def _state(
        self,
        known: Mapping[str, Foreign],
        meter: Meter,
        now: datetime | None,
        functions: Mapping[str, HostFunction],
        *,
        strict: bool,
        explains: bool,
    ) -> State:
        run = DecisionRun(meter, now, functions, self._is_instance)
        return State(outermost(known, run), run, strict=strict, explains=explains)

    def _refuse_faulty(self, node: Node) -> None:
        """Raises DecisionError when a problem concerns what the node needs."""
        if not self.problems:
            return
        read = self._main.model
        lines = {found.element.line for found in self._graph.needed(node) if found.place.library is self._main}
        elsewhere = {one.line for one in read.elements.values()} - lines
        others = {item.line for item in read.items} | {found.line for found in read.imports}
        heads = lines | elsewhere | others
        for problem in self.problems:
            head = max((line for line in heads if line <= problem.line), default=0)
            if problem.model or head not in elsewhere:
                raise DecisionError(f"Le fichier de décisions est à corriger : {problem}")

    def _called(self, node: Node, arguments: Mapping[str, Foreign], state: State) -> FeelValue:
        function = self._graph.value(node, state)
        given = {name: to_feel(value) for name, value in arguments.items()}
        if isinstance(function, Service) and not state.strict:  # who asks leniently may leave arguments out
            return self._graph.serve(node, given, state)
        return invoked(function, given, state.run, 0)

    def _evaluation(self, value: FeelValue, state: State) -> Evaluation:
        measure(value, state.run.meter, self.name)
        rules = tuple([rule for table in state.trace for rule in table.matched])
        warnings = tuple([message for message, _ in state.run.warnings])
        inputs = state.inputs or {label: value for table in state.trace for label, value in table.inputs}
        return Evaluation(value, inputs, rules, tuple(state.trace), warnings)

    def _is_instance(self, name: str, value: FeelValue) -> bool:
        return is_instance_of_item(value, name, self._main, Run(Meter()))

    def _node(self, id_: str) -> Node:
        node = self._graph.nodes.get((self._main.model.namespace, id_))
        if node is None:
            raise NotFound(f"La décision « {id_} » n’existe pas dans ce fichier")
        return node


def _problems(main: Library) -> tuple[Problem, ...]:
    """Of the file and of those that it imports, which are named."""
    others = (library for library in main.reachable() if library is not main)
    named = (replace(problem, model=other.model.name) for other in others for problem in other.problems)
    return (*sorted(main.problems, key=lambda problem: problem.line), *named)
