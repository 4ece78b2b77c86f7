"""Events: each kind of trigger only where the standard gives it a meaning."""

from collections.abc import Iterator

from engine.dialect import DEFINITION, kids, local, true
from engine.refusals.diagram import Diagram, Place
from engine.refusals.rule import Hit, rule

START = frozenset({"message", "timer", "signal", "conditional"})
CLIMBING = frozenset({"error", "escalation", "compensate"})
THROWN = frozenset({"message", "signal", "escalation", "compensate"})
CAUGHT = START | {"link"}
ATTACHED = START | CLIMBING | {"cancel"}
ENDED = THROWN | {"error", "terminate", "cancel"}
ALWAYS_INTERRUPTS = frozenset({"error", "compensate"})
FRENCH = {
    "message": "message", "timer": "minuterie", "signal": "signal", "conditional": "condition", "error": "erreur",
    "escalation": "escalade", "compensate": "compensation", "cancel": "annulation", "terminate": "terminaison",
    "link": "lien",
}  # fmt: skip


def _strange(diagram: Diagram, place: Place, allowed: frozenset[str]) -> Iterator[Hit]:
    """One hit for each kind that is not among these."""
    for kind in diagram.kinds(place):
        if kind not in allowed:
            yield place.node, {"kind": FRENCH.get(kind, kind)}


def _opens(place: Place) -> bool:
    """The start event of an event sub-process."""
    return place.kind == "startEvent" and place.level.on_event


@rule(
    "start-trigger",
    "Le début « {name} » ({kind}) n’a pas de sens ici.",
    "Choisissez un message, une minuterie, un signal ou une condition.",
)
def starts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: a process is started by message, timer, signal, condition, several of them, or nothing."""
    for place in diagram.of("startEvent"):
        if place.container is place.process:
            yield from _strange(diagram, place, START)


@rule(
    "sub-process-start-trigger",
    "Le début « {name} » ({kind}) est dans un sous-processus : il ne peut rien attendre.",
    "Laissez ce début sans déclencheur, ou faites-en un sous-processus événementiel.",
)
def sub_process_starts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: the one of an embedded sub-process has no trigger."""
    for place in diagram.of("startEvent"):
        if place.container is not place.process and not place.level.on_event:
            yield from _strange(diagram, place, frozenset())


@rule(
    "event-sub-process-trigger",
    "Le déclencheur « {name} » ({kind}) n’ouvre pas un sous-processus événementiel.",
    "Choisissez message, minuterie, signal, condition, erreur, escalade ou compensation.",
)
def event_sub_process_starts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: an event sub-process starts by message, timer, signal, condition, error, escalation or
    compensation."""
    for place in diagram.of("startEvent"):
        if _opens(place):
            yield from _strange(diagram, place, START | CLIMBING)


@rule(
    "event-sub-process-start",
    "Le sous-processus événementiel « {name} » a besoin d’un seul événement de début.",
    "Gardez un seul début, avec son déclencheur.",
)
def only_start(diagram: Diagram) -> Iterator[Hit]:
    """10.3.5 Event Sub-Process: it has exactly one start event."""
    return (p.node for p in diagram.places if p.on_event and len(kids(p.node, "startEvent")) != 1)


@rule(
    "event-without-trigger",
    "L’événement « {name} » ne dit pas ce qu’il attend.",
    "Choisissez un message, une minuterie ou un signal.",
)
def awaited(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: catching and boundary events and the start of an event sub-process have a trigger."""
    for place in diagram.of("intermediateCatchEvent", "boundaryEvent", "startEvent"):
        needs = place.kind != "startEvent" or _opens(place)
        if needs and not diagram.kinds(place) and not diagram.lost(place):
            yield place.node


@rule(
    "catch-trigger",
    "L’attente « {name} » ({kind}) n’a pas de sens ici.",
    "Choisissez message, minuterie, signal, condition ou lien.",
)
def caught(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: in normal flow message, timer, signal, condition and link are caught."""
    for place in diagram.of("intermediateCatchEvent"):
        yield from _strange(diagram, place, CAUGHT)


@rule(
    "throw-trigger",
    "L’envoi « {name} » ({kind}) n’a pas de sens ici.",
    "Choisissez message, signal, escalade, compensation ou lien.",
)
def thrown(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: in normal flow message, signal, escalation, compensation and link are thrown."""
    for place in diagram.of("intermediateThrowEvent"):
        yield from _strange(diagram, place, THROWN | {"link"})


@rule(
    "boundary-trigger",
    "L’événement de bord « {name} » ({kind}) n’a pas de sens ici.",
    "Choisissez message, minuterie, signal, condition, erreur, escalade ou compensation.",
)
def attached(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: attached to an activity are message, timer, signal, condition, error, escalation,
    compensation and cancel."""
    for place in diagram.of("boundaryEvent"):
        yield from _strange(diagram, place, ATTACHED)


@rule(
    "end-trigger",
    "La fin « {name} » ({kind}) n’a pas de sens ici.",
    "Choisissez message, signal, erreur, escalade, compensation ou terminaison.",
)
def ended(diagram: Diagram) -> Iterator[Hit]:
    """10.5.4 End Event: it throws message, signal, error, escalation, compensation, cancel, or terminates."""
    for place in diagram.of("endEvent"):
        yield from _strange(diagram, place, ENDED)


@rule(
    "cancel-outside-transaction",
    "L’annulation « {name} » n’a de sens que dans une transaction ou sur son bord.",
    "Prenez une erreur ou une escalade, ou faites du sous-processus une transaction.",
)
def cancellations(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3, 10.5.4: cancel is thrown by an end event in a transaction, and caught on the boundary of one."""
    for place in diagram.of("endEvent", "boundaryEvent"):
        if "cancel" in diagram.kinds(place):
            host = place.level.places.get(place.node.get("attachedToRef") or "")
            around = place.level.container if place.kind == "endEvent" else None if host is None else host.node
            if around is None or local(around) != "transaction":
                yield place.node


@rule(
    "always-interrupts",
    "L’événement « {name} » ({kind}) interrompt toujours.",
    "Rendez-le interruptif, ou prenez une escalade.",
)
def interruptions(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2, 10.5.3: error and cancel on a boundary, error and compensation of an event sub-process interrupt."""
    for place in diagram.of("boundaryEvent", "startEvent"):
        boundary = place.kind == "boundaryEvent"
        always = frozenset({"error", "cancel"}) if boundary else ALWAYS_INTERRUPTS
        if not true(place.node.get("cancelActivity" if boundary else "isInterrupting"), default=True):
            for kind in set(diagram.kinds(place)) & always:
                yield place.node, {"kind": FRENCH[kind]}


@rule(
    "compensation-handler",
    "La compensation « {name} » a besoin d’une activité de compensation.",
    "Reliez-la par une association à une seule activité, marquée « compensation ».",
)
def handlers(diagram: Diagram) -> Iterator[Hit]:
    """10.7 Compensation: an association ties the boundary event to one activity that isForCompensation."""
    for place in diagram.of("boundaryEvent"):
        if "compensate" in diagram.kinds(place) and len(_handlers(place)) != 1:
            yield place.node


@rule(
    "compensation-unmarked",
    "L’activité de compensation « {name} » n’est pas marquée comme telle.",
    "Cochez « compensation » sur cette activité.",
)
def unmarked(diagram: Diagram) -> Iterator[Hit]:
    """10.7 Compensation: what a compensation boundary event is tied to isForCompensation."""
    for place in diagram.of("boundaryEvent"):
        if "compensate" in diagram.kinds(place):
            yield from (handler.node for handler in _handlers(place) if not handler.is_handler)


def _handlers(place: Place) -> list[Place]:
    tied = place.level.tied.get(place.id, ())
    return [place.level.places[key] for key in tied if key in place.level.places]


@rule(
    "compensation-never",
    "L’activité de compensation « {name} » ne sert jamais : aucun événement n’y mène.",
    "Reliez-la par une association à un événement de compensation, ou retirez-la.",
    "warning",
)
def unused_handlers(diagram: Diagram) -> Iterator[Hit]:
    """10.7 Compensation: a compensation activity is tied to the boundary event of what it undoes."""
    for level in diagram.levels:
        unused = (p for p in level.places.values() if p.is_handler and p.id not in level.undoing)
        yield from (place.node for place in unused if not place.on_event)


@rule(
    "compensation-out-of-sight",
    "« {name} » annule « {activity} », qui n’est pas à sa portée.",
    "Choisissez une activité du même niveau.",
)
def compensated(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Compensation: the activity stands beside the event, or around the event sub-process that throws it."""
    for place in diagram.of("intermediateThrowEvent", "endEvent"):
        for definition in diagram.events(place):
            activity = definition.get("activityRef") if local(definition) == f"compensate{DEFINITION}" else None
            if activity and diagram.references.find(activity) is not None and not _in_sight(place, activity):
                yield place.node, {"activity": activity}


def _in_sight(place: Place, activity: str) -> bool:
    key, level = activity.rpartition(":")[2], place.level
    return key in level.places or (level.on_event and level.above is not None and key in level.above.places)


RULES = (
    starts, sub_process_starts, event_sub_process_starts, only_start, awaited, caught, thrown, attached, ended,
    cancellations, interruptions, handlers, unmarked, unused_handlers, compensated,
)  # fmt: skip
