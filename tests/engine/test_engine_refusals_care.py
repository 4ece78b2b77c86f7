"""Expressions and care: each broken constraint is told, its accepted neighbour left alone; and no rule is untested."""

import pytest

from engine.refusals import RULES
from tests.engine import (
    test_engine_refusals_data,
    test_engine_refusals_events,
    test_engine_refusals_files,
    test_engine_refusals_flows,
)
from tests.support.constraints import Case, between, case
from tests.support.models import (
    boundary,
    call,
    catch,
    chain,
    definition,
    document,
    element,
    end,
    extensions,
    flow,
    gateway,
    io,
    lanes,
    message,
    process,
    rule,
    script,
    service,
    start,
    timer,
    user,
    zeebe,
)

GIVEN = message("m", "lettre") + message("keyless", "lettre", None)
FORM = b'{"id": "f", "components": []}'
LATER = timer("timeDuration", "P1D")
FORMAL = '<bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression">{}</bpmn:conditionExpression>'  # noqa: E501


def chosen(condition: str) -> str:
    """A task with a conditional and a default way out."""
    way = element("sequenceFlow", "c", condition, sourceRef="x", targetRef="end")
    return start() + user("x", default="d") + end() + end("b") + chain("start", "x") + way + flow("x", "b", id="d")


def plain(text: str) -> str:
    return element("conditionExpression", "", text)


def form(name: str) -> bytes:
    return case("unknown-form", "x", between(user("x", more=zeebe("formDefinition", formId=name))), "").broken


def begun(trigger: str) -> str:
    return start("start", trigger) + end() + chain("start", "end")


def calling(inside: str) -> bytes:
    """A process that calls another of this inside."""
    other = process("q", inside.replace('"start"', '"s2"').replace('"end"', '"e2"'))
    return document(GIVEN, process("p", between(call("x", "q"))), other)


def abreast(first: str, second: str) -> str:
    """Two parallel branches that write these variables, and a last task that writes `v` again."""
    ways = chain("start", "g", "a", "j", "last", "end") + chain("g", "b", "j")
    writers = script("a", "=1", first) + script("b", "=2", second) + script("last", "=3", "v")
    return start() + gateway("parallel", "g") + writers + gateway("parallel", "j") + end() + ways


def cancelled() -> str:
    """A transaction that ends by cancelling itself."""
    ways = gateway("exclusive", "g", default="ok") + end("e1") + end("e2", definition("cancel"))
    flows = chain("s1", "g") + flow("g", "e1", id="ok") + flow("g", "e2", "=refus")
    return between(element("transaction", "x", start("s1") + ways + flows))


TAKEN_OVER = boundary("b", "x", definition("cancel")) + end("e3") + chain("b", "e3")
CASES = [
    case("parallel-writes", "g", abreast("v", "v"), abreast("v", "w")),
    case("called-waits", "x", calling(begun(definition("message", "m"))), calling(begun(""))),
    case("bad-expression", "x", between(script("x", "=1 +", "v")), between(script("x", "=1 + 1", "v"))),
    case("bad-expression", "c", chosen(plain("=a &gt;")), chosen(plain("=a &gt; 1"))),
    case("unknown-function", "x", between(user("x", more=io({"v": "=open(a)"}))),
         between(user("x", more=io({"v": "=upper case(a)"})))),
    case("condition-not-formal", "c", chosen(plain("a")), chosen(plain("=a"))),
    case("condition-not-formal", "c", chosen(plain("a")), chosen(FORMAL.format("a"))),
    case("language-not-feel", "c", chosen(element("conditionExpression", "", "=a", language="python")),
         chosen(element("conditionExpression", "", "=a", language="https://www.omg.org/spec/DMN/20191111/FEEL/"))),
    case("foreign-code", "x",
         between(user("x", more='<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">a</s:preScript>')),
         between(user("x", more='<s:properties xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"/>'))),
    case("unknown-decision", "x", between(rule("x", "nulle_part", "v")), between(rule("x", "=laquelle", "v"))),
    case("unknown-called-element", "x", between(call("x", "nulle_part")), between(call("x", "=lequel"))),
    case("script-not-feel", "x", between(element("scriptTask", "x", element("script", "", "1"), scriptFormat="a/b")),
         between(script("x", "=1", "v"))),
    case("script-missing", "x", between(element("scriptTask", "x")), between(script("x", "=1", "v"))),
    case("script-missing", "x", between(element("scriptTask", "x", extensions(zeebe("script", expression="=1")))),
         between(script("x", "=1", "v"))),
    case("message-without-key", "x", between(catch("x", definition("message", "keyless"))),
         between(catch("x", definition("message", "m"))), GIVEN),
    case("task-without-message", "x", between(element("receiveTask", "x")),
         between(element("receiveTask", "x", messageRef="m")), GIVEN),
    case("start-by-itself", "start", begun(LATER), begun(definition("message", "keyless")), GIVEN),
    Case("unknown-form", "x", form("nulle_part"), form("f"), {"f.form": FORM}),
    case("task-without-role", "x", between(user("x", role=None)), between(user("x"))),
    case("task-without-role", "x", between(user("x", role=None)),
         between(user("x", role=None)) + lanes(("medecin_traitant", "Médecin", ("start", "x", "end")))),
    case("task-without-role", "x", between(element("adHocSubProcess", "x", user("u"))),
         between(element("adHocSubProcess", "x", user("u"))) + lanes(("medecin_traitant", "Médecin", ("x",)))),
    case("task-without-role", "x", between(element("adHocSubProcess", "x", user("u"))),
         between(element("adHocSubProcess", "x", extensions(zeebe("adHoc", activeElementsCollection='=["u"]')),
                         user("u")))),
    case("cancel-without-boundary", "x", cancelled(), cancelled() + TAKEN_OVER),
    case("lane-empty", "l", between(user("x")) + lanes(("l", "L", ())), between(user("x")) + lanes(("l", "L", ("x",)))),
    case("missing-operation", "x", between(element("serviceTask", "x")), between(service("x", "appeler"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.element}")
def test_a_pathway_that_breaks_a_constraint_is_told_and_its_neighbour_accepted(one: Case) -> None:
    one.hold()


@pytest.mark.parametrize(
    "around",
    [
        boundary("late", "a", LATER) + chain("late", "j"),
        boundary("late", "a", LATER) + user("u") + chain("late", "u", "j"),
    ],
)
def test_a_branch_that_may_go_on_without_writing_is_not_told(around: str) -> None:
    case("parallel-writes", "g", abreast("v", "v"), abreast("v", "v") + around).hold()


def test_every_rule_has_a_model_that_breaks_it_and_one_that_does_not() -> None:
    others = (
        test_engine_refusals_data,
        test_engine_refusals_events,
        test_engine_refusals_files,
        test_engine_refusals_flows,
    )
    tested = {one.code for one in CASES} | {one.code for module in others for one in module.CASES}
    assert {rule.code for rule in RULES} == tested
