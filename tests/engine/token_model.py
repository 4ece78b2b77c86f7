"""A BPMN file as the token game sees it: containers, elements, flows, events. Read without the engine."""

from dataclasses import dataclass, field
from functools import cache

from lxml import etree

XML = etree._Element
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
Z = "{http://camunda.org/schema/zeebe/1.0}"
INSIDE = ("subProcess", "transaction", "adHocSubProcess")


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str | None
    default: bool


@dataclass(frozen=True)
class Event:
    """What an event waits for or throws: its kind, and the name, code or text that goes with it."""

    kind: str
    said: str | None = None
    form: str | None = None  # of a timer


@dataclass
class Node:
    id: str
    kind: str
    xml: XML
    events: list[Event] = field(default_factory=list)
    out: list[Flow] = field(default_factory=list)
    into: list[Flow] = field(default_factory=list)
    boundary: "list[Node]" = field(default_factory=list)
    attached: str | None = None
    inside: "Container | None" = None
    undo: str | None = None  # its compensation handler
    handles: bool = False  # it is a compensation handler

    def flag(self, name: str, default: bool = False) -> bool:
        return self.xml.get(name, str(default).lower()) == "true"

    @property
    def _event(self) -> "Node":
        return self.inside.starts[0] if self.inside and self.flag("triggeredByEvent") else self

    @property
    def interrupts(self) -> bool:
        """A boundary event or an event sub-process that ends what it interrupts."""
        return self._event.flag("isInterrupting", True) and self.flag("cancelActivity", True)

    @property
    def together(self) -> bool:
        """A parallel multiple event: all that it names must come."""
        return self._event.flag("parallelMultiple")

    def of(self, tag: str) -> XML | None:
        """A Zeebe extension element."""
        return self.xml.find(f"{B}extensionElements/{Z}{tag}")

    def text(self, *path: str) -> str | None:
        found = self.xml.find("/".join(f"{B}{part}" for part in path))
        return None if found is None else (found.text or "").strip()


@dataclass(eq=False)
class Container:
    id: str
    nodes: dict[str, Node]
    declared: list[str]  # its data objects and properties

    @property
    def starts(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind == "startEvent"]

    @property
    def handlers(self) -> list[Node]:
        """Its event sub-processes."""
        return [node for node in self.nodes.values() if node.flag("triggeredByEvent")]

    @cache  # noqa: B019
    def before(self, flow: Flow, gateway: str) -> set[str]:
        """The elements from which the flow can be reached without passing the gateway."""
        found: set[str] = set()
        todo = [flow.source]
        while todo:
            name = todo.pop()
            if name not in found and name != gateway:
                found.add(name)
                node = self.nodes[name]
                todo += [one.source for one in node.into] + ([node.attached] if node.attached else [])
        return found


def read(content: bytes) -> dict[str, Container]:
    """The processes of a file by their id."""
    root = etree.fromstring(content)
    named = {node.get("id"): node for node in root.iter() if isinstance(node.tag, str) and node.get("id")}
    return {process.get("id", ""): contain(process, named) for process in root.findall(f"{B}process")}


def contain(xml: XML, named: dict[str | None, XML]) -> Container:
    nodes = {}
    for child in xml:
        kind = etree.QName(child).localname
        if kind.endswith(("Task", "task", "Event", "Gateway")) or kind in (*INSIDE, "callActivity"):
            node = Node(child.get("id", ""), kind, child, events(child, named), attached=child.get("attachedToRef"))
            node.inside = contain(child, named) if kind in INSIDE else None
            nodes[node.id] = node
    for child in xml.findall(f"{B}sequenceFlow"):
        source, target = nodes[child.get("sourceRef", "")], nodes[child.get("targetRef", "")]
        condition = child.find(f"{B}conditionExpression")
        text = None if condition is None else condition.text
        join(Flow(child.get("id", ""), source.id, target.id, text, source.xml.get("default") == child.get("id")), nodes)
    for node in list(nodes.values()):
        if node.attached:
            nodes[node.attached].boundary.append(node)
        if node.kind == "intermediateThrowEvent" and node.events[:1] and node.events[0].kind == "link":
            target = next(n for n in nodes.values() if n.kind == "intermediateCatchEvent" and n.events == node.events)
            join(Flow(f"{node.id}-link", node.id, target.id, None, False), nodes)
    for child in xml.findall(f"{B}association"):
        event, handler = nodes[child.get("sourceRef", "")], nodes[child.get("targetRef", "")]
        nodes[event.attached or ""].undo, handler.handles = handler.id, True
    declared = [child.get("id", "") for child in xml if etree.QName(child).localname in ("dataObject", "property")]
    return Container(xml.get("id", ""), nodes, declared)


def join(flow: Flow, nodes: dict[str, Node]) -> None:
    nodes[flow.source].out.append(flow)
    nodes[flow.target].into.append(flow)


def events(xml: XML, named: dict[str | None, XML]) -> list[Event]:
    holder = xml.find(f"{B}startEvent") if xml.get("triggeredByEvent") == "true" else xml
    found = [event(child, named) for child in holder if etree.QName(child).localname.endswith("EventDefinition")]
    if xml.get("messageRef"):
        found.append(Event("message", named[xml.get("messageRef")].get("name")))
    return found


def event(xml: XML, named: dict[str | None, XML]) -> Event:
    kind = etree.QName(xml).localname.removesuffix("EventDefinition")
    if kind == "timer":
        form = xml[0]
        return Event("timer", form.text, etree.QName(form).localname)
    if kind == "conditional":
        return Event(kind, xml.findtext(f"{B}condition"))
    if kind == "link":
        return Event(kind, xml.get("name"))
    referred = named.get(xml.get(f"{kind}Ref"))
    if referred is None:
        return Event(kind)
    return Event(kind, referred.get(f"{kind}Code") if kind in ("error", "escalation") else referred.get("name"))
