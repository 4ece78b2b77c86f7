"""What differs between two versions of a pathway, step by step, as its author would tell it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from pathways.checks.subject import BPMN, XML, Node, Subject, read_subject
from pathways.moving import ADDED, CHANGED, REMOVED, Change
from pathways.packages import Package
from pathways.parameters import Parameter

FLOW = "sequenceFlow"
STEPS = (
    "startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent", "task", "userTask",
    "serviceTask", "sendTask", "receiveTask", "scriptTask", "manualTask", "businessRuleTask", "callActivity",
    "subProcess", "transaction", "adHocSubProcess", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
    "complexGateway", "eventBasedGateway", FLOW,
)  # fmt: skip
DRAWN = frozenset(BPMN + name for name in (*STEPS, "incoming", "outgoing", "laneSet"))
"""What inside a step is told on its own."""
Shape = tuple[object, ...]


@dataclass(frozen=True)
class Setting:
    """A parameter with its values before and after; None: it was not there."""

    label: str
    before: object
    after: object


@dataclass(frozen=True)
class Differences:
    steps: tuple[Change, ...]
    decisions: tuple[str, ...]
    parameters: tuple[Setting, ...]


@dataclass(frozen=True)
class Step:
    """One element of the drawing with all that an author may set on it."""

    title: str
    name: str
    type: str
    lane: str
    form: bytes | None
    settings: Shape


def differences(before: Package, after: Package) -> Differences:
    """Raises Refused for files that are not safe XML."""
    old, new = _steps(read_subject(before)), _steps(read_subject(after))
    return Differences(
        tuple(_changes(old, new)), tuple(_decisions(before, after)), tuple(_settings(before, after))
    )  # fmt: skip


def _changes(old: Mapping[str, Step], new: Mapping[str, Step]) -> Iterator[Change]:
    for key, step in new.items():
        if key not in old:
            yield Change(ADDED, key, step.title, step.type)
        elif parts := tuple(_parts(old[key], step)):
            renamed = (old[key].name, step.name) if "name" in parts else None
            yield Change(CHANGED, key, step.title, step.type, parts, renamed)
    for key, step in old.items():
        if key not in new:
            yield Change(REMOVED, key, step.title, step.type)


def _parts(old: Step, new: Step) -> Iterator[str]:
    same = {
        "name": old.name == new.name,
        "type": old.type == new.type,
        "roles": old.lane == new.lane,
        "form": old.form == new.form,
        "settings": old.settings == new.settings,
    }
    return (part for part, is_same in same.items() if not is_same)


def _steps(subject: Subject) -> dict[str, Step]:
    lanes = {(ref.xml.text or "").strip(): _lane(ref) for ref in subject.each("flowNodeRef")}
    nodes = {node.id: node for node in subject.each(*STEPS)}
    return {key: _step(subject, node, nodes, lanes.get(key, "")) for key, node in nodes.items()}


def _step(subject: Subject, node: Node, nodes: Mapping[str, Node], lane: str) -> Step:
    form = node.extension("formDefinition")
    _, content = subject.forms.get("" if form is None else form.get("formId") or "", ("", None))
    kind = etree.QName(node.xml).localname
    title = _way(node, nodes) if kind == FLOW else node.name
    return Step(title, node.name, kind, lane, content, _shape(node.xml))


def _way(flow: Node, nodes: Mapping[str, Node]) -> str:
    """An arrow is called by its two ends."""
    ends = [nodes[end].title for name in ("sourceRef", "targetRef") if (end := flow.xml.get(name, "")) in nodes]
    return " → ".join(ends)


def _lane(ref: Node) -> str:
    lane = ref.xml.getparent()
    return "" if lane is None else lane.get("name") or lane.get("id") or ""


def _shape(xml: XML) -> Shape:
    """What is set on an element, however its file is laid out; its name is told apart."""
    said = sorted((name, value) for name, value in xml.attrib.items() if name != "name")
    inside = [_shape(child) for child in xml.iterchildren("*") if child.tag not in DRAWN]
    return xml.tag, tuple(said), (xml.text or "").strip(), tuple(inside)


def _decisions(before: Package, after: Package) -> Iterator[str]:
    old, new = before.texts(".dmn"), after.texts(".dmn")
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield path.rpartition("/")[2].removesuffix(".dmn").replace("-", " ").replace("_", " ")


def _settings(before: Package, after: Package) -> Iterator[Setting]:
    old, new = before.parameters(), after.parameters()
    for name in sorted({*old, *new}):
        was, will = _value(old.get(name)), _value(new.get(name))
        if was != will:
            yield Setting((new.get(name) or old[name]).label or name, was, will)


def _value(parameter: Parameter | None) -> object:
    return None if parameter is None else parameter.value
