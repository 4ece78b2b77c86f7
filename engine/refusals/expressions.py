"""Expressions: every text that is FEEL can be read and calls only what exists; a mistake is said now, not in a case."""

from collections.abc import Iterator

from engine import feel, timers
from engine.dialect import BPMN, XML, ZEEBE, local, text
from engine.expressions import expression
from engine.findings import Finding
from engine.refusals.diagram import Diagram

ALWAYS = frozenset(
    {
        "conditionExpression",
        "condition",
        "loopCondition",
        "completionCondition",
        "loopCardinality",
        "activationCondition",
    }
)
TIMES = frozenset({"timeDate", "timeDuration", "timeCycle"})
HINT = 'Vérifiez la syntaxe FEEL : par exemple =age >= 18 and sexe = "F".'


def feel_texts(diagram: Diagram) -> Iterator[Finding]:
    """Conditions, mappings, assignments, timers: all that is evaluated."""
    for process in diagram.processes:
        for node in process.iter():
            yield from _of(diagram, node)
    for message in diagram.root.findall(f"{BPMN}message"):
        for node in message.iter(f"{ZEEBE}subscription"):
            yield from _of(diagram, node)


def _of(diagram: Diagram, node: XML) -> Iterator[Finding]:
    for source in _sources(node):
        yield from _check(diagram, node, source)


def _sources(node: XML) -> Iterator[str]:
    if node.tag.startswith(ZEEBE):
        for name, value in node.attrib.items():
            source = expression(str(value))
            if source is not None:
                yield source
            elif local(node) == "script" and name == "expression":
                yield str(value)
    elif node.tag.startswith(BPMN):
        body = text(node) or ""
        if local(node) in ALWAYS and body:
            yield body.removeprefix("=").strip()
        elif local(node) in TIMES and body.startswith("="):
            yield body[1:].strip()


def _check(diagram: Diagram, node: XML, source: str) -> Iterator[Finding]:
    try:
        read = feel.compile(source)
    except feel.FeelError as error:
        message = f"L’expression « {source} » ne se lit pas : {error.message}"
        yield diagram.finding(node, "bad-expression", message, HINT)
        return
    known = timers.functions(diagram.around.calendar).keys()
    for name in sorted(read.calls - known):
        message = f"L’expression « {source} » appelle « {name} », qui n’existe pas."
        yield diagram.finding(node, "unknown-function", message, "Prenez une fonction de FEEL.")
