"""Activities: quantities, loops and multi-instance, and the resources that perform them."""

from collections.abc import Iterator

from engine.dialect import XML, attribute, extension, kid, kids, local, text, true
from engine.refusals.diagram import ACTIVITIES, SUB_PROCESSES, Diagram, Place
from engine.refusals.items import equivalent, item
from engine.refusals.rule import Hit, rule

STANDARD, MULTIPLE = "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"
ROLES = ("performer", "humanPerformer", "potentialOwner", "resourceRole")
COLLECTIONS = frozenset({"dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property"})
BEHAVIOURS = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}


def _activities(diagram: Diagram) -> Iterator[Place]:
    return diagram.of(*sorted(ACTIVITIES))


def _multiple(diagram: Diagram) -> Iterator[tuple[Place, XML]]:
    for place in _activities(diagram):
        yield from ((place, loop) for loop in kids(place.node, MULTIPLE))


@rule(
    "bad-quantity",
    "« {name} » : {attribute} vaut « {value} ».",
    "Donnez un nombre d’au moins 1.",
)
def quantities(diagram: Diagram) -> Iterator[Hit]:
    """10.3 Activities: startQuantity and completionQuantity are 1 or more."""
    for place in _activities(diagram):
        for name in ("startQuantity", "completionQuantity"):
            value = place.node.get(name, "1")
            if not (value.isascii() and value.isdigit()) or int(value[:9]) < 1:
                yield place.node, {"attribute": name, "value": value}


@rule("two-loops", "« {name} » est répétée de deux façons à la fois.", "Gardez une seule répétition.")
def one_loop(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Loop Characteristics: an activity has at most one."""
    return (place.node for place in _activities(diagram) if len(kids(place.node, STANDARD, MULTIPLE)) > 1)


@rule("bad-loop-maximum", "« {name} » : loopMaximum vaut « {value} ».", "Donnez un nombre positif, ou retirez-le.")
def maximums(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Standard Loop Characteristics: loopMaximum caps the number of turns."""
    for place in _activities(diagram):
        for loop in kids(place.node, STANDARD):
            value = loop.get("loopMaximum", "1")
            if not (value.isascii() and value.isdigit()):
                yield place.node, {"value": value}


@rule(
    "loop-without-collection",
    "La répétition de « {name} » ne dit pas sur quoi elle porte.",
    "Indiquez une collection (inputCollection) ou un nombre de fois (loopCardinality).",
)
def over_something(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: either a loopCardinality or a collection is given."""
    return (place.node for place, loop in _multiple(diagram) if not any(_ranges(loop)))


@rule(
    "loop-over-both",
    "La répétition de « {name} » a un nombre de fois et une collection.",
    "Gardez l’un ou l’autre.",
)
def over_one_thing(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: loopCardinality and loopDataInputRef are not given together."""
    return (place.node for place, loop in _multiple(diagram) if all(_ranges(loop)))


def _ranges(loop: XML) -> tuple[bool, bool]:
    """Whether it has a number of turns, and a collection."""
    zeebe = attribute(extension(loop, "loopCharacteristics"), "inputCollection")
    return bool(text(kid(loop, "loopCardinality"))), bool(zeebe or text(kid(loop, "loopDataInputRef")))


@rule("bad-cardinality", "Le nombre de répétitions de « {name} » est « {value} ».", "Donnez un nombre entier positif.")
def cardinalities(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: loopCardinality evaluates to an integer, which is not negative."""
    for place, loop in _multiple(diagram):
        said = (text(kid(loop, "loopCardinality")) or "0").removeprefix("=").strip()
        if said.startswith("-") or said.replace(".", "", 1).isdigit() != said.isdigit():
            yield place.node, {"value": said}


@rule(
    "loop-data",
    "La répétition de « {name} » porte sur « {data} », qui n’est pas une collection de cette activité.",
    "Choisissez une donnée de l’activité, ou un objet de données pour un sous-processus, marqués collection.",
)
def collections(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: loopDataInputRef and loopDataOutputRef name a collection: data of the
    task, or a data object around a sub-process."""
    for place, loop in _multiple(diagram):
        for name, kind in (("loopDataInputRef", "dataInput"), ("loopDataOutputRef", "dataOutput")):
            for child in kids(loop, name):
                data = diagram.target(child)
                if data is not None and not _iterable(diagram, place, data, kind):
                    yield place.node, {"data": text(child)}


def _iterable(diagram: Diagram, place: Place, data: XML, kind: str) -> bool:
    if local(data) in COLLECTIONS:
        return place.kind in SUB_PROCESSES and _is_collection(diagram, data)
    own = data.getparent()
    inside = own is not None and own.getparent() is place.node
    return local(data) == kind and inside and _is_collection(diagram, data)


def _is_collection(diagram: Diagram, data: XML) -> bool:
    """By itself, by its item definition, or by the data object that it refers to."""
    behind = diagram.references.find(data.get("dataObjectRef") or data.get("dataStoreRef"))
    found = [data, item(diagram, data), behind, item(diagram, behind)]
    return any(true(one.get("isCollection")) for one in found if one is not None)


@rule(
    "loop-item",
    "L’élément de la répétition de « {name} » n’est pas du type de sa collection.",
    "Donnez-lui le type d’un seul élément de la collection.",
)
def loop_items(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: inputDataItem and outputDataItem are one item of the collection's type."""
    for place, loop in _multiple(diagram):
        for one, whole in (("inputDataItem", "loopDataInputRef"), ("outputDataItem", "loopDataOutputRef")):
            found, collection = kid(loop, one), diagram.target(kid(loop, whole))
            kind = item(diagram, found)
            single = kind is None or not true(kind.get("isCollection"))
            if found is not None and not (single and equivalent(kind, item(diagram, collection), collection=False)):
                yield place.node


@rule(
    "loop-event",
    "La répétition de « {name} » ({behavior}) ne dit pas quel événement elle lance.",
    "Choisissez l’événement, ou le comportement « All ».",
)
def behaviours(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: behavior None, One and Complex say which events are thrown."""
    for place, loop in _multiple(diagram):
        behaviour = loop.get("behavior", "All")
        given = loop.get(BEHAVIOURS[behaviour]) if behaviour in BEHAVIOURS else True
        if behaviour == "Complex":
            given = bool(kids(loop, "complexBehaviorDefinition"))
        if not given:
            yield place.node, {"behavior": behaviour}


@rule(
    "loop-event-reference",
    "La répétition de « {name} » lance « {event} », qui n’est pas une définition d’événement.",
    "Choisissez une définition d’événement du fichier.",
)
def behaviour_events(diagram: Diagram) -> Iterator[Hit]:
    """10.3.8 Multi-Instance Characteristics: noneBehaviorEventRef and oneBehaviorEventRef name event definitions."""
    for place, loop in _multiple(diagram):
        for name in BEHAVIOURS.values():
            said = loop.get(name)
            found = diagram.references.find(said)
            if said and (found is None or not local(found).endswith("EventDefinition")):
                yield place.node, {"event": said}


@rule(
    "two-assignments",
    "« {name} » désigne qui agit de deux façons à la fois.",
    "Gardez la ressource, ou l’expression.",
)
def assignments(diagram: Diagram) -> Iterator[Hit]:
    """10.3.1 Resource Assignment: an assignment expression is not given beside a resource and its parameters."""
    for role in diagram.each(*ROLES):
        if kids(role, "resourceAssignmentExpression") and kids(role, "resourceRef", "resourceParameterBinding"):
            yield role


@rule(
    "resource-parameter",
    "« {name} » : le paramètre « {parameter} » de la ressource est obligatoire, ou n’est pas le sien.",
    "Donnez une valeur à chaque paramètre obligatoire de la ressource, et à aucun autre.",
)
def parameters(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Resources: bindings name parameters of the resource, and those that are required are bound."""
    for role in diagram.each(*ROLES):
        resource = diagram.target(kid(role, "resourceRef"))
        own = [] if resource is None else kids(resource, "resourceParameter")
        bound = [diagram.references.find(one.get("parameterRef")) for one in kids(role, "resourceParameterBinding")]
        missing = [one for one in own if true(one.get("isRequired")) and one not in bound]
        strange = [one for one in bound if one is not None and resource is not None and one not in own]
        for one in missing + strange:
            yield role, {"parameter": one.get("name") or one.get("id")}


RULES = (
    quantities, one_loop, maximums, over_something, over_one_thing, cardinalities, collections, loop_items, behaviours,
    behaviour_events, assignments, parameters,
)  # fmt: skip
