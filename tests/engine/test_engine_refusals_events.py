"""Events and links: each broken constraint is told, and its accepted neighbour is left alone."""

import pytest

from tests.support.constraints import Case, beside, between, case
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    element,
    end,
    flow,
    message,
    on_event,
    start,
    sub,
    throw,
    timer,
    user,
)

SIGNAL = element("signal", "s", name="s")
ERROR = element("error", "e", errorCode="E")
ESCALATION = element("escalation", "esc", escalationCode="C")
GIVEN = SIGNAL + ERROR + ESCALATION + message("m", "lettre")
LATER = timer("timeDuration", "P1D")
TIE = '<bpmn:association id="tie" sourceRef="b" targetRef="{}"/>'


def started(trigger: str) -> str:
    return start("start", trigger) + end() + chain("start", "end")


def inside(trigger: str) -> str:
    """An embedded sub-process that begins so."""
    return between(sub("x", start("s1", trigger) + end("e1") + chain("s1", "e1")))


def opened(trigger: str, *, interrupting: bool = True) -> str:
    """An event sub-process beside the normal flow."""
    return beside(on_event("h", trigger, end("e1") + chain("h_start", "e1"), interrupting=interrupting))


def attached(trigger: str, *, cancels: bool = True) -> str:
    return between(user("x")) + boundary("b", "x", trigger, cancels=cancels) + end("e2") + chain("b", "e2")


def ended(trigger: str) -> str:
    return start() + end("end", trigger) + chain("start", "end")


def undone(more: str, *handlers: str) -> str:
    """A task with a compensation event on its border."""
    tied = "".join(TIE.format(handler).replace("tie", f"tie{n}") for n, handler in enumerate(handlers))
    return between(user("x")) + boundary("b", "x", definition("compensate")) + more + tied


def transaction(trigger: str, tag: str = "transaction") -> str:
    return between(element(tag, "x", start("s1") + end("e1", trigger) + chain("s1", "e1")))


HANDLER = user("h", isForCompensation="true")
JUMP = start() + throw("t", definition("link", name="L")) + end() + chain("start", "t")
ARRIVE = chain("c", "end")


def arrival(name: str = "L", id: str = "c") -> str:
    return catch(id, definition("link", name=name))


EVENTS = [
    case("start-trigger", "start", started(definition("error", "e")), started(definition("signal", "s")), GIVEN),
    case("start-trigger", "start", started(definition("terminate")), started(LATER), GIVEN),
    case("sub-process-start-trigger", "s1", inside(LATER), inside(""), GIVEN),
    case("event-sub-process-trigger", "h_start", opened(definition("cancel")), opened(definition("error", "e")), GIVEN),
    case(
        "event-sub-process-start",
        "h",
        beside(sub("h", user("u"), triggeredByEvent="true")),
        opened(LATER),
        GIVEN,
    ),
    case("event-without-trigger", "h_start", opened(""), opened(LATER)),
    case("event-without-trigger", "x", between(catch("x", "")), between(throw("x", ""))),
    case("catch-trigger", "x", between(catch("x", definition("error", "e"))), between(catch("x", LATER)), GIVEN),
    case("throw-trigger", "x", between(throw("x", LATER)), between(throw("x", definition("signal", "s"))), GIVEN),
    case("boundary-trigger", "b", attached(definition("terminate")), attached(definition("error")), GIVEN),
    case("end-trigger", "end", ended(LATER), ended(definition("terminate")), GIVEN),
    case("end-trigger", "end", ended(definition("link", name="L")), ended(definition("error", "e")), GIVEN),
    case("cancel-outside-transaction", "end", ended(definition("cancel")), transaction(definition("cancel"))),
    case(
        "cancel-outside-transaction",
        "b",
        attached(definition("cancel")),
        transaction("") + boundary("b", "x", definition("cancel")) + end("e2") + chain("b", "e2"),
    ),
    case(
        "always-interrupts",
        "b",
        attached(definition("error"), cancels=False),
        attached(definition("escalation"), cancels=False),
    ),
    case(
        "always-interrupts",
        "h_start",
        opened(definition("error"), interrupting=False),
        opened(definition("escalation"), interrupting=False),
    ),
    case("compensation-handler", "b", undone(""), undone(HANDLER, "h")),
    case(
        "compensation-handler",
        "b",
        undone(HANDLER + user("k", isForCompensation="true"), "h", "k"),
        undone(HANDLER, "h"),
    ),
    case("compensation-unmarked", "h", undone(user("h"), "h"), undone(HANDLER, "h")),
    case("compensation-never", "h", beside(HANDLER), undone(HANDLER, "h")),
    case(
        "compensation-out-of-sight",
        "t",
        undone(HANDLER, "h")
        + sub("k", start("s1") + throw("t", definition("compensate", activityRef="x")) + end("e1")
              + chain("s1", "t", "e1"))
        + flow("x", "k") + flow("k", "end"),
        start() + user("x") + throw("t", definition("compensate", activityRef="x")) + end()
        + chain("start", "x", "t", "end") + boundary("b", "x", definition("compensate")) + HANDLER + TIE.format("h"),
    ),
    case(
        "message-missing", "x", between(catch("x", definition("message"))),
        between(catch("x", definition("message", "m"))), GIVEN,
    ),
    case(
        "message-without-name", "x", between(catch("x", definition("message", "n"))),
        between(catch("x", definition("message", "m"))), GIVEN + element("message", "n"),
    ),
    case(
        "signal-missing", "x", between(throw("x", definition("signal"))),
        between(throw("x", definition("signal", "s"))), GIVEN,
    ),
    case("error-missing", "end", ended(definition("error")), ended(definition("error", "e")), GIVEN),
    case("error-missing", "end", ended(definition("error", "f")), ended(definition("error", "e")),
         GIVEN + element("error", "f")),
    case("escalation-missing", "end", ended(definition("escalation")), ended(definition("escalation", "esc")), GIVEN),
    case("bad-timer", "x", between(catch("x", element("timerEventDefinition"))), between(catch("x", LATER))),
    case(
        "bad-timer", "x",
        between(catch("x", element("timerEventDefinition", "", element("timeDate", "", "2026-01-01"),
                                   element("timeDuration", "", "P1D")))),
        between(catch("x", timer("timeDate", "2026-01-01T09:00:00Z"))),
    ),
    case("timer-unreadable", "x", between(catch("x", timer("timeDuration", "demain"))), between(catch("x", LATER))),
    case("timer-unreadable", "x", between(catch("x", timer("timeCycle", "R3/demain"))),
         between(catch("x", timer("timeCycle", "R3/P1D")))),
    case(
        "condition-missing", "x", between(catch("x", element("conditionalEventDefinition"))),
        between(catch("x", element("conditionalEventDefinition", "", element("condition", "", "=a &gt; 1")))),
    ),
]  # fmt: skip

LINKS = [
    case("link-without-name", "c", JUMP + catch("c", definition("link")) + ARRIVE, JUMP + arrival() + ARRIVE),
    case("link-target", "t", JUMP, JUMP + arrival() + ARRIVE),
    case("link-target", "t", JUMP + arrival() + arrival(id="d") + ARRIVE + chain("d", "end"),
         JUMP + arrival() + ARRIVE),
    case("link-source", "c", beside(arrival() + ARRIVE), JUMP + arrival() + ARRIVE),
    case(
        "link-pair", "l2",
        start() + throw("t", element("linkEventDefinition", "l1", name="L")) + end() + chain("start", "t")
        + catch("c", element("linkEventDefinition", "l2", element("source", "", "l2"), name="L")) + ARRIVE,
        start() + throw("t", element("linkEventDefinition", "l1", element("target", "", "l2"), name="L")) + end()
        + chain("start", "t")
        + catch("c", element("linkEventDefinition", "l2", element("source", "", "l1"), name="L")) + ARRIVE,
    ),
    case("link-flow-in", "c", JUMP + arrival() + ARRIVE + chain("start", "c"), JUMP + arrival() + ARRIVE),
    case("link-flow-out", "t", JUMP + arrival() + ARRIVE + chain("t", "end"), JUMP + arrival() + ARRIVE),
    case(
        "link-mixed", "c",
        JUMP + catch("c", definition("link", name="L") + definition("signal", "s")) + ARRIVE,
        JUMP + arrival() + ARRIVE, GIVEN,
    ),
]  # fmt: skip
CASES = EVENTS + LINKS


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.element}")
def test_an_event_that_breaks_a_constraint_is_told_and_its_neighbour_accepted(one: Case) -> None:
    one.hold()


@pytest.mark.parametrize("kind", ["message", "signal", "timer", "conditional", "error", "escalation", "compensate"])
def test_every_trigger_that_the_standard_allows_opens_an_event_sub_process(kind: str) -> None:
    made = {
        "message": definition("message", "m"),
        "signal": definition("signal", "s"),
        "timer": LATER,
        "conditional": element("conditionalEventDefinition", "", element("condition", "", "=a")),
    }
    accepted = case("event-sub-process-trigger", "h_start", opened(definition("link", name="L")),
                    opened(made.get(kind) or definition(kind)), GIVEN)  # fmt: skip
    accepted.hold()


def test_compensation_may_be_thrown_for_what_stands_around_its_event_sub_process() -> None:
    thrower = on_event(
        "k", LATER, throw("t", definition("compensate", activityRef="x")) + end("e1") + chain("k_start", "t", "e1")
    )
    inner = start("s1") + user("x") + end("e1x") + chain("s1", "x", "e1x") + thrower
    inner += boundary("b", "x", definition("compensate")) + HANDLER + TIE.format("h")
    broken = between(sub("y", inner), "y").replace('activityRef="x"', 'activityRef="y"')
    case("compensation-out-of-sight", "t", broken, between(sub("y", inner), "y")).hold()
