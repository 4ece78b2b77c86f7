"""Sequence flows: each joins two elements that may be joined, and is told the same way from both its ends."""

from collections.abc import Iterator

from engine.dialect import XML, kids, text
from engine.refusals.diagram import ACTIVITIES, EVENTS, Diagram, Level, Place
from engine.refusals.rule import Hit, rule

MAY_DEFAULT = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}


@rule(
    "flow-out-of-level",
    "Le flux « {name} » sort de son sous-processus ou ne touche aucun élément.",
    "Retracez-le entre deux éléments du même niveau.",
)
def ends(diagram: Diagram) -> Iterator[Hit]:
    """7.6 Sequence Flow Connections Rules: a flow joins two flow nodes of one process or sub-process, never across."""
    for level in diagram.levels:
        for flow in level.flows:
            if any(flow.get(name) not in level.places for name in ("sourceRef", "targetRef")):
                yield flow


@rule("flow-into-start", "Aucun flux ne peut entrer dans le début « {name} ».", "Retirez ce flux.")
def into_starts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: it is not the target of a sequence flow."""
    return (place.node for place in diagram.of("startEvent") if place.incoming)


@rule("flow-into-boundary", "Aucun flux ne peut entrer dans l’événement de bord « {name} ».", "Retirez ce flux.")
def into_boundaries(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: one attached to an activity is not the target of a sequence flow."""
    return (place.node for place in diagram.of("boundaryEvent") if place.incoming)


@rule("flow-out-of-end", "Aucun flux ne peut sortir de la fin « {name} ».", "Retirez ce flux.")
def out_of_ends(diagram: Diagram) -> Iterator[Hit]:
    """10.5.4 End Event: it is not the source of a sequence flow."""
    return (place.node for place in diagram.of("endEvent") if place.outgoing)


@rule(
    "flow-at-event-sub-process",
    "Aucun flux ne touche le sous-processus événementiel « {name} ».",
    "Retirez le flux : l’événement suffit à le commencer.",
)
def at_event_sub_processes(diagram: Diagram) -> Iterator[Hit]:
    """10.3.5 Event Sub-Process: it has no incoming and no outgoing sequence flow."""
    return (place.node for place in diagram.places if place.on_event and (place.incoming or place.outgoing))


@rule(
    "flow-at-handler",
    "Aucun flux ne touche l’activité de compensation « {name} ».",
    "Retirez le flux, ou décochez la compensation.",
)
def at_handlers(diagram: Diagram) -> Iterator[Hit]:
    """10.7 Compensation: a compensation activity stands outside the normal flow, without sequence flows."""
    return (place.node for place in diagram.places if place.is_handler and (place.incoming or place.outgoing))


@rule(
    "flow-at-compensation",
    "Aucun flux ne sort de l’événement de compensation « {name} ».",
    "Reliez-le à son activité de compensation par une association.",
)
def out_of_compensations(diagram: Diagram) -> Iterator[Hit]:
    """10.7 Compensation: a compensation boundary event has no outgoing sequence flow."""
    for place in diagram.of("boundaryEvent"):
        if place.outgoing and "compensate" in diagram.kinds(place):
            yield place.node


@rule(
    "default-elsewhere",
    "Le flux par défaut de « {name} » n’en part pas.",
    "Choisissez pour défaut l’un des flux qui en sortent.",
)
def defaults(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Sequence Flow: the default flow of an element is one of its outgoing flows."""
    for place in diagram.places:
        default = place.node.get("default")
        if default and default not in [flow.get("id") for flow in place.outgoing]:
            yield place.node


@rule(
    "default-forbidden",
    "« {name} » ne choisit pas entre ses flux : il n’a pas de flux par défaut.",
    "Retirez le flux par défaut, ou prenez une passerelle exclusive.",
)
def default_holders(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Sequence Flow: only activities, exclusive, inclusive and complex gateways have a default flow."""
    return (place.node for place in diagram.places if place.node.get("default") and place.kind not in MAY_DEFAULT)


@rule(
    "flow-not-immediate",
    "Le flux « {name} » n’est pas immédiat, ce qu’un processus exécutable ne peut pas attendre.",
    'Retirez isImmediate="false" de ce flux.',
)
def immediate(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Sequence Flow: in an executable process isImmediate is not false."""
    return (flow for level in diagram.levels for flow in level.flows if flow.get("isImmediate") in ("false", "0"))


@rule(
    "flow-untold",
    "« {name} » et ses flux ne disent pas la même chose : {flow}.",
    "Enregistrez de nouveau le diagramme dans l’éditeur.",
)
def lists(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Flow Node: incoming and outgoing name the flows that enter and leave, where a process tells them at all."""
    telling = {place.process for place in diagram.places if kids(place.node, "incoming", "outgoing")}
    for level in diagram.levels:
        if level.process in telling:
            yield from _untold(level)


def _untold(level: Level) -> Iterator[Hit]:
    for place in level.places.values():
        for name, flows in (("incoming", place.incoming), ("outgoing", place.outgoing)):
            told = {_unprefixed(text(child)) for child in kids(place.node, name)}
            real = {flow.get("id") for flow in flows}
            if told != real:
                yield place.node, {"flow": ", ".join(sorted(str(one) for one in told ^ real))}


def _unprefixed(reference: str | None) -> str:
    return (reference or "").rpartition(":")[2]


@rule(
    "boundary-attachment",
    "L’événement « {name} » n’est attaché à aucune activité de son niveau.",
    "Posez-le sur le bord d’une tâche ou d’un sous-processus.",
)
def attachments(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: a boundary event is attached to an activity, which stands beside it."""
    for place in diagram.of("boundaryEvent"):
        host = place.level.places.get(place.node.get("attachedToRef") or "")
        if host is None or host.kind not in ACTIVITIES or host.on_event:
            yield place.node


def conditions_of(place: Place) -> Iterator[XML]:
    """The flows that leave it under a condition."""
    return (flow for flow in place.outgoing if kids(flow, "conditionExpression"))


@rule(
    "condition-ignored",
    "La condition du flux « {flow} » ne compte pas : « {source} » n’est pas un choix.",
    "Prenez une passerelle exclusive.",
)
def conditions(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Sequence Flow: a flow with a condition does not leave an event, a parallel or an event-based gateway."""
    for place in diagram.of(*sorted(EVENTS), "parallelGateway", "eventBasedGateway"):
        for flow in conditions_of(place):
            yield flow, {"flow": flow.get("name") or flow.get("id"), "source": place.node.get("name") or place.id}


@rule(
    "condition-alone",
    "Le seul flux qui sort de « {name} » a une condition : si elle est fausse, rien ne suit.",
    "Retirez la condition, ou ajoutez un autre flux.",
)
def lonely_conditions(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Sequence Flow: an activity that a conditional flow leaves has at least one other outgoing flow."""
    for place in diagram.of(*sorted(ACTIVITIES)):
        if len(place.outgoing) == len(list(conditions_of(place))) == 1:
            yield place.node


RULES = (
    ends, into_starts, into_boundaries, out_of_ends, at_event_sub_processes, at_handlers, out_of_compensations,
    defaults, default_holders, immediate, lists, attachments, conditions, lonely_conditions,
)  # fmt: skip
