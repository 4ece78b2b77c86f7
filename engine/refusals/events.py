"""Events: each kind only where it means something, and with what it needs."""

from collections.abc import Iterator

from base.errors import PathwayError, RunError
from engine import timers
from engine.dialect import DEFINITION, XML, attribute, definitions, extension, kids, local, trigger
from engine.findings import Finding
from engine.refusals.diagram import ACTIVITIES, Diagram, Place

START = frozenset({"message", "timer", "signal", "conditional"})
CLIMBING = frozenset({"error", "escalation", "compensate"})
THROWN = frozenset({"message", "signal", "escalation", "compensate"})
ALLOWED = {
    "startEvent": START,
    "intermediateCatchEvent": START | {"link"},
    "intermediateThrowEvent": THROWN | {"link"},
    "boundaryEvent": START | CLIMBING | {"cancel"},
    "endEvent": THROWN | {"error", "terminate", "cancel"},
}
ALWAYS_INTERRUPTS = frozenset({"error", "compensate"})
TIMES = ("timeDate", "timeDuration", "timeCycle")
NEEDS_ONE = frozenset({"intermediateCatchEvent", "boundaryEvent"})
FRENCH = {
    "message": "message", "timer": "minuterie", "signal": "signal", "conditional": "condition", "error": "erreur",
    "escalation": "escalade", "compensate": "compensation", "cancel": "annulation", "terminate": "terminaison",
    "link": "lien",
}  # fmt: skip


def positions(diagram: Diagram) -> Iterator[Finding]:
    """No event stands where the standard gives it no meaning."""
    for place in diagram.places:
        if place.kind not in ALLOWED:
            continue
        found = _kinds(diagram, place)
        for kind in found:
            if kind not in _allowed(place) or (
                kind in ALWAYS_INTERRUPTS and place.node.get("isInterrupting") == "false"
            ):
                message = f"L’événement « {place.label} » ({FRENCH.get(kind, kind)}) n’a pas de sens à cet endroit."
                yield diagram.finding(place.node, "bad-event", message, "Choisissez un autre type d’événement.")
        if not found and (place.kind in NEEDS_ONE or _of_event_sub_process(place)):
            message = f"L’événement « {place.label} » ne dit pas ce qu’il attend."
            yield diagram.finding(place.node, "bad-event", message, "Choisissez message, minuterie, signal…")


def _kinds(diagram: Diagram, place: Place) -> list[str]:
    try:
        return [
            local(definition).removesuffix(DEFINITION) for definition in definitions(place.node, diagram.references)
        ]
    except PathwayError:
        return []  # said by `readable`


def _allowed(place: Place) -> frozenset[str]:
    allowed = ALLOWED[place.kind]
    if place.kind == "startEvent" and place.container is not place.process:
        return allowed | CLIMBING if _of_event_sub_process(place) else frozenset()
    if place.kind == "endEvent" and local(place.container) != "transaction":
        return allowed - {"cancel"}
    return allowed


def _of_event_sub_process(place: Place) -> bool:
    return place.kind == "startEvent" and place.container.get("triggeredByEvent") == "true"


def readable(diagram: Diagram) -> Iterator[Finding]:
    """Every event definition can be read: its message, signal, time or condition is there."""
    for place in diagram.places:
        if place.kind not in ALLOWED:
            continue
        try:
            for definition in definitions(place.node, diagram.references):
                yield from _definition(diagram, place, definition)
        except PathwayError as error:
            yield diagram.finding(place.node, error.code, error.message, error.hint)


def _definition(diagram: Diagram, place: Place, definition: XML) -> Iterator[Finding]:
    read = trigger(definition, diagram.references)
    if len(kids(definition, *TIMES)) > 1:
        message = f"La minuterie « {place.label} » dit plusieurs temps à la fois."
        yield diagram.finding(definition, "bad-timer", message, "Gardez une date, une durée ou un cycle.")
    if read.kind == "timer":
        try:
            timers.probe(read, diagram.around.calendar)
        except RunError as error:
            hint = "Écrivez par exemple PT4H, P2D, P2JO, R3/P1D, ou une expression FEEL précédée de « = »."
            yield diagram.finding(definition, "bad-timer", error.message, hint)
    elif read.kind == "conditional" and not read.text:
        yield diagram.finding(definition, "bad-event", f"L’événement « {place.label} » n’a pas de condition.")
    elif read.kind == "link" and not read.name:
        yield diagram.finding(definition, "bad-link", f"Le lien « {place.label} » n’a pas de nom.")


def messages(diagram: Diagram) -> Iterator[Finding]:
    """A message that is named is defined, and has a name."""
    for node in diagram.root.iter():
        if not node.get("messageRef") or local(node) == "messageFlow":
            continue
        found = diagram.references.find(node.get("messageRef"))
        if found is None or local(found) != "message":
            message = f"Le message « {node.get('messageRef')} » n’est pas défini dans le fichier."
            yield diagram.finding(node, "unknown-reference", message, "Choisissez le message dans la liste.")
        elif not found.get("name"):
            yield diagram.finding(node, "message-without-name", "Le message n’a pas de nom.", "Donnez-lui un nom.")


def attachments(diagram: Diagram) -> Iterator[Finding]:
    """A boundary event is attached to an activity beside it."""
    for level in diagram.levels:
        for place in level.places.values():
            if place.kind != "boundaryEvent":
                continue
            host = level.places.get(place.node.get("attachedToRef") or "")
            if host is None or host.kind not in ACTIVITIES:
                message = f"L’événement « {place.label} » n’est attaché à aucune activité de son niveau."
                yield diagram.finding(place.node, "bad-attachment", message, "Posez-le sur le bord d’une tâche.")
            yield from _interruption(diagram, place, host)


def _interruption(diagram: Diagram, place: Place, host: Place | None) -> Iterator[Finding]:
    kinds = _kinds(diagram, place)
    if "error" in kinds and place.node.get("cancelActivity") == "false":
        message = f"L’événement d’erreur « {place.label} » interrompt toujours son activité."
        yield diagram.finding(place.node, "bad-event", message, "Rendez-le interruptif, ou prenez une escalade.")
    if "cancel" in kinds and host is not None and host.kind != "transaction":
        message = f"L’annulation « {place.label} » ne va que sur une transaction."
        yield diagram.finding(place.node, "bad-event", message)


def event_sub_processes(diagram: Diagram) -> Iterator[Finding]:
    """An event sub-process has one start event, and no flow leads to it."""
    for level in diagram.levels:
        for place in level.places.values():
            if place.node.get("triggeredByEvent") != "true":
                continue
            if len(kids(place.node, "startEvent")) != 1:
                message = f"Le sous-processus événementiel « {place.label} » a besoin d’un seul événement de début."
                yield diagram.finding(place.node, "event-start", message)
            if level.incoming.get(place.id) or level.outgoing.get(place.id):
                message = f"Aucun flux ne touche le sous-processus événementiel « {place.label} »."
                yield diagram.finding(place.node, "bad-flow", message, "Retirez le flux.")


def keys(diagram: Diagram) -> Iterator[Finding]:
    """A run that waits for a message says whose message: without a key it would never come."""
    for place in diagram.places:
        waits = place.kind in ("intermediateCatchEvent", "boundaryEvent", "receiveTask") or _of_event_sub_process(place)
        references = [d.get("messageRef") for d in kids(place.node, "messageEventDefinition")]
        references += [place.node.get("messageRef")] if place.kind == "receiveTask" else []
        for reference in references if waits else []:
            found = diagram.references.find(reference)
            if found is not None and not attribute(extension(found, "subscription"), "correlationKey"):
                message = f"« {place.label} » attend un message sans clé : il n’arriverait à aucun dossier."
                hint = "Donnez au message la clé de corrélation =dossier."
                yield diagram.finding(place.node, "message-without-key", message, hint)


def only_message_starts(diagram: Diagram) -> Iterator[Finding]:
    """Pathways are started by people or by messages."""
    for place in diagram.places:
        if place.kind == "startEvent" and place.container is place.process:
            for kind in set(_kinds(diagram, place)) & {"timer", "signal", "conditional"}:
                message = f"Le début « {place.label} » ({FRENCH[kind]}) ne démarre aucun dossier."
                yield diagram.finding(place.node, "bad-event", message, "Commencez par un message.")
