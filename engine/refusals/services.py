"""Interfaces: what a process or a global task offers is bound to its data."""

from collections.abc import Iterator

from engine.dialect import XML, kid, kids, local
from engine.refusals.diagram import Diagram
from engine.refusals.items import equivalent, item
from engine.refusals.rule import Hit, rule


def _callables(diagram: Diagram) -> Iterator[XML]:
    """Processes and global tasks; a global task has become a process of one task, and what it says is in that."""
    for process in diagram.each("process"):
        own = [task for task in process if task.get("id") and task.get("id") == process.get("id")]
        yield own[0] if own else process


@rule(
    "interface-unbound",
    "« {name} » offre une interface sans la lier à ses données.",
    "Ajoutez une liaison (ioBinding) pour chaque opération, ou retirez l’interface.",
)
def bindings(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Service Data Associations, Callable Elements: one that supports an interface binds its operations."""
    return (one for one in _callables(diagram) if kids(one, "supportedInterfaceRef") and not kids(one, "ioBinding"))


@rule(
    "binding-elsewhere",
    "Une liaison de « {name} » porte sur une opération qu’il n’offre pas.",
    "Choisissez une opération de l’une de ses interfaces.",
)
def operations(diagram: Diagram) -> Iterator[Hit]:
    """10.3.6 Callable Elements: a binding is for an operation of an interface that the element supports."""
    for one in _callables(diagram):
        offered = [diagram.target(reference) for reference in kids(one, "supportedInterfaceRef")]
        for binding in kids(one, "ioBinding"):
            operation = diagram.references.find(binding.get("operationRef"))
            if operation is not None and operation.getparent() not in offered:
                yield one


@rule(
    "binding-data",
    "Une liaison de « {name} » nomme « {data} », qui n’est pas une de ses données.",
    "Choisissez une donnée de l’élément.",
)
def own_data(diagram: Diagram) -> Iterator[Hit]:
    """10.3.6 Callable Elements: a binding names the data of the element itself."""
    for one in _callables(diagram):
        for binding in kids(one, "ioBinding"):
            for name in ("inputDataRef", "outputDataRef"):
                found = diagram.references.find(binding.get(name))
                if found is not None and all(above is not one for above in found.iterancestors()):
                    yield one, {"data": binding.get(name)}


@rule(
    "binding-type",
    "La donnée « {data} » liée par « {name} » n’a pas le type du message de l’opération.",
    "Donnez le même type à la donnée et au message.",
)
def types(diagram: Diagram) -> Iterator[Hit]:
    """10.3.6 Callable Elements: the bound data has the item definition of the operation's message."""
    for one in _callables(diagram):
        for binding in kids(one, "ioBinding"):
            operation = diagram.references.find(binding.get("operationRef"))
            for name, end in (("inputDataRef", "inMessageRef"), ("outputDataRef", "outMessageRef")):
                message = None if operation is None else diagram.target(kid(operation, end))
                data = _data(diagram, diagram.references.find(binding.get(name)))
                if message is not None and not equivalent(item(diagram, data), item(diagram, message, "itemRef")):
                    yield one, {"data": binding.get(name)}


def _data(diagram: Diagram, found: XML | None) -> XML | None:
    """A piece of data, or the only one of a set."""
    if found is None or not local(found).endswith("Set"):
        return found
    inside = kids(found, "dataInputRefs", "dataOutputRefs")
    return diagram.target(inside[0]) if len(inside) == 1 else None


RULES = (bindings, operations, own_data, types)
