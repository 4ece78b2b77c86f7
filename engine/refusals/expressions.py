"""Expressions: every text that is FEEL can be read and calls only what exists; a mistake is said now, not in a case."""

from collections.abc import Iterator

from engine import feel, timers
from engine.dialect import BPMN, XML, ZEEBE, local, text
from engine.expressions import expression
from engine.refusals.diagram import Diagram
from engine.refusals.rule import Hit, rule

CONDITIONS = ("conditionExpression", "condition")
ALWAYS = frozenset({*CONDITIONS, "loopCondition", "completionCondition", "loopCardinality", "activationCondition"})
TIMES = frozenset({"timeDate", "timeDuration", "timeCycle"})
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@rule(
    "bad-expression",
    "L’expression « {text} » ne se lit pas : {reason}",
    'Vérifiez la syntaxe FEEL : par exemple =age >= 18 and sexe = "F".',
)
def readable(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: conditions, mappings, assignments and timers are FEEL that can be read."""
    for node, source in _texts(diagram):
        try:
            feel.compile(source)
        except feel.FeelError as error:
            yield node, {"text": source, "reason": error.message}


@rule(
    "unknown-function",
    "L’expression « {text} » appelle « {function} », qui n’existe pas.",
    "Prenez une fonction de FEEL.",
)
def known(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: an expression calls only functions that exist."""
    ours = timers.functions(diagram.around.calendar).keys()
    for node, source in _texts(diagram):
        for name in sorted(_calls(source) - ours):
            yield node, {"text": source, "function": name}


def _calls(source: str) -> frozenset[str]:
    try:
        return frozenset(feel.compile(source).calls)
    except feel.FeelError:
        return frozenset()  # said by `readable`


@rule(
    "condition-not-formal",
    "La condition « {text} » est un texte, pas une expression.",
    "Écrivez-la en FEEL, précédée du signe « = ».",
)
def formal(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Expressions: what an executable process evaluates is a formal expression, by its xsi:type or a leading sign
    of FEEL; natural language cannot be evaluated."""
    for process in diagram.processes:
        for node in process.iter(*(BPMN + name for name in CONDITIONS)):
            said = text(node) or ""
            typed = (node.get(TYPE) or "").rpartition(":")[2] == "tFormalExpression"
            if said and not typed and not said.startswith("="):
                yield node, {"text": said}


def _texts(diagram: Diagram) -> Iterator[tuple[XML, str]]:
    """Every FEEL text of the executable processes and of the keys of messages."""
    roots = [*diagram.processes, *diagram.root.findall(f"{BPMN}message")]
    for node in (node for root in roots for node in root.iter()):
        yield from ((node, source) for source in _sources(node))


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


RULES = (readable, known, formal)
