"""Sub-processes: what a plain, a transactional and an ad-hoc one may contain."""

from collections.abc import Iterator

from engine.dialect import XML, kids, local, true
from engine.refusals.diagram import ACTIVITIES, Diagram
from engine.refusals.rule import Hit, rule


@rule(
    "ad-hoc-event",
    "Le sous-processus ad hoc « {name} » contient un début ou une fin.",
    "Retirez-les : les personnes y choisissent ce qu’elles font.",
)
def ad_hoc_events(diagram: Diagram) -> Iterator[Hit]:
    """10.3.5 Ad-Hoc Sub-Process: it contains no start and no end event."""
    return (p.node for p in diagram.of("adHocSubProcess") if kids(p.node, "startEvent", "endEvent"))


@rule("ad-hoc-empty", "Le sous-processus ad hoc « {name} » est vide.", "Mettez-y au moins une activité.")
def ad_hoc_empty(diagram: Diagram) -> Iterator[Hit]:
    """10.3.5 Ad-Hoc Sub-Process: it contains at least one activity."""
    return (p.node for p in diagram.of("adHocSubProcess") if not kids(p.node, *ACTIVITIES))


@rule(
    "ad-hoc-on-event",
    "« {name} » est ad hoc ou une transaction, et s’ouvre sur un événement.",
    "Choisissez l’un ou l’autre.",
)
def ad_hoc_triggered(diagram: Diagram) -> Iterator[Hit]:
    """10.3.5 Event Sub-Process: only a plain sub-process is triggered by an event."""
    return (p.node for p in diagram.of("adHocSubProcess", "transaction") if true(p.node.get("triggeredByEvent")))


@rule(
    "sub-process-data",
    "Le sous-processus « {name} » déclare des données d’entrée ou de sortie.",
    "Déclarez-les dans ses tâches, ou lisez les données qui l’entourent.",
)
def data(diagram: Diagram) -> Iterator[Hit]:
    """10.4.1 Data Modeling: a sub-process has no data inputs and outputs of its own, but for its multi-instance."""
    for place in diagram.of("subProcess", "transaction", "adHocSubProcess"):
        repeated = kids(place.node, "multiInstanceLoopCharacteristics")
        for io in kids(place.node, "ioSpecification") if not repeated else ():
            if kids(io, "dataInput", "dataOutput"):
                yield place.node


@rule(
    "choreography-activity",
    "« {name} » est une activité de chorégraphie : un processus n’en contient pas.",
    "Remplacez-la par une tâche.",
)
def choreographies(diagram: Diagram) -> Iterator[Hit]:
    """10.2 Basic Process Concepts: a process contains no choreography activities."""
    for node in diagram.each("choreographyTask", "subChoreography", "callChoreography"):
        if _in_process(node):
            yield node


def _in_process(node: XML) -> bool:
    return any(local(above) == "process" for above in node.iterancestors())


RULES = (ad_hoc_events, ad_hoc_empty, ad_hoc_triggered, data, choreographies)
