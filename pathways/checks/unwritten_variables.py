"""An expression that reads a name nothing writes would stop every case there."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import BPMN, XML, ZEEBE, Subject
from pathways.checks.variables import names_in, writable

SAID = ("conditionExpression", "condition", "loopCondition", "loopCardinality", "completionCondition",
        "timeDate", "timeDuration", "timeCycle")  # fmt: skip
ATTRIBUTES = {"script": "expression", "input": "source", "loopCharacteristics": "inputCollection"}


def check(subject: Subject) -> Iterator[Finding]:
    if _has_open_results(subject):
        return
    known = writable(subject)
    for file, root in subject.diagrams.items():
        for expression, text in _read(root):
            for name in sorted(names_in(text) - known):
                node = subject.owner(file, expression)
                yield node.find(
                    "variable-never-written",
                    f"{node.title} lit « {name} », que rien n’écrit dans ce parcours.",
                    "Corrigez le nom, ou écrivez cette donnée avant.",
                    "warning",
                )


def _read(root: XML) -> Iterator[tuple[XML, str]]:
    """Every FEEL text that reads what came before; what an output mapping reads is its own task's result."""
    for tag in SAID:
        for xml in root.iter(f"{BPMN}{tag}"):
            text = (xml.text or "").strip()
            if text.startswith("=") or not tag.startswith("time"):
                yield xml, text
    for tag, attribute in ATTRIBUTES.items():
        for xml in root.iter(f"{ZEEBE}{tag}"):
            text = xml.get(attribute) or ""
            if text.startswith("="):
                yield xml, text


def _has_open_results(subject: Subject) -> bool:
    """Called pathways and service tasks without output mappings may write names that the files do not tell."""
    for node in subject.each("callActivity", "serviceTask", "sendTask", "receiveTask"):
        mapping = node.extension("ioMapping")
        is_open = mapping is None or mapping.find(f"{ZEEBE}output") is None
        if is_open and any(node.extension(name) is not None for name in ("calledElement", "taskDefinition")):
            return True
    return False
