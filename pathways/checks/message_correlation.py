"""Every message that a running case waits for says how the case is found."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import BPMN, XML, ZEEBE, Subject

CATCHERS = ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "startEvent")


def check(subject: Subject) -> Iterator[Finding]:
    messages = {node.id: node for node in subject.each("message")}
    for event in subject.each(*CATCHERS):
        reference = event.xml.get("messageRef") or _reference(event.xml.find(f"{BPMN}messageEventDefinition"))
        if reference is None:
            continue
        message = messages.get(reference)
        if message is None or not message.name:
            yield event.find(
                "message-missing",
                f"L’événement {event.title} n’attend aucun message nommé.",
                "Choisissez ou nommez le message.",
            )
        elif _inside_a_case(event.xml) and not _has_key(message.xml):
            yield message.find(
                "message-without-correlation",
                f"Le message « {message.name} » ne dit pas quel dossier il concerne.",
                "Écrivez « =dossier » dans « Subscription correlation key ».",
            )


def _reference(definition: XML | None) -> str | None:
    return None if definition is None else definition.get("messageRef") or ""


def _inside_a_case(event: XML) -> bool:
    """A message start of the process itself opens a case; anywhere else the case exists already."""
    parent = event.getparent()
    return not (event.tag == f"{BPMN}startEvent" and parent is not None and parent.tag == f"{BPMN}process")


def _has_key(message: XML) -> bool:
    subscription = message.find(f"{BPMN}extensionElements/{ZEEBE}subscription")
    return subscription is not None and bool(subscription.get("correlationKey"))
