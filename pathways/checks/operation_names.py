"""Every service task calls an operation that Jalon has."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import Subject
from pathways.operations import OPERATIONS


def check(subject: Subject) -> Iterator[Finding]:
    for task in subject.each("serviceTask", "businessRuleTask", "scriptTask"):
        definition = task.extension("taskDefinition")
        wanted = "" if definition is None else definition.get("type") or ""
        if wanted and wanted not in OPERATIONS:
            yield task.find(
                "operation-unknown",
                f"{task.title} appelle l’opération « {wanted} », qui n’existe pas.",
                f"Choisissez parmi\u00a0: {', '.join(sorted(OPERATIONS))}.",
            )
