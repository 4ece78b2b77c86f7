"""Ids and processes: everything can be named, and something can be executed."""

from collections.abc import Iterator

from engine.dialect import BPMN, line_of, local
from engine.findings import Finding
from engine.refusals.diagram import Diagram


def executable(diagram: Diagram) -> Iterator[Finding]:
    """The file holds BPMN, and a process that may be executed."""
    if local(diagram.root) != "definitions" or not diagram.root.tag.startswith(BPMN):
        message = "Ce fichier n’est pas un diagramme BPMN 2.0."
        yield diagram.finding(diagram.root, "not-bpmn", message, "Enregistrez-le depuis l’éditeur BPMN.")
    elif not diagram.processes:
        message = "Aucun processus de ce fichier n’est exécutable."
        yield diagram.finding(diagram.root, "no-process", message, "Cochez « Executable » sur le processus.")


def ids(diagram: Diagram) -> Iterator[Finding]:
    """Every element has an id of its own."""
    seen: dict[str, int] = {}
    for node in diagram.root.iter():
        key = node.get("id")
        if key is not None and key in seen:
            message = f"L’identifiant « {key} » sert deux fois (déjà à la ligne {seen[key]})."
            yield diagram.finding(node, "duplicate-id", message, "Donnez un autre identifiant à l’un des deux.")
        elif key is not None:
            seen[key] = line_of(node)
    for place in diagram.places:
        if not place.id:
            yield diagram.finding(place.node, "missing-id", f"Un élément « {place.kind} » n’a pas d’identifiant.")
