"""Elements that the engine does not execute, and code that it never runs."""

from collections.abc import Iterator

from engine.dialect import BPMN, kids, local
from engine.elements.table import ELEMENTS, SILENT
from engine.refusals.diagram import Diagram
from engine.refusals.rule import Hit, rule

SPIFF, CAMUNDA_7 = "{http://spiffworkflow.org/", "{http://camunda.org/schema/1.0/bpmn}"
FOREIGN_CODE = frozenset({"script", "preScript", "postScript", "executionListener", "taskListener"})
CHOREOGRAPHY = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
LANGUAGES = ("python", "javascript", "groovy", "ruby", "juel", "java")


@rule(
    "unsupported-element",
    "L’élément « {name} » ({kind}) n’est pas exécutable.",
    "Remplacez-le par une tâche ou un événement.",
)
def supported(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: what stands in a process is executed or known to mean nothing to a run; nothing is left out in silence."""
    known = ELEMENTS.keys() | SILENT | CHOREOGRAPHY
    for level in diagram.levels:
        for node in kids(level.container):
            if local(node) not in known and node.tag.startswith(BPMN):
                yield node, {"kind": local(node)}


@rule(
    "foreign-code",
    "« {code} » contient du code d’un autre moteur, qui n’est jamais exécuté ici.",
    "Retirez-le, ou écrivez-le en FEEL.",
)
def foreign_code(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: code that other engines would run is refused, not forgotten."""
    for node in diagram.root.iter():
        if local(node) in FOREIGN_CODE and node.tag.startswith((SPIFF, CAMUNDA_7)):
            yield node, {"code": local(node)}


@rule(
    "language-not-feel",
    "Le langage d’expression « {language} » n’est pas accepté.",
    "Écrivez l’expression en FEEL, précédée du signe « = ».",
)
def languages(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Formal Expression: the language of an expression is one that the engine knows, which is FEEL."""
    for node in diagram.elements():
        language = (node.get("language") or "").lower()
        whole = (node.get("expressionLanguage") or "").lower()
        if (language and "feel" not in language) or any(name in whole for name in LANGUAGES):
            yield node, {"language": language or whole}


RULES = (supported, foreign_code, languages)
