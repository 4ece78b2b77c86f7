"""Data: inputs and outputs stand in sets, and associations carry them between things that may hold them."""

from collections.abc import Iterator

from engine.dialect import DEFINITION, XML, kids, local, text
from engine.refusals.diagram import Diagram
from engine.refusals.items import ITEM_OF, equivalent, item
from engine.refusals.rule import Hit, rule

IN, OUT = "dataInputAssociation", "dataOutputAssociation"
SETS = {"dataInput": ("inputSet", "dataInputRefs"), "dataOutput": ("outputSet", "dataOutputRefs")}
PARTS = {
    "inputSet": ("dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs"),
    "outputSet": ("dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs"),
}
CATCH = ("startEvent", "intermediateCatchEvent", "boundaryEvent")
THROW = ("endEvent", "intermediateThrowEvent")


def _owner(association: XML) -> XML:
    """The activity or event that has it."""
    parent = association.getparent()
    return association if parent is None else parent


def _texts(node: XML, name: str) -> list[str]:
    return [text(child) or "" for child in kids(node, name)]


@rule(
    "data-without-set",
    "La donnée « {name} » n’est dans aucun ensemble ({set}).",
    "Ajoutez-la à un ensemble de l’élément.",
)
def in_sets(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: every data input is in an input set, every data output in an output set."""
    for io in diagram.each("ioSpecification"):
        for kind, (group, name) in SETS.items():
            listed = {one for found in kids(io, group) for one in _texts(found, name)}
            for data in kids(io, kind):
                if data.get("id") not in listed:
                    yield data, {"set": group}


@rule(
    "set-of-others",
    "L’ensemble « {name} » nomme « {data} », qui est la donnée d’un autre élément.",
    "Choisissez une donnée du même élément.",
)
def own_data(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: a set names the data of its own specification."""
    for group, names in PARTS.items():
        for found in diagram.each(group):
            for child in kids(found, *names):
                data = diagram.target(child)
                if data is not None and local(data) in SETS and not _beside(found, data):
                    yield found, {"data": text(child)}


def _beside(group: XML, data: XML) -> bool:
    """Of one specification; an event has its data and its set without one."""
    return data.getparent() is group.getparent()


@rule(
    "set-optional",
    "L’ensemble « {name} » rend facultative « {data} », qu’il ne contient pas.",
    "Ajoutez-la d’abord à l’ensemble.",
)
def optional(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: what a set lists as optional or while executing is one of its data."""
    for group, (whole, *parts) in PARTS.items():
        for found in diagram.each(group):
            listed = set(_texts(found, whole))
            for part in parts:
                yield from ((found, {"data": one}) for one in _texts(found, part) if one not in listed)


@rule(
    "set-one-way",
    "Les ensembles « {name} » et « {other} » ne se répondent pas.",
    "Nommez chacun dans l’autre (inputSetRefs et outputSetRefs).",
)
def both_ways(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: an input set names an output set if and only if that one names it."""
    for group, name, back in (("inputSet", "outputSetRefs", "inputSetRefs"),
                              ("outputSet", "inputSetRefs", "outputSetRefs")):  # fmt: skip
        for found in diagram.each(group):
            for child in kids(found, name):
                other = diagram.target(child)
                if other is not None and all(diagram.target(one) is not found for one in kids(other, back)):
                    yield found, {"other": text(child)}


@rule(
    "association-target",
    "La donnée qui entre dans « {name} » va à « {target} », qui n’est pas une entrée de cet élément.",
    "Choisissez une donnée d’entrée de l’élément.",
)
def input_targets(diagram: Diagram) -> Iterator[Hit]:
    """10.4.2 Data Associations: an input association leads to a data input of its element, or what its loop reads."""
    for association in diagram.each(IN):
        for child in kids(association, "targetRef"):
            target = diagram.target(child)
            if target is not None and not _own(association, target, "dataInput", "inputDataItem", "property"):
                yield _owner(association), {"target": text(child)}


@rule(
    "association-source",
    "La donnée qui sort de « {name} » vient de « {source} », qui n’est pas une sortie de cet élément.",
    "Choisissez une donnée de sortie de l’élément.",
)
def output_sources(diagram: Diagram) -> Iterator[Hit]:
    """10.4.2 Data Associations: an output association comes from a data output of its element."""
    for association in diagram.each(OUT):
        for child in kids(association, "sourceRef"):
            source = diagram.target(child)
            if source is not None and not _own(association, source, "dataOutput", "outputDataItem", "property"):
                yield _owner(association), {"source": text(child)}


def _own(association: XML, data: XML, *kinds: str) -> bool:
    holder = association.getparent()
    return local(data) in kinds and any(above is holder for above in data.iterancestors())


@rule(
    "process-data-flow",
    "« {data} », une donnée d’entrée ou de sortie du processus, est utilisée à contresens par « {name} ».",
    "Une entrée du processus se lit, une sortie du processus s’écrit.",
)
def process_data(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: a process's data input is never the target of an association, its data output never the
    source."""
    for kind, name, wrong in ((OUT, "targetRef", "dataInput"), (IN, "sourceRef", "dataOutput")):
        for association in diagram.each(kind):
            for child in kids(association, name):
                data = diagram.target(child)
                if data is not None and local(data) == wrong:
                    yield _owner(association), {"data": text(child)}


@rule(
    "association-out-of-sight",
    "« {name} » utilise la donnée « {data} », qui n’est pas à sa portée.",
    "Déclarez la donnée dans le processus ou le sous-processus qui contient l’élément.",
)
def in_sight(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: data is visible to the element that holds it and to all inside it."""
    for kind, name in ((IN, "sourceRef"), (OUT, "targetRef")):
        for association in diagram.each(kind):
            around = list(association.iterancestors())
            for child in kids(association, name):
                data = diagram.target(child)
                holder = None if data is None else _holder(data)
                if data is not None and local(data) != "dataStore" and all(one is not holder for one in around):
                    yield _owner(association), {"data": text(child)}


def _holder(data: XML) -> XML | None:
    parent = data.getparent()
    return parent.getparent() if parent is not None and local(parent) == "ioSpecification" else parent


@rule(
    "association-without-transformation",
    "« {name} » réunit {count} données sans dire comment.",
    "Gardez une source, ou donnez une transformation.",
)
def transformations(diagram: Diagram) -> Iterator[Hit]:
    """10.4.2 Data Associations: without a transformation there is one source, whose content is copied."""
    for association in diagram.each(IN, OUT):
        sources = kids(association, "sourceRef")
        if len(sources) > 1 and not kids(association, "transformation", "assignment"):
            yield _owner(association), {"count": len(sources)}


@rule(
    "association-type",
    "« {name} » copie « {source} » vers une donnée d’un autre type.",
    "Donnez le même type aux deux, ou une transformation.",
)
def types(diagram: Diagram) -> Iterator[Hit]:
    """10.4.2 Data Associations: without a transformation source and target have the same item definition."""
    for association in diagram.each(IN, OUT):
        sources = kids(association, "sourceRef")
        if len(sources) == 1 and not kids(association, "transformation", "assignment"):
            ends = [_item(diagram, child) for child in (*sources, *kids(association, "targetRef"))]
            if not all(equivalent(ends[0], one) for one in ends):
                yield _owner(association), {"source": text(sources[0])}


def _item(diagram: Diagram, reference: XML) -> XML | None:
    data = diagram.target(reference)
    behind = None if data is None else diagram.references.find(data.get("dataObjectRef") or data.get("dataStoreRef"))
    own = item(diagram, data)
    return item(diagram, behind) if own is None else own


@rule(
    "data-object-reference",
    "La référence « {name} » à un objet de données déclare un type.",
    "Déclarez le type dans l’objet de données.",
)
def object_references(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: a data object reference has no item definition of its own."""
    return (one for one in diagram.each("dataObjectReference") if one.get("itemSubjectRef"))


@rule(
    "data-object-state",
    "L’objet de données « {name} » déclare un état.",
    "Déclarez l’état dans une référence à cet objet.",
)
def object_states(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: a data object has no state; references to it have."""
    return (one for one in diagram.each("dataObject") if kids(one, "dataState"))


@rule(
    "event-data-type",
    "La donnée de l’événement « {name} » n’a pas le type de ce qu’il porte.",
    "Donnez le même type à la donnée et au message, au signal, à l’erreur ou à l’escalade.",
)
def event_types(diagram: Diagram) -> Iterator[Hit]:
    """10.5.1 Data Modeling and Events: the data of an event has the item definition of what it throws or catches."""
    for place in diagram.of(*CATCH, *THROW):
        found = kids(place.node, "dataOutput" if place.kind in CATCH else "dataInput")
        definitions = diagram.events(place)
        if len(found) == len(definitions):
            carried = (_carried(diagram, definition) for definition in definitions)
            pairs = zip(found, carried, strict=True)
            if not all(equivalent(item(diagram, data), kind) for data, kind in pairs):
                yield place.node


@rule(
    "event-data-count",
    "L’événement « {name} » a {count} données pour {definitions} déclencheurs.",
    "Donnez une donnée pour chaque déclencheur qui en porte une.",
)
def event_counts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.1 Data Modeling and Events: an event has as many data inputs or outputs as event definitions."""
    for place in diagram.of(*CATCH, *THROW):
        found = kids(place.node, "dataOutput" if place.kind in CATCH else "dataInput")
        definitions = diagram.events(place)
        if found and definitions and len(found) != len(definitions):
            yield place.node, {"count": len(found), "definitions": len(definitions)}


def _carried(diagram: Diagram, definition: XML) -> XML | None:
    kind = local(definition).removesuffix(DEFINITION)
    found = diagram.references.find(definition.get(f"{kind}Ref"))
    return item(diagram, found, ITEM_OF[kind]) if found is not None and kind in ITEM_OF else None


RULES = (
    in_sets, own_data, optional, both_ways, input_targets, output_sources, process_data, in_sight, transformations,
    types, object_references, object_states, event_types, event_counts,
)  # fmt: skip
