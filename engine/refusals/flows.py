"""Sequence flows: they lead from a beginning to an end, and every choice can be made."""

from collections.abc import Collection, Iterator

from engine.dialect import XML, kid, kids, local, text
from engine.findings import Finding
from engine.refusals.diagram import ACTIVITIES, Diagram, Level, Place

CHOICES = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
NEVER_FIRST = frozenset({"boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
CATCHING = frozenset({"intermediateCatchEvent", "receiveTask"})


def ends(diagram: Diagram) -> Iterator[Finding]:
    """A flow joins two elements of the same level, and the default of an element is one of its own flows."""
    for level in diagram.levels:
        for flow in level.flows:
            for name in ("sourceRef", "targetRef"):
                if flow.get(name) not in level.places:
                    message = "Ce flux sort de son sous-processus ou ne touche aucun élément."
                    yield diagram.finding(flow, "bad-flow", message, "Retracez-le entre deux éléments du même niveau.")
        for place in level.places.values():
            default = place.node.get("default")
            if default and default not in [flow.get("id") for flow in level.outgoing.get(place.id, ())]:
                message = f"Le flux par défaut de « {place.label} » n’en part pas."
                yield diagram.finding(place.node, "bad-flow", message)


def directions(diagram: Diagram) -> Iterator[Finding]:
    """Nothing enters a start or a boundary event, nothing leaves an end."""
    for level in diagram.levels:
        for place in level.places.values():
            if place.kind in ("startEvent", "boundaryEvent") and level.incoming.get(place.id):
                yield diagram.finding(place.node, "bad-flow", f"Aucun flux ne peut entrer dans « {place.label} ».")
            if place.kind == "endEvent" and level.outgoing.get(place.id):
                yield diagram.finding(place.node, "bad-flow", f"Aucun flux ne peut sortir de « {place.label} ».")


def links(diagram: Diagram) -> Iterator[Finding]:
    """A link and a compensation replace a flow: none goes beside them."""
    for level in diagram.levels:
        for place in level.places.values():
            catches = place.kind == "intermediateCatchEvent" and _is(place, "link")
            throws = place.kind == "intermediateThrowEvent" and _is(place, "link")
            undoes = place.kind == "boundaryEvent" and _is(place, "compensate")
            if catches and level.incoming.get(place.id):
                yield diagram.finding(place.node, "bad-link", f"Aucun flux n’entre dans le lien « {place.label} ».")
            if (throws or undoes) and level.outgoing.get(place.id):
                yield diagram.finding(place.node, "bad-flow", f"Aucun flux ne sort de « {place.label} ».")
        yield from _unpaired(diagram, level)


def _unpaired(diagram: Diagram, level: Level) -> Iterator[Finding]:
    """Each link that is thrown has one catch of its name on the same level."""
    caught = [_link(place) for place in level.places.values() if place.kind == "intermediateCatchEvent"]
    for place in level.places.values():
        name = _link(place)
        if place.kind == "intermediateThrowEvent" and name and caught.count(name) != 1:
            message = f"Le lien « {name} » mène à {caught.count(name)} arrivées au lieu d’une."
            yield diagram.finding(place.node, "bad-link", message, "Donnez le même nom au départ et à l’arrivée.")


def _is(place: Place, kind: str) -> bool:
    return bool(kids(place.node, f"{kind}EventDefinition"))


def _link(place: Place) -> str | None:
    found = kid(place.node, "linkEventDefinition")
    return None if found is None else found.get("name")


def choices(diagram: Diagram) -> Iterator[Finding]:
    """Each way out of a choice has a condition or is the default."""
    for level in diagram.levels:
        for place in level.places.values():
            flows = level.outgoing.get(place.id, [])
            if place.kind in CHOICES and len(flows) > 1:
                yield from _choice(diagram, place, flows)
            elif place.kind in ("parallelGateway", "eventBasedGateway"):
                for flow in flows:
                    if _condition(flow):
                        message = f"La condition de ce flux ne compte pas : « {place.label} » n’est pas un choix."
                        yield diagram.finding(flow, "condition-ignored", message, "Prenez une passerelle exclusive.")


def _choice(diagram: Diagram, place: Place, flows: list[XML]) -> Iterator[Finding]:
    default = place.node.get("default")
    for flow in flows:
        if flow.get("id") == default:
            continue
        if not _condition(flow):
            name = flow.get("name") or flow.get("id")
            message = f"Le flux « {name} » qui sort de « {place.label} » n’a pas de condition."
            hint = "Donnez-lui une condition FEEL, ou faites-en le flux par défaut."
            yield diagram.finding(flow, "missing-condition", message, hint)
    if not default:
        message = f"« {place.label} » n’a pas de flux par défaut : si rien n’est vrai, le dossier s’arrête."
        yield diagram.finding(place.node, "missing-default", message, "Choisissez un flux par défaut.", "warning")


def _condition(flow: XML) -> str | None:
    return text(kid(flow, "conditionExpression")) or None


def event_gateways(diagram: Diagram) -> Iterator[Finding]:
    """After an event-based gateway stand events that wait."""
    for level in diagram.levels:
        for place in level.places.values():
            if place.kind != "eventBasedGateway":
                continue
            for flow in level.outgoing.get(place.id, ()):
                target = level.places.get(flow.get("targetRef") or "")
                if target is not None and target.kind not in CATCHING:
                    message = f"« {place.label} » ne peut mener qu’à des événements qui attendent."
                    yield diagram.finding(flow, "bad-event", message, "Mettez un message ou une minuterie après elle.")


def dead_ends(diagram: Diagram) -> Iterator[Finding]:
    """Every way leads to an end event, in a process that has one."""
    for level in diagram.levels:
        has_end = any(place.kind == "endEvent" for place in level.places.values())
        for place in level.places.values():
            if level.outgoing.get(place.id) or place.kind == "endEvent" or _stands_alone(diagram, level, place):
                continue
            if has_end or place.kind not in ACTIVITIES:
                message = f"« {place.label} » ne mène nulle part."
                yield diagram.finding(place.node, "dead-end", message, "Reliez-le à la suite ou à une fin.")


def _stands_alone(diagram: Diagram, level: Level, place: Place) -> bool:
    """Needs no flow out: event sub-processes, handlers, links, and everything in an ad-hoc sub-process."""
    compensates = bool(kids(place.node, "compensateEventDefinition")) and place.kind == "boundaryEvent"
    link = bool(kids(place.node, "linkEventDefinition")) and place.kind == "intermediateThrowEvent"
    return compensates or link or _apart(level, place)


def _apart(level: Level, place: Place) -> bool:
    return (
        place.node.get("triggeredByEvent") == "true"
        or place.node.get("isForCompensation") == "true"
        or local(level.container) == "adHocSubProcess"
    )


def unreachable(diagram: Diagram) -> Iterator[Finding]:
    """A token can come to every element. What only follows from a lost element is mended with it, and not said."""
    for level in diagram.levels:
        reached = _reached(level)
        lost = {p.id: p for p in level.places.values() if p.id not in reached}
        lost = {key: p for key, p in lost.items() if not _apart(level, p) and not _handler(level, p)}
        first = [place for place in lost.values() if not _follows(level, place, lost.keys())]
        for place in first or list(lost.values())[:1]:
            message = f"Aucun chemin ne mène à « {place.label} »."
            yield diagram.finding(place.node, "unreachable", message, "Reliez-le au reste, ou retirez-le.")


def _follows(level: Level, place: Place, lost: Collection[str]) -> bool:
    sources = {flow.get("sourceRef") or "" for flow in level.incoming.get(place.id, ())}
    return not sources.isdisjoint(lost) or place.node.get("attachedToRef") in lost


def _handler(level: Level, place: Place) -> bool:
    """The target of a compensation association."""
    return any(a.get("targetRef") == place.id for a in kids(level.container, "association"))


def _reached(level: Level) -> set[str]:
    places = level.places
    starts = [p.id for p in places.values() if p.kind == "startEvent" or p.node.get("instantiate") == "true"]
    if not any(place.kind == "startEvent" for place in places.values()):
        starts += [p.id for p in places.values() if not level.incoming.get(p.id) and p.kind not in NEVER_FIRST]
    links = [
        p.id for p in places.values() if p.kind == "intermediateCatchEvent" and kids(p.node, "linkEventDefinition")
    ]
    reached: set[str] = set()
    todo = [*starts, *links]
    while todo:
        key = todo.pop()
        if key in reached or key not in places:
            continue
        reached.add(key)
        todo += [flow.get("targetRef") or "" for flow in level.outgoing.get(key, ())]
        todo += [p.id for p in places.values() if p.kind == "boundaryEvent" and p.node.get("attachedToRef") == key]
    return reached


def beginnings(diagram: Diagram) -> Iterator[Finding]:
    """Each level has something to begin with."""
    for level in diagram.levels:
        if local(level.container) == "adHocSubProcess":
            continue
        alone = [p for p in level.places.values() if not level.incoming.get(p.id) and p.kind not in NEVER_FIRST]
        if not any(not _apart(level, place) for place in alone):
            message = "Rien ne commence ici : il manque un événement de début."
            yield diagram.finding(level.container, "no-start", message, "Ajoutez un événement de début.")
