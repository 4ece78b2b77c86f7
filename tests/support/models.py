"""Small builders of BPMN text: a test writes only what it is about."""

import itertools
from html import escape

XMLNS = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="test"'
)
NUMBERS = itertools.count(1)


def document(*parts: str) -> bytes:
    """A BPMN file of these processes, messages, signals…"""
    return f"<bpmn:definitions {XMLNS}>{''.join(parts)}</bpmn:definitions>".encode()


def element(tag: str, id: str = "", *parts: str, **attributes: str) -> str:
    """Any BPMN element; attributes are escaped, parts are XML."""
    named = {"id": id, **attributes} if id else attributes
    said = "".join(f' {name}="{escape(value)}"' for name, value in named.items())
    return f"<bpmn:{tag}{said}>{''.join(parts)}</bpmn:{tag}>"


def zeebe(tag: str, *parts: str, **attributes: str) -> str:
    """Any Zeebe extension element."""
    said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<zeebe:{tag}{said}>{''.join(parts)}</zeebe:{tag}>"


def extensions(*parts: str) -> str:
    return element("extensionElements", "", *parts)


def io(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """Input and output mappings: target -> source."""
    read = [zeebe("input", source=source, target=target) for target, source in (inputs or {}).items()]
    write = [zeebe("output", source=source, target=target) for target, source in (outputs or {}).items()]
    return zeebe("ioMapping", *read, *write)


def process(id: str, *parts: str, **attributes: str) -> str:
    return element("process", id, *parts, isExecutable="true", **attributes)


def flow(source: str, target: str, condition: str | None = None, id: str | None = None) -> str:
    said = "" if condition is None else element("conditionExpression", "", escape(condition))
    return element("sequenceFlow", id or f"flow{next(NUMBERS)}", said, sourceRef=source, targetRef=target)


def chain(*ids: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(source, target) for source, target in itertools.pairwise(ids))


def start(id: str = "start", *parts: str, **attributes: str) -> str:
    return element("startEvent", id, *parts, **attributes)


def end(id: str = "end", *parts: str, **attributes: str) -> str:
    return element("endEvent", id, *parts, **attributes)


def user(id: str, *parts: str, role: str | None = "medecin_traitant", more: str = "", **attributes: str) -> str:
    """A user task; `more` is put among its extensions."""
    assigned = zeebe("assignmentDefinition", candidateGroups=role) if role else ""
    return element("userTask", id, extensions(zeebe("userTask"), assigned, more), *parts, **attributes)


def script(id: str, expression: str, variable: str, more: str = "") -> str:
    return element("scriptTask", id, extensions(zeebe("script", expression=expression, resultVariable=variable), more))


def service(id: str, type: str, more: str = "", **attributes: str) -> str:
    return element("serviceTask", id, extensions(zeebe("taskDefinition", type=type), more), **attributes)


def rule(id: str, decision: str, variable: str) -> str:
    return element(
        "businessRuleTask", id, extensions(zeebe("calledDecision", decisionId=decision, resultVariable=variable))
    )


def call(id: str, called: str, more: str = "", **attributes: str) -> str:
    return element("callActivity", id, extensions(zeebe("calledElement", processId=called, **attributes), more))


def sub(id: str, *parts: str, **attributes: str) -> str:
    return element("subProcess", id, *parts, **attributes)


def on_event(id: str, trigger: str, *parts: str, interrupting: bool = True) -> str:
    """An event sub-process; its start event is called <id>_start."""
    begin = start(f"{id}_start", trigger, isInterrupting=str(interrupting).lower())
    return sub(id, begin, *parts, triggeredByEvent="true")


def boundary(id: str, host: str, trigger: str, *, cancels: bool = True) -> str:
    return element("boundaryEvent", id, trigger, attachedToRef=host, cancelActivity=str(cancels).lower())


def catch(id: str, trigger: str, **attributes: str) -> str:
    return element("intermediateCatchEvent", id, trigger, **attributes)


def throw(id: str, trigger: str, more: str = "") -> str:
    return element("intermediateThrowEvent", id, extensions(more) if more else "", trigger)


def gateway(kind: str, id: str, **attributes: str) -> str:
    """kind: exclusive, parallel, inclusive, complex, eventBased."""
    return element(f"{kind}Gateway", id, **attributes)


def timer(form: str, text: str) -> str:
    """form: timeDate, timeDuration, timeCycle."""
    return element("timerEventDefinition", "", element(form, "", escape(text)))


def definition(kind: str, reference: str = "", **attributes: str) -> str:
    """message, signal, error, escalation, compensate, terminate, link… event definitions."""
    said = {f"{kind}Ref": reference} if reference else {}
    return element(f"{kind}EventDefinition", "", **said, **attributes)


def message(id: str, name: str, key: str | None = "=dossier") -> str:
    subscription = extensions(zeebe("subscription", correlationKey=key)) if key else ""
    return element("message", id, subscription, name=name)


def lanes(*lanes: tuple[str, str, tuple[str, ...]]) -> str:
    """(id, name, element ids) of each lane."""
    made = [
        element("lane", id, *(element("flowNodeRef", "", node) for node in nodes), name=name)
        for id, name, nodes in lanes
    ]
    return element("laneSet", "lanes", *made)


def many(
    collection: str,
    item: str,
    *,
    output: tuple[str, str] | None = None,
    sequential: bool = False,
    until: str | None = None,
) -> str:
    """Multi-instance characteristics; `output` is (collection, element)."""
    said = {"inputCollection": collection, "inputElement": item}
    if output is not None:
        said |= {"outputCollection": output[0], "outputElement": output[1]}
    enough = element("completionCondition", "", escape(until)) if until else ""
    return element(
        "multiInstanceLoopCharacteristics",
        "",
        extensions(zeebe("loopCharacteristics", **said)),
        enough,
        isSequential=str(sequential).lower(),
    )


DECISION = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="test">
  <decision id="urgence" name="Urgence"><variable name="Urgence" typeRef="string"/>
    <decisionTable id="table" hitPolicy="UNIQUE">
      <input id="i1" label="NIHSS">
        <inputExpression id="e1" typeRef="number"><text>nihss</text></inputExpression></input>
      <output id="o1" name="urgence" typeRef="string"/>
      <rule id="r1"><inputEntry id="c1"><text>&lt; 5</text></inputEntry>
        <outputEntry id="v1"><text>"simple"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="c2"><text>[5..42]</text></inputEntry>
        <outputEntry id="v2"><text>"haute"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""
