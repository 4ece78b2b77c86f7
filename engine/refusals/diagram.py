"""A BPMN file as the refusal rules see it: its executable processes, their elements and what hangs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from base.calendars import Calendar
from base.errors import PathwayError
from engine.definition import Builder
from engine.dialect import (
    BPMN,
    DEFINITION,
    XML,
    Lane,
    References,
    definitions,
    kids,
    lanes,
    line_of,
    local,
    text,
    true,
)
from engine.elements.table import CONTAINERS, ELEMENTS
from engine.findings import Finding

TASKS = frozenset(name for name in ELEMENTS if name.endswith("Task") or name == "task")
SUB_PROCESSES = CONTAINERS
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
EVENTS = frozenset(name for name in ELEMENTS if name.endswith("Event"))
GATEWAYS = frozenset(name for name in ELEMENTS if name.endswith("Gateway"))


@dataclass(frozen=True, eq=False)
class Place:
    """One element of a process: the element, its level, its lane."""

    node: XML
    level: Level
    lane: Lane | None

    @cached_property
    def kind(self) -> str:
        return local(self.node)

    @property
    def id(self) -> str:
        return self.node.get("id") or ""

    @property
    def container(self) -> XML:
        return self.level.container

    @property
    def process(self) -> XML:
        return self.level.process

    @property
    def incoming(self) -> list[XML]:
        return self.level.incoming.get(self.id, [])

    @property
    def outgoing(self) -> list[XML]:
        return self.level.outgoing.get(self.id, [])

    @property
    def is_handler(self) -> bool:
        """Begins by compensation, never by a flow."""
        return true(self.node.get("isForCompensation"))

    @property
    def on_event(self) -> bool:
        """An event sub-process."""
        return true(self.node.get("triggeredByEvent"))


@dataclass(eq=False)
class Level:
    """One process or sub-process: its elements by id and the flows between them."""

    container: XML
    process: XML
    above: Level | None
    flows: list[XML]
    places: dict[str, Place] = field(default_factory=dict)
    outgoing: dict[str, list[XML]] = field(default_factory=dict)
    incoming: dict[str, list[XML]] = field(default_factory=dict)
    attached: dict[str, list[Place]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for flow in self.flows:
            self.outgoing.setdefault(flow.get("sourceRef") or "", []).append(flow)
            self.incoming.setdefault(flow.get("targetRef") or "", []).append(flow)

    @cached_property
    def tied(self) -> dict[str, list[str]]:
        """What the associations of this level join: source -> targets."""
        found: dict[str, list[str]] = {}
        for association in kids(self.container, "association"):
            found.setdefault(association.get("sourceRef") or "", []).append(association.get("targetRef") or "")
        return found

    @cached_property
    def undoing(self) -> frozenset[str]:
        """What an association leads to."""
        return frozenset(target for targets in self.tied.values() for target in targets)

    @property
    def on_event(self) -> bool:
        """The inside of an event sub-process."""
        return true(self.container.get("triggeredByEvent"))

    @property
    def is_ad_hoc(self) -> bool:
        return local(self.container) == "adHocSubProcess"

    def each(self, kinds: Iterable[str]) -> Iterator[Place]:
        return (place for place in self.places.values() if place.kind in kinds)

    def after(self, place: Place) -> Iterator[Place]:
        """The elements that its flows lead to."""
        targets = (self.places.get(flow.get("targetRef") or "") for flow in place.outgoing)
        return (target for target in targets if target is not None)


@dataclass(frozen=True)
class Surroundings:
    """What the other files of the bundle offer; `callable` are the processes that begin without a trigger."""

    processes: frozenset[str]
    callable: frozenset[str]
    decisions: frozenset[str]
    forms: frozenset[str]
    files: frozenset[str]
    calendar: Calendar


class Diagram:
    """One BPMN file."""

    def __init__(self, file: str, root: XML, around: Surroundings) -> None:
        self.file, self.root, self.around = file, root, around
        self.references = References(root)

    @cached_property
    def processes(self) -> list[XML]:
        return Builder.processes_of(self.root)

    @cached_property
    def levels(self) -> list[Level]:
        """Every executable process and its sub-processes."""
        found: list[Level] = []
        for process in self.processes:
            self._descend(process, process, lanes(process), None, found)
        return found

    @cached_property
    def places(self) -> list[Place]:
        return [place for level in self.levels for place in level.places.values()]

    def of(self, *kinds: str) -> Iterator[Place]:
        """The elements of executable processes that are of these kinds, in the order of the kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def each(self, *names: str) -> Iterator[XML]:
        """Every BPMN element of these names in the file, executable or not; in the order of the names."""
        for name in names:
            yield from self._named.get(name, ())

    def elements(self) -> Iterator[XML]:
        """Every BPMN element of the file, in its order."""
        return self.root.iter(f"{BPMN}*")

    def events(self, place: Place) -> list[XML]:
        """The definitions of an event, those it refers to included; empty when one cannot be found."""
        try:
            return definitions(place.node, self.references)
        except PathwayError:
            return []  # said by the rule on references

    def kinds(self, place: Place) -> list[str]:
        """message, timer, error… in the order of the file."""
        return [local(definition).removesuffix(DEFINITION) for definition in self.events(place)]

    def target(self, node: XML | None) -> XML | None:
        """The element that the text of a reference names."""
        return self.references.find(text(node))

    def lost(self, place: Place) -> bool:
        """A reference of the event leads nowhere, so that its kinds are not known."""
        return any(self.target(child) is None for child in kids(place.node, "eventDefinitionRef"))

    @cached_property
    def _by_kind(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.kind, []).append(place)
        return found

    @cached_property
    def _named(self) -> dict[str, list[XML]]:
        found: dict[str, list[XML]] = {}
        for node in self.elements():
            found.setdefault(local(node), []).append(node)
        return found

    def _descend(
        self, container: XML, process: XML, lanes: Mapping[str, Lane], above: Place | None, found: list[Level]
    ) -> None:
        level = Level(container, process, above.level if above else None, kids(container, "sequenceFlow"))
        for node in kids(container):
            if local(node) in ELEMENTS:
                lane = lanes.get(node.get("id") or "", above.lane if above else None)
                place = level.places[node.get("id") or ""] = Place(node, level, lane)
                level.attached.setdefault(node.get("attachedToRef") or "", []).append(place)
        found.append(level)
        for place in level.each(SUB_PROCESSES):
            self._descend(place.node, process, lanes, place, found)

    def finding(self, node: XML, code: str, message: str, hint: str = "", severity: str = "error") -> Finding:
        """A finding on an element; what has no id is placed on the element around it."""
        holder: XML | None = node
        while holder is not None and not (holder.get("id") and holder.tag.startswith(BPMN)):
            holder = holder.getparent()
        element = "" if holder is None else holder.get("id") or ""
        return Finding(severity, self.file, element, line_of(node), message, hint, code)
