"""What a care pathway needs beyond BPMN: somebody answers, messages find their case, nothing depends on a script."""

from collections.abc import Iterator

from engine.dialect import attribute, extension, kid, kids, local, text
from engine.refusals.diagram import Diagram, Place
from engine.refusals.events import FRENCH
from engine.refusals.rule import Hit, rule

WHO = ("assignee", "candidateGroups", "candidateUsers")


@rule(
    "script-not-feel",
    "La tâche de script « {name} » contient du code qui n’est pas du FEEL.",
    "Dans les réglages de la tâche, choisissez la réalisation « Expression FEEL ».",
)
def scripts(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: scripts are FEEL; no other code is ever run."""
    return (place.node for place in diagram.of("scriptTask") if _is_foreign(place))


def _is_foreign(place: Place) -> bool:
    said = (place.node.get("scriptFormat") or "feel").lower()
    return bool(text(kid(place.node, "script"))) or said != "feel"


@rule(
    "script-missing",
    "La tâche de script « {name} » n’a pas {part}.",
    "Donnez son expression FEEL et la variable de son résultat.",
)
def script_results(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a script task has a FEEL expression and a variable for its result."""
    for place in diagram.of("scriptTask"):
        script = extension(place.node, "script")
        if _is_foreign(place):
            continue
        if not attribute(script, "expression"):
            yield place.node, {"part": "d’expression"}
        elif not attribute(script, "resultVariable"):
            yield place.node, {"part": "de variable pour son résultat"}


@rule(
    "message-without-key",
    "« {name} » attend un message sans clé : il n’arriverait à aucun dossier.",
    "Donnez au message la clé de corrélation =dossier.",
)
def keys(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a run that waits for a message says whose message it is."""
    for place in diagram.of("intermediateCatchEvent", "boundaryEvent", "receiveTask", "startEvent"):
        if place.kind == "startEvent" and not place.level.on_event:
            continue
        references = [definition.get("messageRef") for definition in diagram.events(place)]
        references += [place.node.get("messageRef")] if place.kind == "receiveTask" else []
        for found in map(diagram.references.find, references):
            if found is not None and not attribute(extension(found, "subscription"), "correlationKey"):
                yield place.node


@rule("task-without-message", "« {name} » attend un message sans dire lequel.", "Choisissez le message dans la liste.")
def receivers(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a receive task names its message, or nothing would ever come."""
    return (place.node for place in diagram.of("receiveTask") if not place.node.get("messageRef"))


@rule(
    "start-by-itself",
    "Le début « {name} » ({kind}) ne démarre aucun dossier.",
    "Commencez par un message, ou sans déclencheur.",
)
def only_message_starts(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: pathways are started by people or by messages."""
    for place in diagram.of("startEvent"):
        if place.container is place.process:
            for kind in sorted(set(diagram.kinds(place)) & {"timer", "signal", "conditional"}):
                yield place.node, {"kind": FRENCH[kind]}


@rule(
    "unknown-form",
    "Le formulaire « {form} » de « {name} » n’existe pas dans ce parcours.",
    "Ajoutez son fichier .form.",
)
def forms(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: the form of a user task, or of a start, is in the bundle."""
    for place in diagram.of("userTask", "startEvent"):
        form = attribute(extension(place.node, "formDefinition"), "formId")
        if form and form not in diagram.around.forms:
            yield place.node, {"form": form}


@rule(
    "task-without-role",
    "Personne ne peut répondre à « {name} » : ni couloir, ni rôle, ni personne.",
    "Placez-la dans un couloir.",
)
def roles(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: somebody may answer a user task; its assignment says who, else its lane. The lane of an ad-hoc
    sub-process says who chooses in it, unless an expression does."""
    for place in diagram.of("userTask", "adHocSubProcess"):
        if place.lane is None and not _is_settled(place):
            yield place.node


def _is_settled(place: Place) -> bool:
    """Whether the element itself says who acts."""
    if place.kind == "adHocSubProcess":
        return bool(attribute(extension(place.node, "adHoc"), "activeElementsCollection"))
    assignment = extension(place.node, "assignmentDefinition")
    return any(attribute(assignment, name) for name in WHO)


@rule(
    "lane-empty",
    "Le couloir « {name} » ne contient aucune activité.",
    "Retirez-le, ou placez-y ce que ce rôle doit faire.",
    "warning",
)
def empty_lanes(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a lane holds something that its people do."""
    for process in diagram.processes:
        for lane in diagram.each("lane"):
            if process in lane.iterancestors() and not kids(lane, "flowNodeRef", "childLaneSet"):
                yield lane


@rule(
    "missing-operation",
    "La tâche de service « {name} » n’appelle aucune opération.",
    "Choisissez l’opération.",
)
def operations(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a service task says which operation it calls."""
    for place in diagram.of("serviceTask"):
        if not attribute(extension(place.node, "taskDefinition"), "type"):
            yield place.node


@rule(
    "cancel-without-boundary",
    "La transaction « {name} » peut être annulée, et rien ne dit la suite : le dossier y resterait bloqué.",
    "Posez sur son bord un événement d’annulation, et tracez la suite.",
)
def cancellations(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: a transaction that may be cancelled says on its boundary what comes then."""
    caught = {
        (place.level, place.node.get("attachedToRef") or "")
        for place in diagram.of("boundaryEvent")
        if "cancel" in diagram.kinds(place)
    }
    ends = (place.level for place in diagram.of("endEvent") if "cancel" in diagram.kinds(place))
    for inside in dict.fromkeys(ends):
        node = inside.container
        if local(node) == "transaction" and (inside.above, node.get("id") or "") not in caught:
            yield node


RULES = (
    scripts, script_results, keys, receivers, only_message_starts, forms, roles, empty_lanes, operations, cancellations,
)  # fmt: skip
