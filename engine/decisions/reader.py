"""DMN 1.1 to 1.5 read into the model: imports, types and the requirement graph."""

import re
from collections.abc import Callable

from lxml import etree

from engine.decisions import model
from engine.decisions.boxes import first_boxed, function
from engine.decisions.faults.vocabulary import problems
from engine.decisions.xml import (
    attribute,
    child,
    children,
    is_dmn,
    line,
    name_of,
    open_file,
    tag,
    text,
    type_name,
    type_ref,
)

Element = etree._Element
Head = tuple[str, int, str, str, tuple[str, ...]]
WORD = re.compile(r"[^\W\d]\w*")


def read_model(content: bytes) -> model.Model:
    """Raises UnreadableDecisions."""
    root = open_file(content)
    elements: dict[str, model.Element] = {}
    for found in children(root):
        read = ELEMENTS.get(tag(found))
        if read is not None:
            made = read(found)
            elements.setdefault(made.id, made)
    return model.Model(
        attribute(root, "namespace"),
        attribute(root, "name"),
        tuple(map(_import, children(root, "import"))),
        tuple(_item(found) for found in children(root, "itemDefinition")),
        elements,
        tuple(problems(root)),
    )


def _import(element: Element) -> model.Import:
    kind = attribute(element, "importType")
    named = name_of(element)
    return model.Import(
        attribute(element, "id"), line(element), attribute(element, "namespace"), named, not kind or is_dmn(kind)
    )


# ---- the requirement graph


def _head(element: Element) -> Head:
    """The names are those of the variable, of the element and, for what has no variable, its id."""
    variable = child(element, "variable")
    id_ = attribute(element, "id") or f"ligne-{line(element)}"
    inner, own = name_of(variable), name_of(element)
    spare = id_ if variable is None and WORD.fullmatch(id_) else ""
    written = attribute(element, "name")  # with its own blanks, as a caller may say it
    names = tuple(dict.fromkeys(name for name in (inner, own, written, spare) if name))
    return id_, line(element), own or inner or id_, type_ref(variable), names


def _input_data(element: Element) -> model.Element:
    return model.InputData(*_head(element))


def _decision(element: Element) -> model.Element:
    requires = [
        href
        for requirement in children(element)
        if tag(requirement) in ("informationRequirement", "knowledgeRequirement")
        for href in _references(requirement, "requiredDecision", "requiredInput", "requiredKnowledge")
    ]
    return model.Decision(*_head(element), first_boxed(element), tuple(requires))


def _business_knowledge(element: Element) -> model.Element:
    logic = child(element, "encapsulatedLogic")
    requires = [
        href
        for requirement in children(element, "knowledgeRequirement")
        for href in _references(requirement, "requiredKnowledge")
    ]
    return model.BusinessKnowledge(*_head(element), None if logic is None else function(logic), tuple(requires))


def _decision_service(element: Element) -> model.Element:
    inputs = _references(element, "inputData") + _references(element, "inputDecision")
    outputs, encapsulated = _references(element, "outputDecision"), _references(element, "encapsulatedDecision")
    return model.DecisionService(*_head(element), tuple(outputs), tuple(inputs), tuple(encapsulated))


def _references(element: Element, *names: str) -> list[str]:
    return [attribute(found, "href") for name in names for found in children(element, name)]


ELEMENTS: dict[str, Callable[[Element], model.Element]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _business_knowledge,
    "decisionService": _decision_service,
}


# ---- types


def _item(element: Element) -> model.ItemDefinition:
    return model.ItemDefinition(
        attribute(element, "id"),
        line(element),
        name_of(element),
        type_name(element, text(element, "typeRef")),
        attribute(element, "isCollection") in ("true", "1"),
        child(element, "functionItem") is not None,
        text(child(element, "allowedValues")),
        text(child(element, "typeConstraint")),
        tuple(_item(found) for found in children(element, "itemComponent")),
    )
