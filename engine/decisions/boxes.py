"""Boxed expressions read into the model, whatever holds them."""

from collections.abc import Callable

from lxml import etree

from engine.decisions import model
from engine.decisions.xml import attribute, child, children, line, name_of, tag, text, type_ref

Element = etree._Element
WHERE = tuple[str, int, str]
CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"


def first_boxed(element: Element | None) -> model.Boxed | None:
    boxed = all_boxed(element)
    return boxed[0] if boxed else None


def all_boxed(element: Element | None) -> list[model.Boxed]:
    return [BOXES[tag(found)](found) for found in children(element) if tag(found) in BOXES]


def _where(element: Element) -> WHERE:
    return attribute(element, "id"), line(element), type_ref(element)


def _literal(element: Element) -> model.Boxed:
    return model.LiteralExpression(*_where(element), text(element), attribute(element, "expressionLanguage"))


def _context(element: Element) -> model.Boxed:
    return model.ContextExpression(*_where(element), tuple(map(_entry, children(element, "contextEntry"))))


def _entry(element: Element) -> model.ContextEntry:
    variable = child(element, "variable")
    return model.ContextEntry(line(element), name_of(variable), type_ref(variable), first_boxed(element))


def _list(element: Element) -> model.Boxed:
    return model.ListExpression(*_where(element), tuple(all_boxed(element)))


def _relation(element: Element) -> model.Boxed:
    columns = tuple(map(_parameter, children(element, "column")))
    rows = tuple(tuple(all_boxed(row)) for row in children(element, "row"))
    return model.Relation(*_where(element), columns, rows)


def _parameter(element: Element) -> model.Parameter:
    return model.Parameter(name_of(element), type_ref(element))


def function(element: Element) -> model.FunctionDefinition:
    """A function definition, or the logic of a business knowledge model."""
    parameters = tuple(map(_parameter, children(element, "formalParameter")))
    return model.FunctionDefinition(
        *_where(element), parameters, first_boxed(element), attribute(element, "kind") or "FEEL"
    )


def _invocation(element: Element) -> model.Boxed:
    bindings = tuple((name_of(child(found, "parameter")), first_boxed(found)) for found in children(element, "binding"))
    return model.Invocation(*_where(element), first_boxed(element), bindings)


def _conditional(element: Element) -> model.Boxed:
    parts = [first_boxed(child(element, name)) for name in ("if", "then", "else")]
    return model.Conditional(*_where(element), *parts)


def _filter(element: Element) -> model.Boxed:
    parts = [first_boxed(child(element, name)) for name in ("in", "match")]
    return model.FilterExpression(*_where(element), *parts)


def _loop(element: Element) -> model.Boxed:
    kind = tag(element)
    source, body = child(element, "in"), child(element, "return" if kind == "for" else "satisfies")
    variable = name_of(element, "iteratorVariable")
    return model.Loop(*_where(element), kind, variable, first_boxed(source), first_boxed(body))


# ---- tables


def _table(element: Element) -> model.Boxed:
    columns = [name_of(found) for found in children(element, "annotation")]
    return model.DecisionTable(
        *_where(element),
        attribute(element, "hitPolicy") or "UNIQUE",
        attribute(element, "aggregation"),
        tuple(map(_table_input, children(element, "input"))),
        tuple(map(_table_output, children(element, "output"))),
        tuple(_rule(found, columns) for found in children(element, "rule")),
    )


def _table_input(element: Element) -> model.TableInput:
    expression = child(element, "inputExpression")
    label = attribute(element, "label") or text(expression)
    return model.TableInput(
        attribute(element, "id"),
        line(element),
        label,
        text(expression),
        type_ref(expression),
        text(child(element, "inputValues")),
        name_of(element, CAMUNDA + "inputVariable"),
    )


def _table_output(element: Element) -> model.TableOutput:
    values, default = child(element, "outputValues"), child(element, "defaultOutputEntry")
    head = attribute(element, "id"), line(element), name_of(element), type_ref(element)
    return model.TableOutput(*head, text(values), text(default))


def _rule(element: Element, columns: list[str]) -> model.Rule:
    inputs = tuple(text(entry) for entry in children(element, "inputEntry"))
    outputs = tuple(text(entry) for entry in children(element, "outputEntry"))
    return model.Rule(attribute(element, "id"), line(element), inputs, outputs, _annotations(element, columns))


def _annotations(element: Element, columns: list[str]) -> tuple[tuple[str, str], ...]:
    """dmn-js writes them as the rule's description, DMN 1.3 in columns of their own."""
    entries = [text(entry) for entry in children(element, "annotationEntry")]
    names = [*columns, *[""] * len(entries)]
    described = (child(element, "description"),)
    said = [("", (found.text or "").strip()) for found in described if found is not None]
    return tuple((name, one) for name, one in (*said, *zip(names, entries, strict=False)) if one)


BOXES: dict[str, Callable[[Element], model.Boxed]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": function,
    "invocation": _invocation,
    "decisionTable": _table,
    "conditional": _conditional,
    "filter": _filter,
    "for": _loop,
    "some": _loop,
    "every": _loop,
}
