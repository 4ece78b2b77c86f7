"""Pools, message flows, lanes and correlation: who talks to whom, and who does what."""

from collections.abc import Iterator

from engine.dialect import BPMN, DEFINITION, XML, kids, local, text
from engine.refusals.diagram import ACTIVITIES, EVENTS, Diagram
from engine.refusals.rule import Hit, rule

TALKERS = ACTIVITIES | EVENTS | {"participant", "process"}
NO_SOURCE = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
NO_TARGET = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})
CONVERSED = frozenset({"participant", "messageFlow", "correlationKey", "documentation", "extensionElements"})


def _ends(diagram: Diagram, flow: XML) -> tuple[XML | None, XML | None]:
    return diagram.references.find(flow.get("sourceRef")), diagram.references.find(flow.get("targetRef"))


@rule(
    "message-flow-end",
    "Le flux de message « {name} » touche « {end} », qui n’envoie ni ne reçoit de message.",
    "Reliez-le à une tâche, à un événement ou à un bassin.",
)
def message_ends(diagram: Diagram) -> Iterator[Hit]:
    """7.6 Message Flow Connections Rules: pools, activities and events have message flows; gateways, data and artifacts
    have none."""
    for flow in diagram.each("messageFlow"):
        for end in _ends(diagram, flow):
            if end is not None and local(end) not in TALKERS:
                yield flow, {"end": end.get("name") or end.get("id")}


@rule(
    "message-flow-inside",
    "Le flux de message « {name} » reste dans un même bassin.",
    "Prenez un flux de séquence : un message va d’un bassin à un autre.",
)
def between_pools(diagram: Diagram) -> Iterator[Hit]:
    """9.4 Message Flow: it joins two different pools, or elements in them."""
    for flow in diagram.each("messageFlow"):
        source, target = _ends(diagram, flow)
        if source is not None and target is not None and _pool(source) == _pool(target):
            yield flow


def _pool(end: XML) -> str | None:
    """The process of a pool or of an element; a pool without one stands for itself."""
    if local(end) == "participant":
        return (end.get("processRef") or end.get("id") or "").rpartition(":")[2]
    process = end if local(end) == "process" else next(end.iterancestors(f"{BPMN}process"), None)
    return None if process is None else process.get("id")


@rule("message-flow-source", "« {end} » ne peut pas envoyer de message.", "Retournez ce flux, ou retirez-le.")
def sources(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3, 10.5: start, catching and boundary events and receive tasks are not the source of a message flow."""
    for flow in diagram.each("messageFlow"):
        source, _ = _ends(diagram, flow)
        if source is not None and local(source) in NO_SOURCE:
            yield flow, {"end": source.get("name") or source.get("id")}


@rule("message-flow-target", "« {end} » ne peut pas recevoir de message.", "Retournez ce flux, ou retirez-le.")
def targets(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3, 10.5: end and throwing events and send tasks are not the target of a message flow."""
    for flow in diagram.each("messageFlow"):
        _, target = _ends(diagram, flow)
        if target is not None and local(target) in NO_TARGET:
            yield flow, {"end": target.get("name") or target.get("id")}


@rule(
    "message-flow-trigger",
    "« {end} » est relié à un flux de message, mais n’est pas un événement de message.",
    "Choisissez le type « message » pour cet événement, ou retirez le flux.",
)
def triggers(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 to 10.5.4: only an event of the message kind, or a multiple one with it, has a message flow."""
    for flow in diagram.each("messageFlow"):
        for end in _ends(diagram, flow):
            if end is not None and local(end) in EVENTS and not _has_message(diagram, end):
                yield flow, {"end": end.get("name") or end.get("id")}


def _has_message(diagram: Diagram, event: XML) -> bool:
    kinds = [local(child) for child in event]
    kinds += [local(one) for one in map(diagram.target, kids(event, "eventDefinitionRef")) if one is not None]
    return f"message{DEFINITION}" in kinds


@rule(
    "participant-multiplicity",
    "Le bassin « {name} » compte de {minimum} à {maximum} participants.",
    "Donnez un minimum positif ou nul, et un maximum d’au moins 1 et du minimum.",
)
def multiplicities(diagram: Diagram) -> Iterator[Hit]:
    """9.3 Participant Multiplicity: the maximum is one or more and not below the minimum, which is not negative."""
    for node in diagram.each("participantMultiplicity"):
        least, most = node.get("minimum", "0"), node.get("maximum", "1")
        numbers = [one for one in (least, most) if one.isascii() and one.isdigit()]
        if len(numbers) < 2 or not max(1, int(least)) <= int(most):
            yield node, {"minimum": least, "maximum": most}


@rule(
    "conversation-content",
    "La conversation globale « {name} » contient « {kind} ».",
    "Gardez-y seulement les participants, leurs messages et les corrélations.",
)
def conversations(diagram: Diagram) -> Iterator[Hit]:
    """9.5 Global Conversation: it holds participants, message flows and correlation keys only."""
    for node in diagram.each("globalConversation"):
        yield from ((node, {"kind": local(child)}) for child in node if local(child) not in CONVERSED)


@rule(
    "lane-of-others",
    "Le couloir « {name} » contient « {node} », qui n’est pas dans son processus.",
    "Replacez l’élément dans le couloir.",
)
def lane_nodes(diagram: Diagram) -> Iterator[Hit]:
    """10.8 Lanes: a lane refers to flow nodes of the process that it divides."""
    for lane in diagram.each("lane"):
        holder = next((above for above in lane.iterancestors() if local(above) not in LANE_PARTS), None)
        for child in kids(lane, "flowNodeRef"):
            node = diagram.target(child)
            if node is not None and all(above is not holder for above in node.iterancestors()):
                yield lane, {"node": text(child)}


LANE_PARTS = frozenset({"lane", "laneSet", "childLaneSet"})


@rule(
    "two-lanes",
    "« {node} » est dans deux couloirs à la fois, dont « {name} ».",
    "Gardez cet élément dans un seul couloir.",
)
def one_lane(diagram: Diagram) -> Iterator[Hit]:
    """10.8 Lanes: the lanes of one lane set divide it, so that an element is in one of them."""
    for group in diagram.each("laneSet", "childLaneSet"):
        seen: set[str] = set()
        for lane in kids(group, "lane"):
            nodes = {text(child) or "" for child in lane.iter(f"{BPMN}flowNodeRef")}
            yield from ((lane, {"node": node}) for node in sorted(nodes & seen))
            seen |= nodes


@rule(
    "correlation-binding",
    "La corrélation de « {name} » ne lie pas « {property} » à une donnée.",
    "Liez chaque propriété de la clé, une fois.",
)
def bindings(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Correlation: a subscription binds each property of its key, once, and no other."""
    for subscription in diagram.each("correlationSubscription"):
        key = diagram.references.find(subscription.get("correlationKeyRef"))
        wanted = sorted(text(one) or "" for one in kids(key, "correlationPropertyRef")) if key is not None else []
        bound = sorted(b.get("correlationPropertyRef") or "" for b in kids(subscription, "correlationPropertyBinding"))
        for one in sorted({*wanted, *bound}) if key is not None else ():
            if wanted.count(one) != bound.count(one):
                yield subscription, {"property": one}


@rule(
    "correlation-message",
    "La propriété de corrélation « {name} » ne sait pas lire le message « {message} ».",
    "Ajoutez-lui une expression pour chaque message de la conversation.",
)
def retrievals(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Correlation: a property is read from each message that the flows of its collaboration carry."""
    for group in diagram.each("collaboration", "globalConversation"):
        carried = [diagram.references.find(flow.get("messageRef")) for flow in kids(group, "messageFlow")]
        keys = kids(group, "correlationKey")
        for reference in (one for key in keys for one in kids(key, "correlationPropertyRef")):
            found = diagram.target(reference)
            for message in carried if found is not None else ():
                if found is not None and message is not None and not _reads(diagram, found, message):
                    yield found, {"message": message.get("name") or message.get("id")}


def _reads(diagram: Diagram, found: XML, message: XML) -> bool:
    ways = kids(found, "correlationPropertyRetrievalExpression")
    return any(diagram.references.find(way.get("messageRef")) is message for way in ways)


RULES = (
    message_ends, between_pools, sources, targets, triggers, multiplicities, conversations, lane_nodes, one_lane,
    bindings, retrievals,
)  # fmt: skip
