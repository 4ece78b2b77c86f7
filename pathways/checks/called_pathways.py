"""Every pathway that the diagram calls is in the package."""

from collections.abc import Iterator

from engine import reader
from engine.findings import Finding
from pathways.checks.subject import BPMN, Subject


def check(subject: Subject) -> Iterator[Finding]:
    here = {node.id for node in subject.each("process")} | _called_processes(subject)
    for call in subject.each("callActivity"):
        element = call.extension("calledElement")
        wanted = (None if element is None else element.get("processId")) or call.xml.get("calledElement") or ""
        if wanted not in here and not wanted.startswith("="):
            yield call.find(
                "called-process-missing",
                f"L’appel {call.title} vise le processus « {wanted} », qui est introuvable.",
                "Ajoutez son parcours à « appelle » dans parcours.json, et publiez-le d’abord.",
            )


def _called_processes(subject: Subject) -> set[str]:
    return {
        process.get("id", "")
        for package in subject.package.everything_called()
        for path, content in package.texts(".bpmn").items()
        for process in reader.read(content, path).iter(f"{BPMN}process")
    }
