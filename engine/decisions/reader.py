"""DMN 1.1 to 1.5 read into the model."""

from collections.abc import Callable

from lxml import etree

from engine.decisions import model
from engine.decisions.xml import attribute, child, children, line, open_file, tag, text, type_ref

Element = etree._Element
WHERE = tuple[str, int, str]


def read_model(content: bytes) -> model.Model:
    """Raises UnreadableDecisions."""
    root = open_file(content)
    elements: dict[str, model.Element] = {}
    for found in children(root):
        read = ELEMENTS.get(tag(found))
        if read is not None:
            made = read(found)
            elements[made.id] = made
    return model.Model(
        attribute(root, "namespace"),
        attribute(root, "name"),
        {attribute(found, "namespace"): attribute(found, "name") for found in children(root, "import")},
        tuple(_item(found) for found in children(root, "itemDefinition")),
        elements,
    )


# ---- the requirement graph


def _head(element: Element) -> tuple[str, int, str, str]:
    variable = child(element, "variable")
    name = attribute(element, "name") or attribute(variable, "name")
    return attribute(element, "id") or f"ligne-{line(element)}", line(element), name, type_ref(variable)


def _input_data(element: Element) -> model.Element:
    return model.InputData(*_head(element))


def _decision(element: Element) -> model.Element:
    requires = [
        href
        for requirement in children(element)
        if tag(requirement) in ("informationRequirement", "knowledgeRequirement")
        for href in _references(requirement, "requiredDecision", "requiredInput", "requiredKnowledge")
    ]
    return model.Decision(*_head(element), _first_boxed(element), tuple(requires))


def _business_knowledge(element: Element) -> model.Element:
    logic = child(element, "encapsulatedLogic")
    requires = [
        href
        for requirement in children(element, "knowledgeRequirement")
        for href in _references(requirement, "requiredKnowledge")
    ]
    function = None if logic is None else _function(logic)
    return model.BusinessKnowledge(*_head(element), function, tuple(requires))


def _decision_service(element: Element) -> model.Element:
    inputs = _references(element, "inputData") + _references(element, "inputDecision")
    return model.DecisionService(*_head(element), tuple(_references(element, "outputDecision")), tuple(inputs))


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
        attribute(element, "name"),
        text(element, "typeRef").rpartition(":")[2],
        attribute(element, "isCollection") == "true",
        child(element, "functionItem") is not None,
        text(child(element, "allowedValues")),
        text(child(element, "typeConstraint")),
        tuple(_item(found) for found in children(element, "itemComponent")),
    )


# ---- boxed expressions


def _first_boxed(element: Element | None) -> model.Boxed | None:
    boxed = _all_boxed(element)
    return boxed[0] if boxed else None


def _all_boxed(element: Element | None) -> list[model.Boxed]:
    return [BOXES[tag(found)](found) for found in children(element) if tag(found) in BOXES]


def _where(element: Element) -> WHERE:
    return attribute(element, "id"), line(element), type_ref(element)


def _literal(element: Element) -> model.Boxed:
    return model.LiteralExpression(*_where(element), text(element), attribute(element, "expressionLanguage"))


def _context(element: Element) -> model.Boxed:
    return model.ContextExpression(*_where(element), tuple(map(_entry, children(element, "contextEntry"))))


def _entry(element: Element) -> model.ContextEntry:
    variable = child(element, "variable")
    return model.ContextEntry(attribute(variable, "name"), type_ref(variable), _first_boxed(element))


def _list(element: Element) -> model.Boxed:
    return model.ListExpression(*_where(element), tuple(_all_boxed(element)))


def _relation(element: Element) -> model.Boxed:
    columns = tuple(attribute(column, "name") for column in children(element, "column"))
    rows = tuple(tuple(_all_boxed(row)) for row in children(element, "row"))
    return model.Relation(*_where(element), columns, rows)


def _function(element: Element) -> model.FunctionDefinition:
    parameters = tuple(
        model.Parameter(attribute(found, "name"), type_ref(found)) for found in children(element, "formalParameter")
    )
    kind = attribute(element, "kind") or "FEEL"
    return model.FunctionDefinition(*_where(element), parameters, _first_boxed(element), kind)


def _invocation(element: Element) -> model.Boxed:
    bindings = tuple(
        (attribute(child(found, "parameter"), "name"), _first_boxed(found)) for found in children(element, "binding")
    )
    return model.Invocation(*_where(element), _first_boxed(element), bindings)


def _conditional(element: Element) -> model.Boxed:
    parts = [_first_boxed(child(element, name)) for name in ("if", "then", "else")]
    return model.Conditional(*_where(element), *parts)


def _filter(element: Element) -> model.Boxed:
    parts = [_first_boxed(child(element, name)) for name in ("in", "match")]
    return model.FilterExpression(*_where(element), *parts)


def _loop(element: Element) -> model.Boxed:
    kind = tag(element)
    source, body = child(element, "in"), child(element, "return" if kind == "for" else "satisfies")
    variable = attribute(element, "iteratorVariable")
    return model.Loop(*_where(element), kind, variable, _first_boxed(source), _first_boxed(body))


def _table(element: Element) -> model.Boxed:
    return model.DecisionTable(
        *_where(element),
        attribute(element, "hitPolicy") or "UNIQUE",
        attribute(element, "aggregation"),
        tuple(map(_table_input, children(element, "input"))),
        tuple(map(_table_output, children(element, "output"))),
        tuple(map(_rule, children(element, "rule"))),
    )


def _table_input(element: Element) -> model.TableInput:
    expression = child(element, "inputExpression")
    label = attribute(element, "label") or text(expression)
    head = attribute(element, "id"), line(element), label
    return model.TableInput(*head, text(expression), type_ref(expression), text(child(element, "inputValues")))


def _table_output(element: Element) -> model.TableOutput:
    values, default = child(element, "outputValues"), child(element, "defaultOutputEntry")
    head = attribute(element, "id"), line(element), attribute(element, "name"), type_ref(element)
    return model.TableOutput(*head, text(values), text(default))


def _rule(element: Element) -> model.Rule:
    inputs = tuple(text(entry) for entry in children(element, "inputEntry"))
    outputs = tuple(text(entry) for entry in children(element, "outputEntry"))
    return model.Rule(attribute(element, "id"), line(element), inputs, outputs)


BOXES: dict[str, Callable[[Element], model.Boxed]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "invocation": _invocation,
    "decisionTable": _table,
    "conditional": _conditional,
    "filter": _filter,
    "for": _loop,
    "some": _loop,
    "every": _loop,
}
