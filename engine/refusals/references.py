"""References: what an attribute or a child names is in the file, and is of the kind that the standard asks for."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.dialect import DEFINITION, XML, kids, local, text
from engine.refusals.diagram import ACTIVITIES, EVENTS, GATEWAYS, Diagram
from engine.refusals.rule import Hit, rule

ITEM = frozenset({"itemDefinition"})
DATA = frozenset(
    {"dataInput", "dataOutput", "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property",
     "inputDataItem", "outputDataItem"}
)  # fmt: skip
NODES = ACTIVITIES | EVENTS | GATEWAYS | {"callChoreography", "choreographyTask", "subChoreography"}


class Reference(NamedTuple):
    """An attribute or a child of an element, and the kinds of what it may name; none: anything that has an id."""

    elements: tuple[str, ...]
    names: tuple[str, ...]
    kinds: frozenset[str] = frozenset()


REFERENCES = (
    Reference(("message",), ("itemRef",), ITEM),
    Reference(tuple(sorted(DATA)), ("itemSubjectRef",), ITEM),
    Reference(("correlationProperty",), ("type",), ITEM),
    Reference(("dataObjectReference",), ("dataObjectRef",), frozenset({"dataObject"})),
    Reference(("dataStoreReference",), ("dataStoreRef",), frozenset({"dataStore"})),
    Reference(("operation",), ("inMessageRef", "outMessageRef"), frozenset({"message"})),
    Reference(("operation",), ("errorRef",), frozenset({"error"})),
    Reference(("messageEventDefinition", "messageFlow"), ("messageRef",), frozenset({"message"})),
    Reference(("sendTask", "receiveTask"), ("messageRef",), frozenset({"message"})),
    Reference(("correlationPropertyRetrievalExpression",), ("messageRef",), frozenset({"message"})),
    Reference(("messageEventDefinition", "serviceTask", "sendTask", "receiveTask", "ioBinding"),
              ("operationRef",), frozenset({"operation"})),
    Reference(("ioBinding",), ("inputDataRef",), frozenset({"dataInput", "inputSet"})),
    Reference(("ioBinding",), ("outputDataRef",), frozenset({"dataOutput", "outputSet"})),
    Reference(("process", "participant"), ("supportedInterfaceRef", "interfaceRef"), frozenset({"interface"})),
    Reference(("signalEventDefinition",), ("signalRef",), frozenset({"signal"})),
    Reference(("errorEventDefinition",), ("errorRef",), frozenset({"error"})),
    Reference(("escalationEventDefinition",), ("escalationRef",), frozenset({"escalation"})),
    Reference(("compensateEventDefinition",), ("activityRef",), ACTIVITIES),
    Reference(("linkEventDefinition",), ("source", "target"), frozenset({"linkEventDefinition"})),
    Reference(("lane",), ("flowNodeRef",), NODES),
    Reference(("group",), ("categoryValueRef",), frozenset({"categoryValue"})),
    Reference(("association",), ("sourceRef", "targetRef")),
    Reference(("inputSet",), ("dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs"),
              frozenset({"dataInput"})),
    Reference(("outputSet",), ("dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs"),
              frozenset({"dataOutput"})),
    Reference(("inputSet",), ("outputSetRefs",), frozenset({"outputSet"})),
    Reference(("outputSet",), ("inputSetRefs",), frozenset({"inputSet"})),
    Reference(("dataInputAssociation", "dataOutputAssociation"), ("sourceRef", "targetRef"), DATA),
    Reference(("multiInstanceLoopCharacteristics",), ("loopDataInputRef", "loopDataOutputRef"), DATA),
    Reference(("participant",), ("processRef",), frozenset({"process"})),
    Reference(("messageFlow",), ("sourceRef", "targetRef")),
    Reference(("performer", "humanPerformer", "potentialOwner", "resourceRole"), ("resourceRef",),
              frozenset({"resource"})),
    Reference(("resourceParameterBinding",), ("parameterRef",), frozenset({"resourceParameter"})),
    Reference(("correlationKey", "correlationPropertyBinding"), ("correlationPropertyRef",),
              frozenset({"correlationProperty"})),
    Reference(("correlationSubscription",), ("correlationKeyRef",), frozenset({"correlationKey"})),
)  # fmt: skip


@rule(
    "unknown-reference",
    "« {name} » renvoie à « {reference} » ({attribute}), qui n’est pas dans le fichier.",
    "Choisissez de nouveau l’élément dans la liste, ou retirez le renvoi.",
)
def found(diagram: Diagram) -> Iterator[Hit]:
    """8.2 Infrastructure: what is referenced is defined, in this file or in one that it imports."""
    for node, name, said in _said(diagram):
        if diagram.references.find(said) is None and not _is_imported(diagram, node, said):
            yield node, {"reference": said, "attribute": name}


@rule(
    "wrong-reference",
    "« {name} » renvoie à « {reference} » ({attribute}), qui n’est pas de la bonne sorte.",
    "Choisissez un élément de cette sorte : {kinds}.",
)
def fitting(diagram: Diagram) -> Iterator[Hit]:
    """8.2 Infrastructure: what is referenced is of the type that the attribute asks for."""
    for reference in REFERENCES:
        for node, name, said in _said_by(diagram, reference):
            target = diagram.references.find(said)
            if target is not None and reference.kinds and local(target) not in reference.kinds:
                yield node, {"reference": said, "attribute": name, "kinds": ", ".join(sorted(reference.kinds)[:4])}


@rule(
    "event-definition-reference",
    "L’événement « {name} » renvoie à « {reference} », qui n’est pas une définition d’événement du fichier.",
    "Définissez l’événement à la racine du fichier, ou dans l’événement lui-même.",
)
def event_definitions(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Event Definitions: eventDefinitionRef names a reusable definition, which stands at the top of the file."""
    for node in diagram.each("eventDefinitionRef"):
        target = diagram.target(node)
        is_definition = target is not None and local(target).endswith(DEFINITION)
        if not is_definition or target is None or target.getparent() is not diagram.root:
            yield node, {"reference": text(node)}


def _said(diagram: Diagram) -> Iterator[tuple[XML, str, str]]:
    for reference in REFERENCES:
        yield from _said_by(diagram, reference)


def _said_by(diagram: Diagram, reference: Reference) -> Iterator[tuple[XML, str, str]]:
    """(element, attribute or child, what it names)."""
    for node in diagram.each(*reference.elements):
        for name in reference.names:
            said = [node.get(name), *(text(child) for child in kids(node, name))]
            yield from ((node, name, one) for one in said if one)


def _is_imported(diagram: Diagram, node: XML, said: str) -> bool:
    """The name has the prefix of a namespace that the file imports."""
    prefix = said.partition(":")[0] if ":" in said else None
    namespace = node.nsmap.get(prefix)
    return bool(prefix and namespace and any(i.get("namespace") == namespace for i in diagram.each("import")))


RULES = (found, fitting, event_definitions)
