"""Activities: what they call exists, what they repeat over is said, and somebody may answer."""

from collections.abc import Iterator

from base.errors import PathwayError
from engine.dialect import attribute, extension, kids, loop, quantity
from engine.findings import Finding
from engine.refusals.diagram import ACTIVITIES, Diagram, Place

LOOPS = ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics")


def repetitions(diagram: Diagram) -> Iterator[Finding]:
    """Loops and quantities can be read."""
    for place in diagram.places:
        if place.kind not in ACTIVITIES:
            continue
        if len(kids(place.node, *LOOPS)) > 1:
            message = f"« {place.label} » est répétée de deux façons à la fois."
            yield diagram.finding(place.node, "bad-loop", message, "Gardez une seule répétition.")
        try:
            loop(place.node, diagram.references)
            quantity(place.node, "startQuantity")
            quantity(place.node, "completionQuantity")
        except PathwayError as error:
            yield diagram.finding(place.node, error.code, error.message, error.hint)


def decisions(diagram: Diagram) -> Iterator[Finding]:
    """A business rule task calls a decision of the bundle."""
    for place in diagram.places:
        if place.kind != "businessRuleTask":
            continue
        called = attribute(extension(place.node, "calledDecision"), "decisionId")
        if called is None and extension(place.node, "taskDefinition") is None:
            message = f"« {place.label} » n’appelle aucune décision."
            yield diagram.finding(place.node, "missing-decision", message, "Choisissez une décision.")
        elif called and not called.startswith("=") and called not in diagram.around.decisions:
            message = f"La décision « {called} » n’existe pas dans ce parcours."
            yield diagram.finding(place.node, "unknown-decision", message, "Ajoutez son fichier .dmn.")


def calls(diagram: Diagram) -> Iterator[Finding]:
    """A call activity calls a process of the bundle."""
    for place in diagram.places:
        if place.kind != "callActivity":
            continue
        called = attribute(extension(place.node, "calledElement"), "processId") or place.node.get("calledElement")
        if not called:
            message = f"« {place.label} » ne dit pas quel processus elle appelle."
            yield diagram.finding(place.node, "unknown-called-element", message, "Choisissez le processus appelé.")
        elif not called.startswith("=") and called not in diagram.around.processes:
            message = f"Le processus « {called} » appelé par « {place.label} » n’existe pas."
            yield diagram.finding(place.node, "unknown-called-element", message, "Ajoutez ce parcours aux appels.")


def forms(diagram: Diagram) -> Iterator[Finding]:
    """The form of a user task is in the bundle."""
    for place in diagram.places:
        form = attribute(extension(place.node, "formDefinition"), "formId")
        if place.kind == "userTask" and form and form not in diagram.around.forms:
            message = f"Le formulaire « {form} » de « {place.label} » n’existe pas dans ce parcours."
            yield diagram.finding(place.node, "unknown-form", message, "Ajoutez son fichier .form.")


def roles(diagram: Diagram) -> Iterator[Finding]:
    """Somebody may answer a user task: its assignment says who, else its lane."""
    for place in diagram.places:
        if place.kind == "userTask" and place.lane is None and not _assigned(place):
            message = f"Personne ne peut répondre à « {place.label} » : ni couloir, ni rôle, ni personne."
            yield diagram.finding(place.node, "task-without-role", message, "Placez-la dans un couloir.")


def _assigned(place: Place) -> bool:
    assignment = extension(place.node, "assignmentDefinition")
    return any(attribute(assignment, name) for name in ("assignee", "candidateGroups", "candidateUsers"))


def operations(diagram: Diagram) -> Iterator[Finding]:
    """A service task says which operation it calls."""
    for place in diagram.places:
        if place.kind == "serviceTask" and not attribute(extension(place.node, "taskDefinition"), "type"):
            message = f"La tâche de service « {place.label} » n’appelle aucune opération."
            yield diagram.finding(place.node, "missing-operation", message, "Choisissez l’opération.")
