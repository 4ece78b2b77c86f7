"""Gateways: they split or merge as they say, and what follows an event-based one can be waited for."""

import itertools
from collections.abc import Iterator

from engine.dialect import XML, kids, text, true
from engine.refusals.diagram import GATEWAYS, Diagram, Place
from engine.refusals.exhaustion import exhaustive
from engine.refusals.reach import loops
from engine.refusals.rule import Hit, rule

CHOICES = ("exclusiveGateway", "inclusiveGateway", "complexGateway")
AWAITED = frozenset({"message", "timer", "signal", "conditional"})
SAID = {"Converging": (True, False), "Diverging": (False, True), "Mixed": (True, True)}


@rule(
    "gateway-without-effect",
    "La passerelle « {name} » ne sépare ni ne rassemble : elle a un seul flux de chaque côté.",
    "Retirez-la, ou reliez-la à plusieurs flux.",
)
def useless(diagram: Diagram) -> Iterator[Hit]:
    """10.6.1 Sequence Flow Considerations: a gateway has several incoming or several outgoing flows."""
    return (p.node for p in diagram.of(*sorted(GATEWAYS)) if len(p.incoming) < 2 and len(p.outgoing) < 2)


@rule(
    "gateway-direction",
    "La passerelle « {name} » se dit {direction}, mais {incoming} flux y entrent et {outgoing} en sortent.",
    "Corrigez gatewayDirection, ou les flux.",
)
def directions(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Gateways: converging has several flows in and not out, diverging several out and not in, mixed both."""
    for place in diagram.of(*sorted(GATEWAYS)):
        said = place.node.get("gatewayDirection") or ""
        flows = len(place.incoming), len(place.outgoing)
        if said in SAID and SAID[said] != (flows[0] > 1, flows[1] > 1):
            yield place.node, {"direction": said, "incoming": flows[0], "outgoing": flows[1]}


@rule(
    "missing-condition",
    "Le flux « {flow} » qui sort de « {source} » n’a pas de condition.",
    "Donnez-lui une condition FEEL, ou faites-en le flux par défaut.",
)
def conditions(diagram: Diagram) -> Iterator[Hit]:
    """10.6.2 Exclusive, 10.6.3 Inclusive Gateway: each outgoing flow but the default has a condition."""
    for place in diagram.of(*CHOICES):
        for flow in place.outgoing if len(place.outgoing) > 1 else ():
            if flow.get("id") != place.node.get("default") and not _condition(flow):
                yield flow, {"flow": flow.get("name") or flow.get("id"), "source": place.node.get("name") or place.id}


@rule(
    "missing-default",
    "« {name} » n’a pas de flux par défaut : si rien n’est vrai, le dossier s’arrête.",
    "Choisissez un flux par défaut.",
    "warning",
)
def exhaustion(diagram: Diagram) -> Iterator[Hit]:
    """10.6.2 Exclusive Gateway: when no condition is true and there is no default, an exception is thrown."""
    for place in diagram.of(*CHOICES):
        conditions = [_condition(flow) for flow in place.outgoing]
        if len(conditions) > 1 and not place.node.get("default") and not exhaustive(conditions):
            yield place.node


def _condition(flow: XML) -> str:
    return "".join(text(child) or "" for child in kids(flow, "conditionExpression"))


@rule(
    "condition-on-default",
    "La condition du flux par défaut « {name} » n’est jamais lue.",
    "Retirez-la.",
    "warning",
)
def default_conditions(diagram: Diagram) -> Iterator[Hit]:
    """10.3 Activities, default: a condition of the default flow is ignored."""
    for place in diagram.places:
        default = place.node.get("default")
        yield from (flow for flow in place.outgoing if flow.get("id") == default and _condition(flow))


@rule(
    "event-gateway-target",
    "« {name} » ne mène qu’à des événements qui attendent : « {target} » n’en est pas un.",
    "Mettez après elle un message, une minuterie, un signal, une condition ou une tâche de réception.",
)
def targets(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: its flows lead to receive tasks, or to events of message, timer, signal
    or condition."""
    for place, target in _configurations(diagram):
        caught = target.kind == "intermediateCatchEvent" and set(diagram.kinds(target)) <= AWAITED
        if target.kind != "receiveTask" and not caught:
            yield place.node, {"target": target.node.get("name") or target.id}


@rule(
    "event-gateway-mixed",
    "Après « {name} », des événements de message et des tâches de réception se mêlent.",
    "Gardez les uns ou les autres.",
)
def mixtures(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: where message events follow it, receive tasks do not, and the reverse."""
    for place in diagram.of("eventBasedGateway"):
        after = list(place.level.after(place))
        messages = any("message" in diagram.kinds(target) for target in after if target.kind != "receiveTask")
        if messages and any(target.kind == "receiveTask" for target in after):
            yield place.node


@rule(
    "event-gateway-boundary",
    "La tâche de réception « {name} » suit une passerelle d’événements : elle ne porte pas d’événement de bord.",
    "Mettez cet événement après la passerelle.",
)
def boundaries(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: a receive task that follows it has no boundary event."""
    for _, target in _configurations(diagram):
        if target.kind == "receiveTask" and target.level.attached.get(target.id):
            yield target.node


@rule(
    "event-gateway-shared",
    "« {name} » suit une passerelle d’événements : aucun autre flux ne peut y entrer.",
    "Retirez l’autre flux, ou doublez l’événement.",
)
def shared(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: what follows it has no other incoming flow."""
    return (target.node for _, target in _configurations(diagram) if len(target.incoming) > 1)


@rule(
    "event-gateway-single",
    "La passerelle d’événements « {name} » ne laisse pas de choix.",
    "Faites-en sortir au moins deux flux, chacun vers un événement.",
)
def choices(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: it has two or more outgoing flows."""
    return (place.node for place in diagram.of("eventBasedGateway") if len(place.outgoing) < 2)


@rule(
    "event-gateway-beginning",
    "« {name} » commence le processus : aucun flux ne peut y entrer.",
    "Retirez les flux qui y entrent, ou son attribut instantiate.",
)
def beginnings(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: one that instantiates the process has no incoming flow."""
    return (p.node for p in diagram.of("eventBasedGateway") if true(p.node.get("instantiate")) and p.incoming)


@rule(
    "event-gateway-parallel",
    "« {name} » attend tous ses événements, ce que seule peut faire une passerelle qui commence le processus.",
    "Rendez-la exclusive, ou attendez par une passerelle parallèle.",
)
def parallel(diagram: Diagram) -> Iterator[Hit]:
    """10.6.6 Event-Based Gateway: the type Parallel is only for one that instantiates the process."""
    for place in diagram.of("eventBasedGateway"):
        if place.node.get("eventGatewayType") == "Parallel" and not true(place.node.get("instantiate")):
            yield place.node


def _configurations(diagram: Diagram) -> Iterator[tuple[Place, Place]]:
    for place in diagram.of("eventBasedGateway"):
        for target in place.level.after(place):
            if not diagram.lost(target):
                yield place, target


@rule(
    "joins-wait-for-each-other",
    "Les passerelles inclusives « {name} » et « {other} » peuvent s’attendre l’une l’autre sans fin.",
    "Rassemblez par une seule passerelle, ou sortez l’une d’elles de la boucle.",
    "warning",
)
def circular_joins(diagram: Diagram) -> Iterator[Hit]:
    """13.4.3 Inclusive Gateway: a join waits for every token that can still reach it; two in one loop wait for ever."""
    for level in diagram.levels:
        for loop in loops(level):
            inside = (level.places[key] for key in sorted(loop))
            waiting = [place for place in inside if place.kind == "inclusiveGateway" and len(place.incoming) > 1]
            for place, other in itertools.pairwise(waiting):
                yield place.node, {"other": other.node.get("name") or other.id}


RULES = (
    useless, directions, conditions, exhaustion, default_conditions, targets, mixtures, boundaries, shared, choices,
    beginnings, parallel, circular_joins,
)  # fmt: skip
