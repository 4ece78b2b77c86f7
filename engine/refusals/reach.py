"""Ways through a process: everything is reached from a beginning, and everything leads to an end."""

from collections.abc import Collection, Iterator, Mapping

from engine.dialect import true
from engine.refusals.diagram import ACTIVITIES, Diagram, Level, Place
from engine.refusals.rule import Hit, rule

INTERMEDIATE = ("intermediateCatchEvent", "intermediateThrowEvent")
NEVER_FIRST = frozenset({"boundaryEvent", *INTERMEDIATE})


@rule(
    "no-start",
    "Rien ne commence dans « {name} » : il manque un événement de début.",
    "Ajoutez un événement de début.",
)
def beginnings(diagram: Diagram) -> Iterator[Hit]:
    """13.2 Process Instantiation: a process or sub-process begins at a start event, or where no flow enters."""
    for level in diagram.levels:
        if not level.is_ad_hoc and not any(not _apart(place) for place in _first(level)):
            yield level.container


@rule(
    "end-without-start",
    "« {name} » a une fin, mais aucun événement de début.",
    "Ajoutez un événement de début.",
)
def starts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: a level with an end event has a start event, or begins with what instantiates it."""
    for level in diagram.levels:
        begun = any(place.kind == "startEvent" or _instantiates(place) for place in level.places.values())
        if not level.is_ad_hoc and not begun and any(level.each(("endEvent",))):
            yield level.container


@rule("start-without-end", "« {name} » a un début, mais aucune fin.", "Ajoutez un événement de fin.")
def ends(diagram: Diagram) -> Iterator[Hit]:
    """10.5.4 End Event: a level with a start event has an end event."""
    for level in diagram.levels:
        if not level.is_ad_hoc and any(level.each(("startEvent",))) and not any(level.each(("endEvent",))):
            yield level.container


@rule("dead-end", "« {name} » ne mène nulle part.", "Reliez-le à la suite ou à une fin.")
def dead_ends(diagram: Diagram) -> Iterator[Hit]:
    """10.5.4 End Event: where there is an end event, all else has an outgoing flow; events and gateways always do."""
    for level in diagram.levels:
        has_end = any(level.each(("endEvent",)))
        for place in level.places.values():
            if place.outgoing or place.kind == "endEvent" or _needs_no_way_out(diagram, place):
                continue
            if has_end or place.kind not in ACTIVITIES:
                yield place.node


@rule("intermediate-incoming", "Rien ne mène à l’événement « {name} ».", "Tracez un flux qui y entre.")
def intermediate(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: one in normal flow is the target of a sequence flow, unless it catches a link."""
    for place in diagram.of(*INTERMEDIATE):
        caught_link = place.kind == "intermediateCatchEvent" and "link" in diagram.kinds(place)
        if place.incoming or caught_link or _apart(place):
            continue
        if not any(place.level.each(("startEvent",))):
            yield place.node


@rule("unreachable", "Aucun chemin ne mène à « {name} ».", "Reliez-le au reste, ou retirez-le.")
def unreachable(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: where there is one, all else is the target of a flow. What only follows from a lost element
    is mended with it, and not said."""
    for level in diagram.levels:
        reached = _reached(diagram, level)
        lost = {p.id: p for p in level.places.values() if p.id not in reached}
        lost = {key: p for key, p in lost.items() if not _apart(p) and key not in level.undoing}
        first = [place for place in lost.values() if not _follows(place, lost.keys())]
        yield from (place.node for place in first or list(lost.values())[:1])


@rule(
    "no-way-to-end",
    "De « {name} », aucun chemin ne mène à une fin.",
    "Ajoutez une sortie à cette boucle, vers la suite ou vers une fin.",
)
def endless(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: from every element that can be reached a way leads out of the level, or the case never ends."""
    for level in diagram.levels:
        reached = _reached(diagram, level)
        shut = reached - _leading_out(diagram, level)
        stuck = [place for key, place in level.places.items() if key in shut]
        yield from (place.node for place in stuck[:1])


def _leading_out(diagram: Diagram, level: Level) -> set[str]:
    """The elements from which a way leads to what has no way out; a link leads elsewhere."""
    todo = [key for key, place in level.places.items() if not place.outgoing or "link" in diagram.kinds(place)]
    found: set[str] = set()
    while todo:
        key = todo.pop()
        if key in found:
            continue
        found.add(key)
        todo += [flow.get("sourceRef") or "" for flow in level.incoming.get(key, ())]
        if key in level.places:
            todo += [host for host in [level.places[key].node.get("attachedToRef")] if host]
    return found


def _first(level: Level) -> Iterator[Place]:
    return (place for place in level.places.values() if not place.incoming and place.kind not in NEVER_FIRST)


def _instantiates(place: Place) -> bool:
    return true(place.node.get("instantiate"))


def _apart(place: Place) -> bool:
    """Needs no flow: event sub-processes, handlers, and everything in an ad-hoc sub-process."""
    return place.on_event or place.is_handler or place.level.is_ad_hoc


def _needs_no_way_out(diagram: Diagram, place: Place) -> bool:
    kinds = diagram.kinds(place)
    compensates = place.kind == "boundaryEvent" and "compensate" in kinds
    return compensates or (place.kind == "intermediateThrowEvent" and "link" in kinds) or _apart(place)


def _follows(place: Place, lost: Collection[str]) -> bool:
    sources = {flow.get("sourceRef") or "" for flow in place.incoming}
    return any(source in lost for source in sources) or place.node.get("attachedToRef") in lost


def _reached(diagram: Diagram, level: Level) -> set[str]:
    places = level.places
    todo = [p.id for p in places.values() if p.kind == "startEvent" or _instantiates(p)]
    if not any(level.each(("startEvent",))):
        todo += [place.id for place in _first(level)]
    todo += [p.id for p in level.each(("intermediateCatchEvent",)) if "link" in diagram.kinds(p)]
    reached: set[str] = set()
    while todo:
        key = todo.pop()
        if key in reached or key not in places:
            continue
        reached.add(key)
        todo += [flow.get("targetRef") or "" for flow in level.outgoing.get(key, ())]
        todo += [place.id for place in level.attached.get(key, ()) if key]
    return reached


def loops(level: Level) -> list[set[str]]:
    """The elements that can come back to themselves, together with those that they can come back from (Kosaraju)."""
    after = {key: [target.id for target in level.after(place)] for key, place in level.places.items()}
    before: dict[str, list[str]] = {}
    for key, targets in after.items():
        for target in targets:
            before.setdefault(target, []).append(key)
    seen: set[str] = set()
    order = [key for first in after for key in _left(first, after, seen)]
    seen = set()
    groups = (set(_left(key, before, seen)) for key in reversed(order))
    return [group for group in groups if len(group) > 1]


def _left(first: str, after: Mapping[str, list[str]], seen: set[str]) -> Iterator[str]:
    """What is reached from here and was not seen, each once all behind it has been left."""
    todo = [(first, False)]
    while todo:
        key, left = todo.pop()
        if left:
            yield key
        elif key not in seen:
            seen.add(key)
            todo.append((key, True))
            todo += [(target, False) for target in after.get(key, ())]


RULES = (beginnings, starts, ends, dead_ends, intermediate, unreachable, endless)
