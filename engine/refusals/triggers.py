"""Event definitions: the message, signal, error, time, condition or link of an event is there and can be read."""

from collections.abc import Iterator

from base.errors import RunError
from engine import timers
from engine.dialect import DEFINITION, XML, kid, kids, local, text, trigger
from engine.refusals.diagram import EVENTS, Diagram, Place
from engine.refusals.rule import Hit, rule

TIMES = ("timeDate", "timeDuration", "timeCycle")


def _each(diagram: Diagram, kind: str, *places: str) -> Iterator[tuple[Place, XML]]:
    """The event definitions of a kind, with the event that has or refers to each."""
    for place in diagram.of(*(places or sorted(EVENTS))):
        for definition in diagram.events(place):
            if local(definition) == kind + DEFINITION:
                yield place, definition


@rule("message-missing", "L’événement « {name} » ne dit pas quel message.", "Choisissez le message dans la liste.")
def message_references(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Message Event Definition: in an executable process messageRef is given."""
    return (place.node for place, definition in _each(diagram, "message") if not definition.get("messageRef"))


@rule("message-without-name", "Le message de « {name} » n’a pas de nom.", "Donnez un nom au message.")
def message_names(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Message: the one that an event or a task waits for has a name, by which it is recognised."""
    users = [(place.node, definition.get("messageRef")) for place, definition in _each(diagram, "message")]
    users += [(place.node, place.node.get("messageRef")) for place in diagram.of("sendTask", "receiveTask")]
    for node, reference in users:
        found = diagram.references.find(reference)
        if found is not None and local(found) == "message" and not found.get("name"):
            yield node


@rule("signal-missing", "L’événement « {name} » ne dit pas quel signal.", "Choisissez le signal dans la liste.")
def signal_references(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Signal Event Definition: in an executable process signalRef is given."""
    return (place.node for place, definition in _each(diagram, "signal") if not definition.get("signalRef"))


@rule("error-missing", "« {name} » lance une erreur sans dire laquelle.", "Choisissez l’erreur, avec son code.")
def thrown_errors(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Error: one that an end event throws has an errorCode."""
    yield from _without_code(diagram, "error", "endEvent")


@rule(
    "escalation-missing", "« {name} » lance une escalade sans dire laquelle.", "Choisissez l’escalade, avec son code."
)
def thrown_escalations(diagram: Diagram) -> Iterator[Hit]:
    """8.4 Escalation: one that an event throws has an escalationCode."""
    yield from _without_code(diagram, "escalation", "endEvent", "intermediateThrowEvent")


def _without_code(diagram: Diagram, kind: str, *places: str) -> Iterator[Hit]:
    for place, definition in _each(diagram, kind, *places):
        reference = definition.get(f"{kind}Ref")
        found = diagram.references.find(reference)
        if not reference or (found is not None and not (found.get(f"{kind}Code") or found.get("name"))):
            yield place.node


@rule(
    "bad-timer",
    "La minuterie « {name} » a {count} temps au lieu d’un.",
    "Donnez une date, une durée ou un cycle, par exemple PT4H, P2D ou P2JO.",
)
def times(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Timer Event Definition: exactly one of timeDate, timeDuration and timeCycle is given."""
    for place, definition in _each(diagram, "timer"):
        said = [node for node in kids(definition, *TIMES) if text(node)]
        if len(said) != 1:
            yield place.node, {"count": len(said)}


@rule(
    "timer-unreadable",
    "La minuterie « {name} » ne se lit pas : {reason}",
    "Écrivez par exemple PT4H, P2D, P2JO, R3/P1D, ou une expression FEEL précédée de « = ».",
)
def readable_times(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Timer Event Definition: dates, durations and cycles are ISO 8601."""
    for place, definition in _each(diagram, "timer"):
        if sum(1 for node in kids(definition, *TIMES) if text(node)) != 1:
            continue
        try:
            timers.probe(trigger(definition, diagram.references), diagram.around.calendar)
        except RunError as error:
            yield place.node, {"reason": error.message}


@rule("condition-missing", "L’événement « {name} » n’a pas de condition.", "Donnez sa condition, en FEEL.")
def event_conditions(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Conditional Event Definition: it has a condition."""
    return (place.node for place, one in _each(diagram, "conditional") if not text(kid(one, "condition")))


RULES = (
    message_references, message_names, signal_references, thrown_errors, thrown_escalations, times, readable_times,
    event_conditions,
)  # fmt: skip
