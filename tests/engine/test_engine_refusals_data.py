"""Activities, tasks, data and services: each broken constraint is told, and its accepted neighbour is left alone."""

import pytest

from tests.support.constraints import Case, association, beside, between, both, case, group, specification
from tests.support.models import chain, document, element, end, process, start, sub, user

ITEMS = (
    element("itemDefinition", "text", structureRef="xsd:string")
    + element("itemDefinition", "words", structureRef="xsd:string")
    + element("itemDefinition", "number", structureRef="xsd:int")
    + element("itemDefinition", "texts", structureRef="xsd:string", isCollection="true")
)
MESSAGES = element("message", "m", name="m", itemRef="text") + element("message", "n", name="n", itemRef="number")
OPERATIONS = element(
    "interface",
    "i",
    element("operation", "op", element("inMessageRef", "", "m"), element("outMessageRef", "", "n"), name="op"),
    element("operation", "op1", element("inMessageRef", "", "m"), name="op1"),
    name="i",
) + element("interface", "i2", element("operation", "op2", element("inMessageRef", "", "m"), name="op2"), name="i2")
ERROR = element("error", "e", errorCode="E")
GIVEN = ITEMS + MESSAGES + OPERATIONS + ERROR


def task(kind: str, *parts: str, **attributes: str) -> str:
    return between(element(kind, "x", *parts, **attributes))


def repeated(*parts: str, more: str = "", **attributes: str) -> str:
    """A task in several instances."""
    return task("task", more, element("multiInstanceLoopCharacteristics", "", *parts, **attributes))


def typed(kind: str, name: str, item: str = "", **attributes: str) -> str:
    said = {"itemSubjectRef": item} if item else {}
    return element(kind, name, **said, **attributes)


def io(*data: str, inputs: str = "", outputs: str = "") -> str:
    """A specification of typed data."""
    return element("ioSpecification", "", *data, *both(inputs, outputs))


def called(own: str, there: str) -> bytes:
    """A process that calls another, with the data of each."""
    other = process("q", there, start("s2") + end("e2") + chain("s2", "e2"))
    return document(GIVEN, process("p", task("callActivity", own, calledElement="q")), other)


def offering(binding: str, data: str = "text") -> bytes:
    """A process that offers an interface, and beside it one whose task has data of its own."""
    inside = element("supportedInterfaceRef", "", "i")
    inside += io(typed("dataInput", "din", data), typed("dataOutput", "dout", "number"), inputs="din", outputs="dout")
    other = start("s2") + element("task", "z", specification("a")) + end("e2") + chain("s2", "z", "e2")
    return document(GIVEN, process("p", inside, binding, between(user("x"))), process("q", other))


def bound(operation: str = "op", inputs: str = "din", outputs: str = "dout") -> str:
    return element("ioBinding", "", operationRef=operation, inputDataRef=inputs, outputDataRef=outputs)


def copies(way: str, source: str, target: str, *more: str, kind: str = "text") -> str:
    """A task with one data input and output, beside data objects o1, o2 (text) and o3 (a number)."""
    data = io(typed("dataInput", "din", kind), typed("dataOutput", "dout", kind), inputs="din", outputs="dout")
    around = io(typed("dataInput", "pin", kind), typed("dataOutput", "pout", kind), inputs="pin", outputs="pout")
    objects = "".join(typed("dataObject", f"o{n}", "number" if n == 3 else "text") for n in (1, 2, 3))
    hidden = sub("y", start("s1"), end("e1"), chain("s1", "e1"), typed("dataObject", "inner", "text"))
    return (
        around
        + start()
        + element("task", "x", data, association(way, source, target, *more))
        + hidden
        + end()
        + chain("start", "x", "y", "end")
        + objects
    )


CARDINALITY = element("loopCardinality", "", "=3")
MANY = io(
    typed("dataInput", "d", "texts", isCollection="true"),
    typed("dataOutput", "r", "texts", isCollection="true"),
    typed("dataInput", "one", "text"),
    inputs="d one",
    outputs="r",
)
"""A collection that comes in, one that goes out, and a single value."""


def over(data: str, *parts: str) -> str:
    return repeated(element("loopDataInputRef", "", data), *parts, more=MANY)


def gathered(*parts: str) -> str:
    return repeated(CARDINALITY, element("loopDataOutputRef", "", "r"), *parts, more=MANY)


def assigned(*parts: str) -> str:
    return task("task", element("performer", "w", *parts))


RESOURCE = element("resource", "r1", element("resourceParameter", "p1", isRequired="true"), name="r1") + element(
    "resource", "r2", element("resourceParameter", "p2"), name="r2"
)
WHO = element("resourceAssignmentExpression", "", element("formalExpression", "", "=qui"))


def valued(parameter: str) -> str:
    value = element("formalExpression", "", "=1")
    return element("resourceParameterBinding", "", value, parameterRef=parameter)


ACTIVITIES = [
    case("bad-quantity", "x", task("task", startQuantity="0"), task("task", startQuantity="2")),
    case("bad-quantity", "x", task("task", completionQuantity="beaucoup"), task("task", completionQuantity="1")),
    case("two-loops", "x", task("task", element("standardLoopCharacteristics"),
                                element("multiInstanceLoopCharacteristics", "", CARDINALITY)), repeated(CARDINALITY)),
    case("bad-loop-maximum", "x", task("task", element("standardLoopCharacteristics", loopMaximum="-1")),
         task("task", element("standardLoopCharacteristics", loopMaximum="3"))),
    case("loop-without-collection", "x", repeated(), repeated(CARDINALITY)),
    case("loop-over-both", "x", over("d", CARDINALITY), repeated(CARDINALITY), GIVEN),
    case("bad-cardinality", "x", repeated(element("loopCardinality", "", "-2")), repeated(CARDINALITY)),
    case("bad-cardinality", "x", repeated(element("loopCardinality", "", "1.5")), repeated(CARDINALITY)),
    case("loop-data", "x", over("one"), gathered(), GIVEN),
    case("loop-item", "x", gathered(typed("outputDataItem", "it", "number")),
         gathered(typed("outputDataItem", "it", "text")), GIVEN),
    case("loop-item", "x", gathered(typed("outputDataItem", "it", "texts")), gathered(), GIVEN),
    case("loop-event", "x", repeated(CARDINALITY, behavior="None"),
         repeated(CARDINALITY, behavior="None", noneBehaviorEventRef="sd"),
         element("signal", "s", name="s") + element("signalEventDefinition", "sd", signalRef="s")),
    case("loop-event", "x", repeated(CARDINALITY, behavior="Complex"), repeated(CARDINALITY, behavior="All")),
    case("loop-event-reference", "x", repeated(CARDINALITY, behavior="One", oneBehaviorEventRef="s"),
         repeated(CARDINALITY, behavior="One", oneBehaviorEventRef="sd"),
         element("signal", "s", name="s") + element("signalEventDefinition", "sd", signalRef="s")),
    case("two-assignments", "w", assigned(element("resourceRef", "", "r2"), WHO), assigned(WHO), RESOURCE),
    case("resource-parameter", "w", assigned(element("resourceRef", "", "r1")),
         assigned(element("resourceRef", "", "r1"), valued("p1")), RESOURCE),
    case("resource-parameter", "w", assigned(element("resourceRef", "", "r2"), valued("p1")),
         assigned(element("resourceRef", "", "r2"), valued("p2")), RESOURCE),
]  # fmt: skip

TASKS = [
    case("script-format", "x", task("scriptTask", element("script", "", "1")),
         task("scriptTask", scriptFormat="text/x-feel")),
    case("script-format", "x", task("scriptTask", scriptFormat="NON"), task("scriptTask")),
    case("receive-task-beginning", "x",
         start() + user("u") + element("receiveTask", "x", instantiate="true") + end()
         + chain("start", "u", "x", "end"),
         task("receiveTask", instantiate="true")),
    case("task-data-count", "x", task("sendTask", specification("a b"), messageRef="m"),
         task("sendTask", specification("a"), messageRef="m"), GIVEN),
    case("task-data-count", "x", task("receiveTask", specification("", "a b"), messageRef="m"),
         task("receiveTask", specification("", "a"), messageRef="m"), GIVEN),
    case("task-data-count", "x", task("serviceTask", specification("a b", "c"), operationRef="op"),
         task("serviceTask", specification("a", "c"), operationRef="op"), GIVEN),
    case("task-data-forbidden", "x", task("sendTask", specification("a", "b")), task("sendTask", specification("a"))),
    case("task-data-forbidden", "x", task("receiveTask", specification("a", "b")),
         task("receiveTask", specification("", "b"))),
    case("task-data-type", "x", task("sendTask", io(typed("dataInput", "a", "number"), inputs="a"), messageRef="m"),
         task("sendTask", io(typed("dataInput", "a", "text"), inputs="a"), messageRef="m"), GIVEN),
    case("task-data-type", "x",
         task("serviceTask", io(typed("dataOutput", "a", "text"), outputs="a"), operationRef="op"),
         task("serviceTask", io(typed("dataOutput", "a", "number"), outputs="a"), operationRef="op"), GIVEN),
    case("task-message", "x", task("sendTask", messageRef="n", operationRef="op"),
         task("sendTask", messageRef="m", operationRef="op"), GIVEN),
    case("missing-decision", "x", task("businessRuleTask"), task("task")),
    case("missing-called-element", "x", task("callActivity"), task("task")),
    case("unknown-called-element", "x", task("callActivity", calledElement="nul"), task("task")),
    case("called-data", "x",
         called(specification("a", "b"), specification("c", "d f")),
         called(specification("a", "b"), specification("c", "d"))),
    case("called-data", "x",
         called(io(typed("dataInput", "a", "text"), inputs="a"), io(typed("dataInput", "c", "number"), inputs="c")),
         called(io(typed("dataInput", "a", "text"), inputs="a"), io(typed("dataInput", "c", "words"), inputs="c"))),
]  # fmt: skip

CONTAINERS = [
    case("ad-hoc-event", "x", task("adHocSubProcess", user("u"), end("e1")), task("adHocSubProcess", user("u"))),
    case("ad-hoc-event", "x", task("adHocSubProcess", user("u"), start("s1")), task("adHocSubProcess", user("u"))),
    case("ad-hoc-empty", "x", task("adHocSubProcess"), task("adHocSubProcess", user("u"))),
    case("ad-hoc-on-event", "h",
         beside(element("transaction", "h", start("s1"), end("e1"), chain("s1", "e1"), triggeredByEvent="true")),
         task("transaction", start("s1"), end("e1"), chain("s1", "e1"))),
    case("sub-process-data", "x", task("subProcess", specification("a"), start("s1"), end("e1"), chain("s1", "e1")),
         task("subProcess", specification(), start("s1"), end("e1"), chain("s1", "e1"))),
    case("choreography-activity", "x", task("choreographyTask"), task("task")),
]  # fmt: skip

DATA = [
    case("data-without-set", "b", task("task", specification("a b", "", *both("a"))),
         task("task", specification("a b"))),
    case("data-without-set", "b", task("task", specification("", "a b", *both("", "a"))),
         task("task", specification("", "a b"))),
    case("set-of-others", "set",
         task("task", specification("a", "", *both("a"), group("inputSet", "set", dataInputRefs="pin")))
         + specification("pin"),
         task("task", specification("a", "", *both("a"), group("inputSet", "set", dataInputRefs="a")))
         + specification("pin")),
    case("set-optional", "set",
         task("task", specification("a b", "", *both("b"), group("inputSet", "set", dataInputRefs="a",
                                                                 optionalInputRefs="b"))),
         task("task", specification("a b", "", *both("b"), group("inputSet", "set", dataInputRefs="a b",
                                                                 optionalInputRefs="b")))),
    case("set-optional", "set",
         task("task", specification("", "a b", *both("", "b"), group("outputSet", "set", dataOutputRefs="a",
                                                                     whileExecutingOutputRefs="b"))),
         task("task", specification("", "a b", *both("", "b"), group("outputSet", "set", dataOutputRefs="a b",
                                                                     whileExecutingOutputRefs="b")))),
    case("set-one-way", "in",
         task("task", specification("a", "b", group("inputSet", "in", dataInputRefs="a", outputSetRefs="out"),
                                    group("outputSet", "out", dataOutputRefs="b"))),
         task("task", specification("a", "b", group("inputSet", "in", dataInputRefs="a", outputSetRefs="out"),
                                    group("outputSet", "out", dataOutputRefs="b", inputSetRefs="in")))),
    case("association-target", "x", copies("Input", "o1", "o2"), copies("Input", "o1", "din"), GIVEN),
    case("association-source", "x", copies("Output", "o1", "o2"), copies("Output", "dout", "o2"), GIVEN),
    case("process-data-flow", "x", copies("Output", "dout", "pin"), copies("Output", "dout", "pout"), GIVEN),
    case("process-data-flow", "x", copies("Input", "pout", "din"), copies("Input", "pin", "din"), GIVEN),
    case("association-out-of-sight", "x", copies("Input", "inner", "din"), copies("Input", "o1", "din"), GIVEN),
    case("association-without-transformation", "x", copies("Input", "o1 o2", "din"),
         copies("Input", "o1 o2", "din", element("transformation", "", "=o1 + o2")), GIVEN),
    case("association-type", "x", copies("Input", "o3", "din"), copies("Input", "o1", "din"), GIVEN),
    case("association-type", "x", copies("Input", "o3", "din"),
         copies("Input", "o3", "din", element("transformation", "", "=string(o3)")), GIVEN),
    case("data-object-reference", "ref",
         between(user("x")) + element("dataObject", "o")
         + element("dataObjectReference", "ref", dataObjectRef="o", itemSubjectRef="text"),
         between(user("x")) + element("dataObject", "o") + element("dataObjectReference", "ref", dataObjectRef="o"),
         GIVEN),
    case("data-object-state", "o",
         between(user("x")) + element("dataObject", "o", element("dataState", "st", name="lu")),
         between(user("x")) + element("dataObject", "o")
         + element("dataObjectReference", "ref", element("dataState", "st", name="lu"), dataObjectRef="o")),
    case("event-data-type", "x",
         task("intermediateCatchEvent", typed("dataOutput", "a", "number"), group("outputSet", dataOutputRefs="a"),
              element("messageEventDefinition", messageRef="m")),
         task("intermediateCatchEvent", typed("dataOutput", "a", "words"), group("outputSet", dataOutputRefs="a"),
              element("messageEventDefinition", messageRef="m")), GIVEN),
    case("event-data-count", "end",
         start() + end("end", element("dataInput", "a") + element("dataInput", "b")
                       + element("errorEventDefinition", errorRef="e")) + chain("start", "end"),
         start() + end("end", element("dataInput", "a") + element("errorEventDefinition", errorRef="e"))
         + chain("start", "end"), GIVEN),
]  # fmt: skip

SERVICES = [
    case("interface-unbound", "p", offering(""), offering(bound())),
    case("binding-elsewhere", "p", offering(bound("op2")), offering(bound("op"))),
    case("binding-data", "p", offering(bound(inputs="a")), offering(bound(inputs="din"))),
    case("binding-type", "p", offering(bound(), data="number"), offering(bound(), data="words")),
]  # fmt: skip
CASES = ACTIVITIES + TASKS + CONTAINERS + DATA + SERVICES


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.element}")
def test_an_activity_or_data_that_breaks_a_constraint_is_told_and_its_neighbour_accepted(one: Case) -> None:
    one.hold()


def test_a_global_task_that_offers_an_interface_binds_it_too() -> None:
    offered = element("supportedInterfaceRef", "", "i")
    task = offered + io(typed("dataInput", "din", "text"), typed("dataOutput", "dout", "number"),
                        inputs="din", outputs="dout")  # fmt: skip
    plain = process("p", between(user("x")))
    broken, mended = (
        document(GIVEN, element("globalTask", "g", task, more, name="g"), plain) for more in ("", bound())
    )
    case("interface-unbound", "g", broken, mended).hold()
