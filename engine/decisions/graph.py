"""The requirement graph: what each decision, function and service needs, decided once per evaluation."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.decisions import model, tables
from engine.decisions.boxed import Box, DefinedFunction, Place, box, brought, typed
from engine.decisions.library import Library, bound_names, failing, walk
from engine.decisions.state import Key, State
from engine.feel.scope import MISSING, Missing, Scope
from engine.feel.values import Caller, FeelValue, Function

__all__ = ["Graph", "Node", "Service", "tables"]  # `tables` is imported to join the boxed expressions


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the graph, compiled; `reads` are the variables that its own logic reads."""

    key: Key
    element: model.Element
    place: Place
    logic: Box
    requires: tuple[str, ...]
    reads: frozenset[str]


class Graph:
    """All elements of a model and of those that it imports."""

    def __init__(self, main: Library) -> None:
        self.main = main
        self.nodes: dict[Key, Node] = {}
        for library in (main, *(other for other in main.others.values() if other is not main)):
            for element in library.model.elements.values():
                node = self._node(library, element)
                self.nodes[node.key] = node

    # ---- compiled once

    def _node(self, library: Library, element: model.Element) -> Node:
        place = Place(library, element.id)
        library.reads = set()
        requires: tuple[str, ...] = ()
        logic: Box = _nothing
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            requires = element.requires
            logic = self._logic(element, place)
        elif isinstance(element, model.DecisionService):
            requires = element.outputs
        reads = frozenset(library.reads)
        return Node((library.model.namespace, element.id), element, place, logic, requires, reads)

    def _logic(self, element: "model.Decision | model.BusinessKnowledge", place: Place) -> Box:
        if isinstance(element, model.Decision):
            return box(element.logic, place)
        function = element.logic
        if function is None:
            return _nothing
        if function.kind != "FEEL":
            refused = failing(f"Fonction externe refusée ({function.kind})")
            return lambda scope, _state: refused(scope)
        body = box(function.body, place)
        if element.type and not self._is_function_type(element.type, place.library):
            body = typed(body, element.type, place, place.said("le résultat"))
        return body

    def _is_function_type(self, name: str, library: Library) -> bool:
        _, item = library.item(name)
        return item is not None and item.is_function

    # ---- run each time

    def value(self, node: Node, state: State) -> FeelValue:
        """What a node is worth, decided at most once per round."""
        if node.key in state.decided:
            return state.decided[node.key]
        if node.key in state.busy:
            state.refuse(f"La décision « {node.element.id} » dépend d’elle-même")
            return None
        state.busy.add(node.key)
        state.run.meter.spend()
        found = self._found(node, state)
        state.busy.discard(node.key)
        state.decided[node.key] = found
        return found

    def _found(self, node: Node, state: State) -> FeelValue:
        element = node.element
        if isinstance(element, model.InputData):
            return self._input(node, state)
        if isinstance(element, model.BusinessKnowledge):
            return self._function(element, node, state)
        if isinstance(element, model.DecisionService):
            return Service(element.name, self._service_inputs(node, element), self, node, state)
        if isinstance(element, model.Decision) and element.logic is None:
            state.refuse(node.place.said("aucune logique n’est écrite"))
            return None
        value = node.logic(self.scope(node, state), state)
        return brought(value, element.type, node.place, state, node.place.said("le résultat"))

    def _input(self, node: Node, state: State) -> FeelValue:
        name = node.element.name
        found = self._known(node.element, state)
        if isinstance(found, Missing):
            state.refuse(f"La donnée d’entrée « {name} » manque : rien ne lui a encore donné de valeur, pas même null")
            found = None
        value = brought(found, node.element.type, node.place, state, f"Donnée d’entrée « {name} » :")
        state.inputs[name] = value
        return value

    @staticmethod
    def _known(element: model.Element, state: State) -> FeelValue | Missing:
        """What the caller says under one of the element's names."""
        found: FeelValue | Missing = MISSING
        for name in element.names or (element.name,):
            found = state.scope.find(name)
            if not isinstance(found, Missing):
                break
        return found

    def _function(self, element: model.BusinessKnowledge, node: Node, state: State) -> FeelValue:
        logic = element.logic
        if logic is None:
            state.refuse(node.place.said("aucune logique n’est écrite"))
            return None
        names = tuple(parameter.name for parameter in logic.parameters)
        scope = self.scope(node, state)
        return DefinedFunction(element.name, names, logic.parameters, node.logic, node.place, scope, state)

    def scope(self, node: Node, state: State) -> Scope:
        """What the logic of a node sees: what it requires, above what the caller knows."""
        seen: dict[str, FeelValue] = {}
        spare: dict[str, FeelValue] = {}
        for href in node.requires:
            found = node.place.library.resolve(href)
            if found is None:
                state.refuse(node.place.said(f"élément requis introuvable ({href})"))
                continue
            library, element = found
            value = self.value(self.nodes[library.model.namespace, element.id], state)
            see(seen, spare, node.place.library.model.alias(library.model.namespace), element, value)
        return state.ground.inner(spare | seen if spare else seen)

    # ---- decision services

    def _service_inputs(self, node: Node, element: model.DecisionService) -> tuple[str, ...]:
        found = (node.place.library.resolve(href) for href in element.inputs)
        return tuple(pair[1].name for pair in found if pair is not None)

    def serve(self, node: Node, given: dict[str, FeelValue], state: State) -> FeelValue:
        """The outputs of a service for given inputs; a context of them when there are several."""
        element, library = node.element, node.place.library
        if not isinstance(element, model.DecisionService):
            return None
        inner = state.within(state.scope.inner(given))
        for href in element.inputs:
            found = library.resolve(href)
            if found is not None:
                home, data = found
                value = self._argument(given.get(data.name), data, node, home, state)
                if value is None and given.get(data.name) is not None:
                    return None
                inner.decided[home.model.namespace, data.id] = value
        outputs: dict[str, FeelValue] = {}
        for href in element.outputs:
            found = library.resolve(href)
            if found is not None:
                home, decision = found
                outputs[decision.name] = self.value(self.nodes[home.model.namespace, decision.id], inner)
        result: FeelValue = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        return brought(result, element.type, node.place, state, node.place.said("le résultat"))

    @staticmethod
    def _argument(value: FeelValue, data: model.Element, node: Node, home: Library, state: State) -> FeelValue:
        return brought(value, data.type, Place(home, node.element.id), state, node.place.said(f"« {data.name} »"))

    # ---- static checks

    def inputs(self, node: Node) -> set[str]:
        """The variables that the caller must know for a node to be decided."""
        return {name for found in self.needed(node) for name in self._own_inputs(found)}

    def needed(self, node: Node) -> Iterator[Node]:
        """A node, and all that it requires, each once."""
        seen, todo = {node.key}, [node]
        while todo:
            found = todo.pop()
            yield found
            after = {one.key: one for one in self._required(found) if one.key not in seen}
            seen |= after.keys()
            todo += after.values()

    def _required(self, node: Node) -> Iterator[Node]:
        for href in node.requires:
            found = node.place.library.resolve(href)
            if found is not None:
                yield self.nodes[found[0].model.namespace, found[1].id]

    def _own_inputs(self, node: Node) -> set[str]:
        element, read = node.element, node.place.library.model
        if isinstance(element, model.InputData):
            return {element.name}
        if not isinstance(element, model.Decision | model.BusinessKnowledge):
            return set()
        given = {element.name, *element.names}
        for required in self._required(node):
            alias = read.alias(required.place.library.model.namespace)
            given |= {required.element.name, *required.element.names, alias}
        given |= {name for found in walk(element.logic) for name in bound_names(found)}
        return set(node.reads - given)


def see(
    seen: dict[str, FeelValue], spare: dict[str, FeelValue], alias: str, element: model.Element, value: FeelValue
) -> None:
    """Let a logic read a value: under its variable's name, and under its other names where nothing else has them."""
    first, *others = element.names or (element.name,)
    if alias:
        within = seen.setdefault(alias, {})
        if isinstance(within, dict):
            within |= {first: value, **{name: value for name in others if name not in within}}
        return
    seen[first] = value
    spare |= dict.fromkeys(others, value)


@dataclass(frozen=True, slots=True, eq=False)
class Service(Function):
    """A decision service seen as a function."""

    graph: Graph
    node: Node
    state: State

    def call(self, caller: Caller, arguments: list[FeelValue]) -> FeelValue:
        if len(arguments) != len(self.parameters):
            return self._misused(f"{len(self.parameters)} arguments attendus, {len(arguments)} donnés")
        return self.graph.serve(self.node, dict(zip(self.parameters, arguments, strict=True)), self.state)

    def call_named(self, caller: Caller, arguments: dict[str, FeelValue]) -> FeelValue:
        if arguments.keys() != set(self.parameters):
            return self._misused(f"arguments attendus : {', '.join(self.parameters)}")
        return self.graph.serve(self.node, arguments, self.state)

    def _misused(self, message: str) -> FeelValue:
        self.state.refuse(self.node.place.said(message))
        return None


def _nothing(_scope: Scope, _state: State) -> FeelValue:
    return None
