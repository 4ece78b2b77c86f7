"""Every element has its place in the picture, or the editor would lose it."""

from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from pathways.checks.subject import BPMN, BPMNDI, XML, Node, Subject

DRAWN = (
    "Task",
    "Event",
    "Gateway",
    "subProcess",
    "transaction",
    "adHocSubProcess",
    "callActivity",
    "task",
    "sequenceFlow",
    "lane",
)


def check(subject: Subject) -> Iterator[Finding]:
    for file, root in subject.diagrams.items():
        drawn = {shape.get("bpmnElement") for shape in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge")}
        for xml in root.iter(f"{BPMN}*"):
            if _is_drawn(xml) and xml.get("id") not in drawn:
                node = Node(file, xml)
                yield node.find(
                    "element-without-position",
                    f"{node.title} n’a pas de place dans le dessin.",
                    "Ouvrez le diagramme dans l’éditeur et posez de nouveau cet élément.",
                )


def _is_drawn(xml: XML) -> bool:
    return etree.QName(xml).localname.endswith(DRAWN) and xml.get("id") is not None
