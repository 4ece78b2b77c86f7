"""A pathway's files as immutable specs, named by their digest, parsed once per process and shared by all runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import orjson

from base.errors import RunError
from engine import dialect, spiff
from engine.decisions import Decisions, Evaluation
from engine.dialect import BPMN, XML, Flow, Lane, References, Trigger, local, refuse, true
from engine.elements.activity import Activity
from engine.elements.containers import AdHoc, EventSubProcess, SubProcess
from engine.elements.events import Boundary, Catch, Start, Throw
from engine.elements.gateways import EventBased
from engine.elements.node import Node
from engine.elements.table import CONTAINERS, ELEMENTS, SILENT
from engine.elements.user_task import UserTask
from engine.pictures import Element
from engine.scopes import View

MILESTONES = frozenset({"userTask", "receiveTask", "callActivity", "endEvent", "intermediateCatchEvent"})


class DecisionUnknown(RunError):
    """A decision that no file of the pathway holds."""

    code = "decision"


class Container(spiff.ContainerBase):
    """One process or one sub-process: its elements and where it begins."""

    handlers: tuple[EventSubProcess, ...] = ()
    starts: tuple[Node, ...] = ()
    entries: tuple[Node, ...] = ()
    declared: tuple[str, ...] = ()  # its data objects and properties

    def nodes(self) -> list[Node]:
        return [node for node in self.task_specs.values() if isinstance(node, Node)]

    def begins(self, *, top: bool) -> list[Node]:
        """Where tokens stand when nothing particular starts it."""
        plain = [node for node in self.entries if not node.triggers and not node.instantiates] or list(self.entries)
        return plain[:1] if self.starts and not top else plain

    def beside(self, start: Node) -> list[Node]:
        """What a parallel event-based gateway still waits for once one of its events has started the process."""
        gateways = (node for node in self.entries if isinstance(node, EventBased) and node.all)
        following = [[self.task_specs[flow.target] for flow in gateway.flows] for gateway in gateways]
        return [node for nodes in following if start in nodes for node in nodes if node is not start]


class Builder:
    """One BPMN file -> containers. All nodes are built first, then connected: no recursion along the flows."""

    def __init__(self, file: str, root: XML) -> None:
        self.file, self.root, self.references = file, root, References(root)
        self.containers: dict[str, Container] = {}
        self.processes: list[str] = []

    def build(self) -> None:
        """Raises PathwayError for what cannot be read."""
        for process in self.processes_of(self.root):
            self.processes.append(process.get("id") or "")
            self._contain(process, process.get("id") or "", dialect.lanes(process), None)

    @staticmethod
    def processes_of(root: XML) -> list[XML]:
        """The executable processes; a global task is a process of one task."""
        for node in [node for node in root if _is_global(node)]:
            wrap_global(node)
        return [node for node in root.findall(BPMN + "process") if true(node.get("isExecutable"), default=True)]

    def _contain(self, node: XML, key: str, lanes: Mapping[str, Lane], lane: Lane | None) -> None:
        container = Container(key, node.get("name") or key, self.file)
        container.declared = dialect.declared(node)
        self.containers[key] = container
        for child in dialect.kids(node):
            if local(child) not in SILENT:
                self._element(container, child, lanes, lanes.get(child.get("id") or "", lane))
        self._connect(node, container)
        self._compensate(node, container)
        self._link(node, container)
        self._find_entries(node, container)

    def _element(self, container: Container, node: XML, lanes: Mapping[str, Lane], lane: Lane | None) -> None:
        kind = local(node)
        cls = ELEMENTS.get(kind)
        if cls is None:
            raise refuse(node, f"L’élément « {kind} » n’est pas exécutable.", code="unsupported-element")
        if kind in CONTAINERS and true(node.get("triggeredByEvent")):
            cls = EventSubProcess
        spec = cls(container, node, kind, lane)
        spec.read(node, self.references)
        if isinstance(spec, SubProcess) and kind in CONTAINERS:
            spec.container = f"{container.name}/{spec.name}"
            self._contain(node, spec.container, lanes, lane)

    def _connect(self, node: XML, container: Container) -> None:
        specs = container.task_specs
        for child in dialect.kids(node, "sequenceFlow"):
            source, target = specs.get(child.get("sourceRef")), specs.get(child.get("targetRef"))
            if source is None or target is None:
                raise refuse(child, "Ce flux sort de son sous-processus ou ne mène nulle part.", code="bad-flow")
            default = self._attribute(source, "default") == child.get("id")
            condition = None if default else dialect.text(dialect.kid(child, "conditionExpression"))
            self._flow(
                Flow(child.get("id") or "", source.name, target.name, condition or None, default), source, target
            )
            source.connect(target)
        for spec in container.nodes():
            if isinstance(spec, Boundary) and isinstance(specs.get(spec.attached), Activity):
                specs[spec.attached].carry(spec)

    def _attribute(self, spec: Node, name: str) -> str | None:
        return dialect.attribute(self.references.find(spec.name), name)

    @staticmethod
    def _flow(flow: Flow, source: Node, target: Node) -> None:
        source.leave_by(flow)
        target.reached_by(flow)

    @staticmethod
    def _compensate(node: XML, container: Container) -> None:
        """An association from a compensation boundary event names the handler."""
        specs = container.task_specs
        for child in dialect.kids(node, "association"):
            source, handler = specs.get(child.get("sourceRef")), specs.get(child.get("targetRef"))
            if isinstance(source, Boundary) and source.undoes and handler is not None:
                specs[source.attached].compensation = handler.name
                handler.compensates = True

    def _link(self, node: XML, container: Container) -> None:
        """A link event is a flow without a line."""
        catches = {s.triggers[0].name: s for s in container.nodes() if isinstance(s, Catch) and _kind(s) == "link"}
        for spec in container.nodes():
            if isinstance(spec, Throw) and _kind(spec) == "link":
                target = catches.get(spec.triggers[0].name)
                if target is None:
                    element = self.references.find(spec.name)
                    raise refuse(node if element is None else element, "Ce lien ne mène nulle part.", code="bad-link")
                self._flow(Flow(f"link:{spec.name}", spec.name, target.name, None, False), spec, target)

    @staticmethod
    def _find_entries(node: XML, container: Container) -> None:
        nodes = container.nodes()
        container.handlers = tuple(spec for spec in nodes if isinstance(spec, EventSubProcess))
        container.starts = tuple(spec for spec in nodes if isinstance(spec, Start))
        container.entries = container.starts or tuple(spec for spec in nodes if _begins_alone(spec))
        for spec in container.entries:
            container.start.connect(spec)
        if not container.entries and local(node) != "adHocSubProcess":
            raise refuse(node, "Rien ne commence ici : il manque un événement de début.", code="no-start")


def _is_global(node: XML) -> bool:
    return local(node).startswith("global") and local(node).endswith("Task")


def wrap_global(node: XML) -> None:
    """A global task becomes a process of one task."""
    parent = node.getparent()
    if parent is None:
        return
    process = parent.makeelement(BPMN + "process", {"id": node.get("id") or "", "isExecutable": "true"})
    kind = local(node)[len("global") :]
    parent.append(process)
    node.tag = BPMN + kind[0].lower() + kind[1:]
    process.append(node)


def _kind(node: Node) -> str | None:
    return node.triggers[0].kind if node.triggers else None


def _begins_alone(node: Node) -> bool:
    """Without a start event, what nothing leads to begins."""
    waits = isinstance(node, Boundary | EventSubProcess) or (isinstance(node, Catch) and _kind(node) == "link")
    return not node._arrivals and not node.compensates and not waits


class Definition:
    """All files of a pathway, those that it calls included. Nothing can write to it."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        roots: Mapping[str, XML],
        models: Mapping[str, Decisions] = MappingProxyType({}),
    ) -> None:
        self.files = MappingProxyType(dict(files))
        self.digest = digest(files)
        self.decisions = {key: model for model in models.values() for key in model.ids}
        self.reads = {key: tuple(sorted(model.inputs(key))) for key, model in self.decisions.items()}
        containers: dict[str, Container] = {}
        processes: list[str] = []
        for file, root in roots.items():
            builder = Builder(file, root)
            builder.build()
            containers |= builder.containers
            processes += builder.processes
        self.processes = tuple(processes)
        self.containers = MappingProxyType(containers)
        for container in containers.values():
            _freeze(container)
        self.parameters: Mapping[str, Any] = MappingProxyType(_parameters(self.files))

    # --- what runs ask -----------------------------------------------------------------------------------------------

    def decide(self, decision: str, seen: View) -> Evaluation:
        """Raises DecisionUnknown, and what the decision raises."""
        return self.model(decision).evaluate(decision, seen, now=seen.now, functions=seen.functions)

    def model(self, decision: str) -> Decisions:
        """The file that holds a decision; raises DecisionUnknown."""
        model = self.decisions.get(decision)
        if model is None:
            raise DecisionUnknown(f"La décision « {decision} » n’existe pas dans ce parcours.")
        return model

    def events(self) -> Iterator[tuple[str, Node, Trigger]]:
        """(process, element, trigger) of every start that an event can fire."""
        for process in self.processes:
            container = self.containers[process]
            for node in container.entries:
                if node.instantiates and not node.triggers:  # an event-based gateway: its events start the process
                    for flow in node.flows:
                        target = container.task_specs[flow.target]
                        yield from ((process, target, trigger) for trigger in target.triggers)
                elif isinstance(node, Start) or node.instantiates:
                    yield from ((process, node, trigger) for trigger in node.triggers)

    # --- what screens and checks ask ---------------------------------------------------------------------------------

    def starts(self) -> list[tuple[str, str, str | None]]:
        """(process, start element, message name or None)."""
        found = [
            (process, node.name, trigger.name) for process, node, trigger in self.events() if trigger.kind == "message"
        ]
        plain = (
            (process, node.name, None)
            for process in self.processes
            for node in self.containers[process].entries
            if not node.triggers and not node.instantiates
        )
        return [*found, *plain]

    def process_name(self, process: str) -> str:
        return str(self.containers[process].description)

    def node(self, process: str, element: str) -> Node | None:
        """An element of a process or of any sub-process inside it."""
        for key, container in self.containers.items():
            if key == process or key.startswith(f"{process}/"):
                found = container.task_specs.get(element)
                if isinstance(found, Node):
                    return found
        return None

    def elements(self, process: str) -> list[Element]:
        """Every element of the process, those of its sub-processes included, in the order of the file."""
        inside = [c for key, c in self.containers.items() if key == process or key.startswith(f"{process}/")]
        return [_element(container, node) for container in inside for node in container.nodes()]

    def element(self, process: str, element: str) -> Element | None:
        return next((found for found in self.elements(process) if found.id == element), None)

    def choices(self, node: AdHoc) -> tuple[Element, ...]:
        """What may be begun in an ad-hoc sub-process."""
        container = self.containers[node.container]
        return tuple(_element(container, entry) for entry in container.entries)

    def lanes(self, process: str) -> list[Lane]:
        found = [node.swimlane for node in self.containers[process].nodes() if node.swimlane is not None]
        return list(dict.fromkeys(found))

    def steps(self, process: str) -> list[Element]:
        """The milestones that people know, in flow order: tasks, calls, named waits and ends of the main path.

        Where people choose what to do, the choice is one; what they choose is none before it is chosen.
        """
        return list(self._steps(process))

    def _steps(self, key: str) -> Iterator[Element]:
        container = self.containers[key]
        for node in _in_flow_order(container):
            if isinstance(node, AdHoc) and node.elements is None:
                yield _element(container, node)
            elif isinstance(node, SubProcess) and node.kind in CONTAINERS:
                yield from self._steps(node.container)
            elif node.kind in MILESTONES and node.bpmn_name:
                yield _element(container, node)

    def form(self, form: str) -> bytes | None:
        """The form-js file of that id."""
        for path, content in self.files.items():
            if path.endswith(".form") and form_id(path, content) == form:
                return content
        return None


def digest(files: Mapping[str, bytes]) -> str:
    """The name of a bundle: the same files have the same name, whatever their order."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return whole.hexdigest()


def _freeze(container: Container) -> None:
    for node in container.nodes():
        node.seal()
    container.freeze()


def _in_flow_order(container: Container) -> list[Node]:
    """Reverse postorder from the starts: what comes first on the way comes first in the list, loops cut."""
    done: dict[str, Node] = {}
    open_: set[str] = set()
    todo: list[tuple[Node, bool]] = [(node, False) for node in container.entries]
    while todo:
        node, left = todo.pop()
        if left:
            done.setdefault(node.name, node)
        elif node.name not in open_:
            open_.add(node.name)
            todo.append((node, True))
            todo += [(container.task_specs[flow.target], False) for flow in node.flows]
    return list(reversed(done.values()))


def _element(container: Container, node: Node) -> Element:
    process, _, within = container.name.partition("/")
    user = node if isinstance(node, UserTask) else None
    asking = node if isinstance(node, UserTask | Start) else None
    return Element(
        id=node.name,
        name=node.label,
        type=node.kind,
        lane=None if node.swimlane is None else node.swimlane.name,
        roles=() if user is None else user.roles,
        form=None if asking is None else asking.form,
        within=within.rpartition("/")[2],
        process=process,
        line=node.line,
        file=str(container.file),
        properties=MappingProxyType(node.properties),
    )


def _parameters(files: Mapping[str, bytes]) -> dict[str, Any]:
    manifest = _json(files.get("parcours.json", b"{}"))
    declared = manifest.get("parametres") or {}
    return {name: p.get("valeur") if isinstance(p, dict) else p for name, p in declared.items()}


def form_id(path: str, content: bytes) -> str:
    return str(_json(content).get("id") or path.rpartition("/")[2].removesuffix(".form"))


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
