"""Item definitions: whether two things that carry data carry the same kind of data."""

from engine.dialect import XML, true
from engine.refusals.diagram import Diagram

ITEM_OF = {"message": "itemRef", "error": "structureRef", "escalation": "structureRef", "signal": "structureRef"}


def item(diagram: Diagram, node: XML | None, attribute: str = "itemSubjectRef") -> XML | None:
    """The item definition of a piece of data, or of a message, signal, error or escalation."""
    return None if node is None else diagram.references.find(node.get(attribute))


def equivalent(one: XML | None, other: XML | None, *, collection: bool = True) -> bool:
    """The same definition, or the same structure; what says nothing contradicts nothing."""
    if one is None or other is None or one is other:
        return True
    structure = one.get("structureRef")
    same_count = not collection or true(one.get("isCollection")) == true(other.get("isCollection"))
    return bool(structure) and structure == other.get("structureRef") and same_count
