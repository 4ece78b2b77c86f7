"""Flows, gateways and ways through: each broken constraint is told, and its accepted neighbour is left alone."""

import pytest

from engine.refusals.exhaustion import exhaustive
from tests.support.constraints import Case, beside, between, case
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    element,
    end,
    flow,
    gateway,
    on_event,
    start,
    sub,
    throw,
    timer,
    user,
)

GIVEN = element("message", "m", name="lettre") + element("signal", "s", name="s")
LATER = timer("timeDuration", "P1D")
NEWS = definition("message", "m")


def inner(*more: str) -> str:
    return sub("x", start("s1") + end("e1") + chain("s1", "e1") + "".join(more))


def split(kind: str, *flows: str, **attributes: str) -> str:
    """A gateway with two ways to two ends."""
    return start() + gateway(kind, "g", **attributes) + end() + end("b") + chain("start", "g") + "".join(flows)


def choice(first: str | None, second: str | None, kind: str = "exclusive", **attributes: str) -> str:
    return split(kind, flow("g", "end", first, id="f1"), flow("g", "b", second, id="f2"), **attributes)


def merge(**attributes: str) -> str:
    """Two ways into a gateway, one out of it."""
    ways = user("u") + user("v") + end() + chain("start", "u", "g", "end") + chain("start", "v", "g")
    return start() + gateway("exclusive", "g", **attributes) + ways


def waits(*targets: str, more: str = "", **attributes: str) -> str:
    """An event-based gateway before these elements, called t0, t1…"""
    ways = "".join(chain("g", f"t{n}", "end") for n in range(len(targets)))
    return start() + gateway("eventBased", "g", **attributes) + end() + "".join(targets) + ways + more


def caught(n: int, trigger: str) -> str:
    return catch(f"t{n}", trigger)


def received(n: int) -> str:
    return element("receiveTask", f"t{n}", messageRef="m")


BEGUN = chain("start", "g")
TWO = (caught(0, LATER), caught(1, NEWS))
INSTANTIATED = waits(*TWO, instantiate="true").replace(start(), "")
TOLD = element("startEvent", "start", "{0}") + element("endEvent", "end", "{1}") + flow("start", "end", id="f")


def told(leaves: str, enters: str) -> str:
    """A process whose events list their flows."""
    lists = element("outgoing", "", leaves) if leaves else "", element("incoming", "", enters) if enters else ""
    return TOLD.format(*lists)


def two_joins(back: str) -> str:
    """Two inclusive joins; `back` leads from behind the second one."""
    ways = chain("start", "i1", "u", "i2", "x") + chain("start", "v", "i1") + chain("v", "i2")
    parts = gateway("inclusive", "i1") + gateway("inclusive", "i2") + user("u") + user("v")
    choose = gateway("exclusive", "x", default="out") + flow("x", "end", id="out") + flow("x", back, "=a")
    return start() + end() + end("other") + parts + choose + ways


FLOWS = [
    case("flow-out-of-level", "f", between(inner()) + end("e2") + flow("s1", "e2", id="f"), between(inner())),
    case("flow-out-of-level", "f", between(user("x")) + flow("x", "nulle_part", id="f"), between(user("x"))),
    case("flow-into-start", "start", between(user("x")) + flow("x", "start"), between(user("x"))),
    case(
        "flow-into-boundary", "b",
        between(user("x")) + boundary("b", "x", LATER) + chain("b", "end") + user("y") + chain("x", "y", "b"),
        between(user("x")) + boundary("b", "x", LATER) + chain("b", "end"),
    ),
    case("flow-out-of-end", "end", between(user("x")) + chain("end", "x"), between(user("x"))),
    case(
        "flow-at-event-sub-process", "h",
        beside(on_event("h", LATER, end("e1"), chain("h_start", "e1"))) + chain("h", "end"),
        beside(on_event("h", LATER, end("e1"), chain("h_start", "e1"))),
    ),
    case(
        "flow-at-handler", "h", between(user("x")) + user("h", isForCompensation="true") + chain("x", "h"),
        between(user("x")) + user("h") + chain("x", "h", "end"),
    ),
    case(
        "flow-at-compensation", "b",
        between(user("x")) + boundary("b", "x", definition("compensate")) + chain("b", "end")
        + user("h", isForCompensation="true") + '<bpmn:association id="a" sourceRef="b" targetRef="h"/>',
        between(user("x")) + boundary("b", "x", definition("compensate"))
        + user("h", isForCompensation="true") + '<bpmn:association id="a" sourceRef="b" targetRef="h"/>',
    ),
    case("default-elsewhere", "g", choice("=a", "=b", default="nul"), choice("=a", None, default="f2")),
    case("default-forbidden", "g", choice(None, None, "parallel", default="f2"), choice(None, None, "parallel")),
    case(
        "flow-not-immediate", "f",
        between(user("x")) + element("sequenceFlow", "f", sourceRef="x", targetRef="end", isImmediate="false"),
        between(user("x")) + element("sequenceFlow", "f", sourceRef="x", targetRef="end", isImmediate="true"),
    ),
    case("flow-untold", "end", told("f", ""), told("f", "f")),
    case("flow-untold", "start", told("autre", "f"), told("", "")),
    case(
        "boundary-attachment", "b", between(user("x")) + boundary("b", "nul", LATER) + chain("b", "end"),
        between(user("x")) + boundary("b", "x", LATER) + chain("b", "end"),
    ),
    case(
        "boundary-attachment", "b", between(catch("x", LATER)) + boundary("b", "x", LATER) + chain("b", "end"),
        between(user("x")) + boundary("b", "x", LATER) + chain("b", "end"),
    ),
    case("condition-ignored", "f1", choice("=a", None, "parallel"), choice(None, None, "parallel")),
    case(
        "condition-ignored", "c", start() + end() + flow("start", "end", "=a", id="c"),
        start() + end() + flow("start", "end", id="c"),
    ),
    case(
        "condition-alone", "x", start() + user("x") + end() + chain("start", "x") + flow("x", "end", "=a"),
        start() + user("x", default="d") + end() + end("b") + chain("start", "x") + flow("x", "end", "=a")
        + flow("x", "b", id="d"),
    ),
]  # fmt: skip

GATEWAYS = [
    case("gateway-without-effect", "x", between(gateway("exclusive", "x")), choice("=a", None, default="f2")),
    case("gateway-direction", "g", merge(gatewayDirection="Diverging"), merge(gatewayDirection="Converging")),
    case("gateway-direction", "g", merge(gatewayDirection="Mixed"), merge(gatewayDirection="Unspecified")),
    case(
        "gateway-direction", "g", choice("=a", None, default="f2", gatewayDirection="Converging"),
        choice("=a", None, default="f2", gatewayDirection="Diverging"),
    ),
    case("missing-condition", "f2", choice("=a", None), choice("=a", None, default="f2")),
    case("missing-default", "g", choice("=a > 1", "=b"), choice("=a > 1", "=a <= 1")),
    case("missing-default", "g", choice("=a", "=b", "inclusive"), choice("=a", "=not(a)", "inclusive")),
    case("condition-on-default", "f2", choice("=a", "=b", default="f2"), choice("=a", None, default="f2")),
    case("event-gateway-target", "g", waits(caught(0, LATER), user("t1"), more=BEGUN), waits(*TWO, more=BEGUN), GIVEN),
    case(
        "event-gateway-mixed", "g", waits(caught(0, NEWS), received(1), more=BEGUN),
        waits(received(0), caught(1, LATER), more=BEGUN), GIVEN,
    ),
    case(
        "event-gateway-boundary", "t0",
        waits(received(0), caught(1, LATER), more=BEGUN + boundary("b", "t0", LATER) + chain("b", "end")),
        waits(received(0), caught(1, LATER), more=BEGUN), GIVEN,
    ),
    case("event-gateway-shared", "t1", waits(*TWO, more=BEGUN + chain("start", "t1")), waits(*TWO, more=BEGUN), GIVEN),
    case("event-gateway-single", "g", waits(caught(0, LATER), more=BEGUN), waits(*TWO, more=BEGUN), GIVEN),
    case(
        "event-gateway-beginning", "g", waits(received(0), received(1), more=BEGUN, instantiate="true"),
        INSTANTIATED, GIVEN,
    ),
    case(
        "event-gateway-parallel", "g", waits(*TWO, more=BEGUN, eventGatewayType="Parallel"),
        waits(*TWO, more=BEGUN, eventGatewayType="Exclusive"), GIVEN,
    ),
    case("joins-wait-for-each-other", "i1", two_joins("i1"), two_joins("other")),
]  # fmt: skip

WAYS = [
    case("no-start", "x", between(sub("x", "")), between(inner())),
    case("end-without-start", "p", user("u") + end() + chain("u", "end"), between(user("x"))),
    case("start-without-end", "p", start() + user("u") + chain("start", "u"), between(user("x"))),
    case("dead-end", "u", between(user("x")) + user("u") + chain("x", "u"), user("u")),
    case("dead-end", "b", between(user("x")) + boundary("b", "x", LATER), between(user("x"))),
    case("intermediate-incoming", "x", catch("x", LATER) + user("u") + chain("x", "u"), between(catch("x", LATER))),
    case("intermediate-incoming", "t", throw("t", "") + user("x") + chain("t", "x"),
         between(element("adHocSubProcess", "x", user("u"), throw("t", "")))),
    case("unreachable", "u", between(user("x")) + user("u") + chain("u", "end"), between(user("x"))),
    case(
        "no-way-to-end", "u", between(user("x")) + user("u") + user("v") + chain("x", "u", "v", "u"),
        between(user("x")) + user("u") + user("v", default="d") + chain("x", "u", "v") + flow("v", "end", id="d")
        + flow("v", "u", "=a"),
    ),
]  # fmt: skip
CASES = FLOWS + GATEWAYS + WAYS


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.element}")
def test_a_flow_that_breaks_a_constraint_is_told_and_its_neighbour_accepted(one: Case) -> None:
    one.hold()


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["=a", "=not(a)"], True),
        (["= n > 3", "=n<=3"], True),
        (['=urgence = "haute"', '=urgence != "haute"'], True),
        (["=ok = true", "=ok = false"], True),
        (["=a", "=true"], True),
        (["=a", "=b"], False),
        (["=n > 3", "=n < 3"], False),
        (["=n > 3", "=m <= 3"], False),
        (["=a and b > 1", "=a and b <= 1"], False),
        (['=x = "a b"', '=x != "ab"'], False),
    ],
)
def test_conditions_are_known_to_leave_nothing_out_only_when_they_do(conditions: list[str], expected: bool) -> None:
    assert exhaustive(conditions) is expected
