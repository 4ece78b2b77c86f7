"""The process that `parcours.json` names stands in the diagram and may be executed."""

from collections.abc import Iterator

from engine.dialect import true
from engine.findings import Finding, finding
from pathways.checks.subject import Subject
from pathways.packages import MANIFEST


def check(subject: Subject) -> Iterator[Finding]:
    wanted = subject.package.manifest.process
    processes = {node.id: node for node in subject.each("process")}
    if wanted not in processes:
        yield finding(
            "main-process-missing",
            f"Le processus « {wanted} » n’est pas dans le diagramme.",
            hint=f"Processus présents\u00a0: {', '.join(sorted(processes)) or 'aucun'}.",
            file=MANIFEST,
        )
    elif not true(processes[wanted].xml.get("isExecutable")):
        yield processes[wanted].find(
            "main-process-not-executable", f"Le processus « {wanted} » n’est pas exécutable.", "Cochez « Executable »."
        )
