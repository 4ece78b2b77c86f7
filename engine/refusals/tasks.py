"""Tasks and calls: what each kind needs is there, and the data that it exchanges fits."""

from collections.abc import Iterator

from engine.dialect import XML, attribute, extension, kid, kids, text, true
from engine.refusals.diagram import Diagram, Place
from engine.refusals.identity import MEDIA_TYPE
from engine.refusals.items import equivalent, item
from engine.refusals.rule import Hit, rule


@rule(
    "script-format",
    "Le script de « {name} » n’a pas de type de contenu valable.",
    "Décrivez le résultat par une expression FEEL : Jalon n’exécute aucun autre langage.",
)
def script_formats(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3 Script Task: a script has a scriptFormat, which is a MIME type."""
    for place in diagram.of("scriptTask"):
        said = place.node.get("scriptFormat")
        known = said is not None and (said.lower() == "feel" or MEDIA_TYPE.fullmatch(said))
        if (said or text(kid(place.node, "script"))) and not known:
            yield place.node


@rule(
    "receive-task-beginning",
    "« {name} » commence le processus : un flux ne peut y entrer que d’un événement de début.",
    "Retirez les autres flux, ou son attribut instantiate.",
)
def receive_beginnings(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3 Receive Task: one that instantiates has no incoming flow, or one, from a start event."""
    for place in diagram.of("receiveTask"):
        sources = [place.level.places.get(flow.get("sourceRef") or "") for flow in place.incoming]
        from_start = len(sources) == 1 and sources[0] is not None and sources[0].kind == "startEvent"
        if true(place.node.get("instantiate")) and sources and not from_start:
            yield place.node


def _exchanged(diagram: Diagram, place: Place) -> tuple[XML | None, XML | None]:
    """The message that goes into the operation or out of a send task, and the one that comes back or is received."""
    operation = diagram.references.find(place.node.get("operationRef"))
    message = diagram.references.find(place.node.get("messageRef"))
    if place.kind == "sendTask":
        return message, None
    if place.kind == "receiveTask":
        return None, message
    if operation is None:
        return None, None
    return diagram.target(kid(operation, "inMessageRef")), diagram.target(kid(operation, "outMessageRef"))


ONE_SET = {"sendTask": ("inputSet", "dataInput"), "receiveTask": ("outputSet", "dataOutput")}


@rule(
    "task-data-count",
    "« {name} » a {count} « {kind} » : une seule donnée va avec un message.",
    "Gardez une donnée, dans un ensemble.",
)
def data_counts(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3 Task Types: a service, send or receive task has at most one set and one piece of data for each message."""
    for place in diagram.of("serviceTask", "sendTask", "receiveTask"):
        whole = ("inputSet", "dataInput", "outputSet", "dataOutput")
        names = ONE_SET.get(place.kind, whole if place.node.get("operationRef") else ())
        for io in kids(place.node, "ioSpecification"):
            for name in names:
                if len(kids(io, name)) > 1:
                    yield place.node, {"count": len(kids(io, name)), "kind": name}


@rule(
    "task-data-forbidden",
    "« {name} » a une donnée « {kind} », que son message ne porte pas.",
    "Retirez cette donnée.",
)
def data_directions(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3 Task Types: a send task has no data output, a receive task no data input."""
    for place in diagram.of("sendTask", "receiveTask"):
        wrong = "dataOutput" if place.kind == "sendTask" else "dataInput"
        if any(kids(io, wrong) for io in kids(place.node, "ioSpecification")):
            yield place.node, {"kind": wrong}


@rule(
    "task-data-type",
    "La donnée « {data} » de « {name} » n’a pas le type de son message.",
    "Donnez le même type à la donnée et au message.",
)
def data_types(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3 Task Types: the data of a task has the item definition of the message that it sends or receives."""
    for place in diagram.of("serviceTask", "sendTask", "receiveTask"):
        for message, name in zip(_exchanged(diagram, place), ("dataInput", "dataOutput"), strict=True):
            for data in (one for io in kids(place.node, "ioSpecification") for one in kids(io, name)):
                if message is not None and not equivalent(item(diagram, data), item(diagram, message, "itemRef")):
                    yield place.node, {"data": data.get("name") or data.get("id")}


@rule(
    "task-message",
    "« {name} » envoie un autre message que celui de son opération.",
    "Choisissez le message que l’opération attend.",
)
def messages(diagram: Diagram) -> Iterator[Hit]:
    """10.3.3 Task Types: the message of a send or receive task is the one that its operation takes in."""
    for place in diagram.of("sendTask", "receiveTask"):
        operation = diagram.references.find(place.node.get("operationRef"))
        said = diagram.references.find(place.node.get("messageRef"))
        wanted = None if operation is None else diagram.target(kid(operation, "inMessageRef"))
        if said is not None and wanted is not None and said is not wanted:
            yield place.node


def _decision(place: Place) -> str | None:
    return attribute(extension(place.node, "calledDecision"), "decisionId")


@rule("missing-decision", "« {name} » n’appelle aucune décision.", "Choisissez une décision.")
def without_decision(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a business rule task calls a decision, or is done by an operation."""
    for place in diagram.of("businessRuleTask"):
        if _decision(place) is None and extension(place.node, "taskDefinition") is None:
            yield place.node


@rule("unknown-decision", "La décision « {decision} » n’existe pas dans ce parcours.", "Ajoutez son fichier .dmn.")
def decisions(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: the decision that a business rule task calls is in the bundle."""
    for place in diagram.of("businessRuleTask"):
        called = _decision(place)
        if called and not called.startswith("=") and called not in diagram.around.decisions:
            yield place.node, {"decision": called}


def _called(place: Place) -> str:
    own = attribute(extension(place.node, "calledElement"), "processId")
    return own or (place.node.get("calledElement") or "").rpartition(":")[2]


@rule("missing-called-element", "« {name} » ne dit pas quel processus elle appelle.", "Choisissez le processus appelé.")
def without_called(diagram: Diagram) -> Iterator[Hit]:
    """10.3.6 Call Activity: in an executable process calledElement is given."""
    return (place.node for place in diagram.of("callActivity") if not _called(place))


@rule(
    "unknown-called-element",
    "Le processus « {called} » appelé par « {name} » n’existe pas.",
    "Ajoutez ce parcours aux appels.",
)
def called(diagram: Diagram) -> Iterator[Hit]:
    """10.3.6 Call Activity: the process or global task that it calls is there, and executable."""
    for place in diagram.of("callActivity"):
        key = _called(place)
        if key and not key.startswith("=") and key not in diagram.around.processes:
            yield place.node, {"called": key}


@rule(
    "called-waits",
    "Le processus « {called} » appelé par « {name} » ne commence que par un événement.",
    "Ajoutez-lui un début sans déclencheur.",
)
def called_starts(diagram: Diagram) -> Iterator[Hit]:
    """10.5.2 Start Event: a process that is called has a start event without a trigger."""
    around = diagram.around
    for place in diagram.of("callActivity"):
        key = _called(place)
        if key in around.processes and key not in around.callable:
            yield place.node, {"called": key}


@rule(
    "called-data",
    "Les données de « {name} » ne sont pas celles du processus « {called} » qu’elle appelle.",
    "Donnez-lui les mêmes données, des mêmes types.",
)
def called_data(diagram: Diagram) -> Iterator[Hit]:
    """10.3.6 Call Activity: its data inputs and outputs match those of the element that it calls."""
    for place in diagram.of("callActivity"):
        target = diagram.references.find(_called(place))
        own, there = kid(place.node, "ioSpecification"), _specification(target)
        if own is not None and there is not None and not _same_data(diagram, own, there):
            yield place.node, {"called": _called(place)}


def _specification(called: XML | None) -> XML | None:
    """Of a process, or of the task in the process that a global task has become."""
    holders = [] if called is None else [called, *(child for child in called if child.get("id") == called.get("id"))]
    return next((io for holder in holders for io in kids(holder, "ioSpecification")), None)


def _same_data(diagram: Diagram, one: XML, other: XML) -> bool:
    for name in ("dataInput", "dataOutput"):
        ours, theirs = kids(one, name), kids(other, name)
        pairs = zip(ours, theirs, strict=False)
        if len(ours) != len(theirs) or not all(equivalent(item(diagram, a), item(diagram, b)) for a, b in pairs):
            return False
    return True


RULES = (
    script_formats, receive_beginnings, data_counts, data_directions, data_types, messages, without_decision,
    decisions, without_called, called, called_starts, called_data,
)  # fmt: skip
