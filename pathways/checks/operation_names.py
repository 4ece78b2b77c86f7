"""Whatever calls an operation calls one that Jalon has: nobody else would take the work, and the case would wait."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import ZEEBE, Subject
from pathways.operations import OPERATIONS

CHOOSE = f"Choisissez parmi : {', '.join(sorted(OPERATIONS))}."


def check(subject: Subject) -> Iterator[Finding]:
    for file, root in subject.diagrams.items():
        for definition in root.iter(f"{ZEEBE}taskDefinition"):
            task, wanted = subject.owner(file, definition), definition.get("type") or ""
            if wanted.startswith("="):
                yield task.find("operation-computed", f"{task.title} choisit son opération par une formule.", CHOOSE)
            elif wanted and wanted not in OPERATIONS:
                message = f"{task.title} appelle l’opération « {wanted} », qui n’existe pas."
                yield task.find("operation-unknown", message, CHOOSE)
