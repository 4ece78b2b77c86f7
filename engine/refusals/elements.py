"""Elements that the engine does not execute, and code that it never runs."""

from collections.abc import Iterator

from engine.dialect import BPMN, ZEEBE, extension, kid, kids, local, text
from engine.elements.table import ELEMENTS, SILENT
from engine.findings import Finding
from engine.refusals.diagram import Diagram

SPIFF, CAMUNDA_7 = "{http://spiffworkflow.org/", "{http://camunda.org/schema/1.0/bpmn}"
FOREIGN_CODE = frozenset({"script", "preScript", "postScript", "executionListener", "taskListener"})
LANGUAGES = ("python", "javascript", "groovy", "ruby", "juel", "java")
USE_FEEL = "Écrivez l’expression en FEEL, précédée du signe « = »."


def supported(diagram: Diagram) -> Iterator[Finding]:
    """Nothing is left aside in silence."""
    for level in diagram.levels:
        for node in kids(level.container):
            if local(node) not in ELEMENTS and local(node) not in SILENT and node.tag.startswith(BPMN):
                message = f"L’élément « {node.get('name') or local(node)} » ({local(node)}) n’est pas exécutable."
                yield diagram.finding(
                    node, "unsupported-element", message, "Remplacez-le par une tâche ou un événement."
                )


def scripts(diagram: Diagram) -> Iterator[Finding]:
    """Scripts are FEEL: no other code is ever run."""
    for place in diagram.places:
        if place.kind != "scriptTask":
            continue
        script = extension(place.node, "script")
        body = text(kid(place.node, "script"))
        if body or (place.node.get("scriptFormat") or "feel").lower() not in ("feel", ""):
            message = f"La tâche de script « {place.label} » contient du code qui n’est pas du FEEL."
            hint = "Dans les réglages de la tâche, choisissez la réalisation « Expression FEEL »."
            yield diagram.finding(place.node, "script-not-feel", message, hint)
        elif script is None or not script.get("expression"):
            message = f"La tâche de script « {place.label} » ne contient pas d’expression."
            yield diagram.finding(place.node, "script-missing", message, "Donnez son expression FEEL.")
        elif not script.get("resultVariable"):
            message = f"La tâche de script « {place.label} » ne dit pas où ranger son résultat."
            yield diagram.finding(place.node, "script-missing", message, "Donnez la variable de résultat.")


def foreign_code(diagram: Diagram) -> Iterator[Finding]:
    """Code that other engines would run is refused, not forgotten."""
    for node in diagram.root.iter():
        if node.tag.startswith((BPMN, ZEEBE)):
            continue
        if local(node) in FOREIGN_CODE and node.tag.startswith((SPIFF, CAMUNDA_7)):
            message = f"« {local(node)} » contient du code d’un autre moteur, qui n’est jamais exécuté ici."
            yield diagram.finding(node, "foreign-code", message, "Retirez-le, ou écrivez-le en FEEL.")


def languages(diagram: Diagram) -> Iterator[Finding]:
    """The only expression language is FEEL."""
    for node in diagram.root.iter():
        if not node.tag.startswith(BPMN):
            continue
        language = (node.get("language") or "").lower()
        whole = (node.get("expressionLanguage") or "").lower()
        if (language and "feel" not in language) or any(name in whole for name in LANGUAGES):
            message = f"Le langage d’expression « {language or whole} » n’est pas accepté."
            yield diagram.finding(node, "language-not-feel", message, USE_FEEL)
