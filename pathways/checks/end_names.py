"""Each end has a name: it is what the case is said to have come to."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import BPMN, Subject


def check(subject: Subject) -> Iterator[Finding]:
    for end in subject.each("endEvent"):
        parent = end.xml.getparent()
        if parent is not None and parent.tag == f"{BPMN}process" and not end.name:
            yield end.find(
                "end-without-name",
                "Une fin du parcours n’a pas de nom.",
                "Nommez-la d’après ce qui est arrivé au patient, par exemple « Stabilisé à J30 ».",
                "warning",
            )
