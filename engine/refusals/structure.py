"""The schema, as far as it says what an element must have: attributes that are there, and values that are known."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.dialect import kids
from engine.refusals.diagram import Diagram
from engine.refusals.rule import Hit, rule

REQUIRED = {
    "sequenceFlow": ("sourceRef", "targetRef"),
    "messageFlow": ("sourceRef", "targetRef"),
    "association": ("sourceRef", "targetRef"),
    "boundaryEvent": ("attachedToRef",),
    "operation": ("name",),
    "interface": ("name",),
    "resource": ("name",),
    "resourceParameterBinding": ("parameterRef",),
    "correlationPropertyRetrievalExpression": ("messageRef",),
    "correlationPropertyBinding": ("correlationPropertyRef",),
    "correlationSubscription": ("correlationKeyRef",),
    "ioBinding": ("operationRef", "inputDataRef"),
    "import": ("importType", "location", "namespace"),
}
FLAG = frozenset({"true", "false", "1", "0"})
VALUES = {
    "gatewayDirection": frozenset({"Unspecified", "Converging", "Diverging", "Mixed"}),
    "eventGatewayType": frozenset({"Exclusive", "Parallel"}),
    "associationDirection": frozenset({"None", "One", "Both"}),
    "processType": frozenset({"None", "Public", "Private"}),
    "ordering": frozenset({"Parallel", "Sequential"}),
    "itemKind": frozenset({"Information", "Physical"}),
    "behavior": frozenset({"None", "One", "All", "Complex"}),
    **dict.fromkeys(
        ("isExecutable", "isClosed", "isInterrupting", "parallelMultiple", "cancelActivity", "isForCompensation",
         "triggeredByEvent", "instantiate", "isSequential", "testBefore", "isCollection", "waitForCompletion",
         "cancelRemainingInstances", "isImmediate", "isUnlimited", "isRequired", "mustUnderstand"),
        FLAG,
    ),
}  # fmt: skip


class Count(NamedTuple):
    """How many children of a name an element has."""

    element: str
    child: str
    least: int
    most: int


COUNTS = (
    Count("ioSpecification", "inputSet", 1, 10_000),
    Count("ioSpecification", "outputSet", 1, 10_000),
    Count("interface", "operation", 1, 10_000),
    Count("operation", "inMessageRef", 1, 1),
    Count("operation", "outMessageRef", 0, 1),
    Count("dataInputAssociation", "targetRef", 1, 1),
    Count("dataOutputAssociation", "targetRef", 1, 1),
    Count("dataInputAssociation", "transformation", 0, 1),
    Count("dataOutputAssociation", "transformation", 0, 1),
    Count("assignment", "from", 1, 1),
    Count("assignment", "to", 1, 1),
    Count("complexBehaviorDefinition", "condition", 1, 1),
    Count("multiInstanceLoopCharacteristics", "loopCardinality", 0, 1),
    Count("multiInstanceLoopCharacteristics", "completionCondition", 0, 1),
    Count("standardLoopCharacteristics", "loopCondition", 0, 1),
    Count("sequenceFlow", "conditionExpression", 0, 1),
    Count("correlationKey", "correlationPropertyRef", 1, 10_000),
    Count("correlationProperty", "correlationPropertyRetrievalExpression", 1, 10_000),
    Count("correlationPropertyRetrievalExpression", "messagePath", 1, 1),
)


@rule("missing-attribute", "« {name} » n’a pas d’attribut « {attribute} ».", "Corrigez l’élément dans l’éditeur.")
def attributes(diagram: Diagram) -> Iterator[Hit]:
    """15.3 XSD: attributes with use="required" are there."""
    for name, wanted in REQUIRED.items():
        for node in diagram.each(name):
            yield from ((node, {"attribute": one}) for one in wanted if not node.get(one))


@rule(
    "bad-value",
    "« {name} » : la valeur « {value} » de « {attribute} » n’existe pas.",
    "Choisissez parmi : {known}.",
)
def values(diagram: Diagram) -> Iterator[Hit]:
    """15.3 XSD: attributes of an enumerated or boolean type have one of its values."""
    for node in diagram.elements():
        for name, value in node.attrib.items():
            known = VALUES.get(str(name))
            if known is not None and value not in known:
                yield node, {"value": value, "attribute": name, "known": ", ".join(sorted(known))}


@rule(
    "bad-count",
    "« {name} » contient {count} « {child} » au lieu {wanted}.",
    "Corrigez l’élément dans l’éditeur.",
)
def counts(diagram: Diagram) -> Iterator[Hit]:
    """15.3 XSD: as many children as minOccurs and maxOccurs allow."""
    for one in COUNTS:
        for node in diagram.each(one.element):
            count = len(kids(node, one.child))
            if not one.least <= count <= one.most:
                wanted = f"d’au moins {one.least}" if count < one.least else f"de {one.most} au plus"
                yield node, {"count": count, "child": one.child, "wanted": wanted}


RULES = (attributes, values, counts)
