"""A condition that reads a name nothing writes would stop every case there."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import BPMN, ZEEBE, Subject
from pathways.checks.variables import names_in, writable


def check(subject: Subject) -> Iterator[Finding]:
    if _has_open_results(subject):
        return
    known = writable(subject)
    for file, root in subject.diagrams.items():
        for expression in root.iter(f"{BPMN}conditionExpression"):
            for name in sorted(names_in(expression.text or "") - known):
                node = subject.owner(file, expression)
                yield node.find(
                    "variable-never-written",
                    f"La condition {node.title} lit « {name} », que rien n’écrit dans ce parcours.",
                    "Corrigez le nom, ou écrivez cette donnée avant.",
                    "warning",
                )


def _has_open_results(subject: Subject) -> bool:
    """Called pathways and service tasks without output mappings may write names that the files do not tell."""
    for node in subject.each("callActivity", "serviceTask", "sendTask", "receiveTask"):
        mapping = node.extension("ioMapping")
        is_open = mapping is None or mapping.find(f"{ZEEBE}output") is None
        if is_open and any(node.extension(name) is not None for name in ("calledElement", "taskDefinition")):
            return True
    return False
