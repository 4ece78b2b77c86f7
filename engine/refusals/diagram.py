"""A BPMN file as the refusal rules see it: its executable processes, their elements and what hangs together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from base.calendars import Calendar
from engine.definition import Builder
from engine.dialect import BPMN, XML, Lane, References, kids, lanes, line_of, local
from engine.elements.table import CONTAINERS, ELEMENTS
from engine.findings import Finding

ACTIVITIES = frozenset(
    name for name in ELEMENTS if name.endswith("Task") or name in CONTAINERS or name in ("task", "callActivity")
)


@dataclass(frozen=True)
class Place:
    """One element of a process: the element, what directly contains it, the process, its lane."""

    node: XML
    container: XML
    process: XML
    lane: Lane | None

    @property
    def kind(self) -> str:
        return local(self.node)

    @property
    def id(self) -> str:
        return self.node.get("id") or ""

    @property
    def label(self) -> str:
        return self.node.get("name") or self.id


@dataclass
class Level:
    """One process or sub-process: its elements by id and the flows between them."""

    container: XML
    places: dict[str, Place]
    flows: list[XML]
    outgoing: dict[str, list[XML]] = field(default_factory=dict)
    incoming: dict[str, list[XML]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for flow in self.flows:
            self.outgoing.setdefault(flow.get("sourceRef") or "", []).append(flow)
            self.incoming.setdefault(flow.get("targetRef") or "", []).append(flow)


@dataclass(frozen=True)
class Surroundings:
    """What the other files of the bundle offer."""

    processes: frozenset[str]
    decisions: frozenset[str]
    forms: frozenset[str]
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
        """Every process and sub-process."""
        found: list[Level] = []
        for process in self.processes:
            self._descend(process, process, lanes(process), None, found)
        return found

    @property
    def places(self) -> Iterator[Place]:
        for level in self.levels:
            yield from level.places.values()

    def _descend(
        self, container: XML, process: XML, lanes: Mapping[str, Lane], lane: Lane | None, found: list[Level]
    ) -> None:
        places: dict[str, Place] = {}
        for node in kids(container):
            if local(node) in ELEMENTS:
                own = lanes.get(node.get("id") or "", lane)
                places[node.get("id") or ""] = Place(node, container, process, own)
        found.append(Level(container, places, kids(container, "sequenceFlow")))
        for place in places.values():
            if place.kind in CONTAINERS:
                self._descend(place.node, process, lanes, place.lane, found)

    def finding(self, node: XML, code: str, message: str, hint: str = "", severity: str = "error") -> Finding:
        """A finding on an element; what has no id is placed on the element around it."""
        holder: XML | None = node
        while holder is not None and not (holder.get("id") and holder.tag.startswith(BPMN)):
            holder = holder.getparent()
        element = "" if holder is None else holder.get("id") or ""
        return Finding(severity, self.file, element, line_of(node), message, hint, code)
