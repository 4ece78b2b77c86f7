"""The table of elements: BPMN tag -> class."""

from engine.elements import containers, events, gateways, tasks
from engine.elements.node import Node
from engine.elements.user_task import UserTask

ELEMENTS: dict[str, type[Node]] = {
    "startEvent": events.Start,
    "endEvent": events.End,
    "intermediateCatchEvent": events.Catch,
    "intermediateThrowEvent": events.Throw,
    "boundaryEvent": events.Boundary,
    "task": tasks.Plain,
    "manualTask": tasks.Plain,
    "userTask": UserTask,
    "scriptTask": tasks.Script,
    "serviceTask": tasks.Service,
    "sendTask": tasks.Service,
    "businessRuleTask": tasks.Rule,
    "receiveTask": tasks.Receive,
    "exclusiveGateway": gateways.Exclusive,
    "parallelGateway": gateways.Parallel,
    "inclusiveGateway": gateways.Inclusive,
    "complexGateway": gateways.Complex,
    "eventBasedGateway": gateways.EventBased,
    "subProcess": containers.SubProcess,
    "transaction": containers.SubProcess,
    "adHocSubProcess": containers.AdHoc,
    "callActivity": containers.Call,
}

CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})

SILENT = frozenset(
    {
        "sequenceFlow", "laneSet", "documentation", "extensionElements", "association", "textAnnotation", "group",
        "dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification", "property", "incoming",
        "outgoing", "standardLoopCharacteristics", "multiInstanceLoopCharacteristics", "completionCondition",
        "dataInputAssociation", "dataOutputAssociation", "auditing", "monitoring", "resourceRole", "performer",
        "potentialOwner", "supports", "correlationSubscription", "artifact", "category",
        "supportedInterfaceRef", "ioBinding",
    }
)  # fmt: skip
"""What stands among the elements of a process and is not executed."""
