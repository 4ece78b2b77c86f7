"""What gateways mean: splits, joins, deadlocks, events that instantiate."""

from collections.abc import Callable

import pytest

from tests.engine.driver import Driver
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    element,
    end,
    flow,
    gateway,
    message,
    on_event,
    start,
    sub,
    timer,
    user,
)

Perform = Callable[..., Driver]
ROOTS = message("m", "news", "=key") + message("n", "other", "=key") + '<bpmn:signal id="S" name="crisis"/>'


def branches(kind: str, *names: str, join: str = "parallel", **said: str) -> tuple[str, ...]:
    """start, a split, one user task a branch, a join `j`, task z, end."""
    between = "".join(user(name) + chain("s", name, "j") for name in names)
    return (
        start(),
        gateway(kind, "s", **said),
        between,
        gateway(join, "j"),
        user("z"),
        end(),
        chain("start", "s"),
        chain("j", "z", "end"),
    )


def test_a_parallel_join_takes_one_token_of_each_flow_and_leaves_the_others(perform: Perform) -> None:
    run = perform(
        start(), element("task", "two", completionQuantity="2"), gateway("parallel", "s"), user("a"), user("b"),
        gateway("parallel", "j"), user("z"), end(),
        chain("start", "two", "s", "a", "j", "z", "end"), chain("s", "b", "j"),
    )  # fmt: skip
    assert run.do("a").do("a").tasks() == ["b", "b"]
    assert run.do("b").tasks() == ["b", "z"]
    assert run.do("b").tasks() == ["z", "z"]
    assert run.do("z").do("z").ended


def test_a_join_that_waits_for_a_branch_not_taken_is_an_incident(perform: Perform) -> None:
    run = perform(
        start(), gateway("exclusive", "s", default="f"), user("a"), user("b"), gateway("parallel", "j"), user("z"),
        end(),
        chain("start", "s"), flow("s", "a", "=x"), flow("s", "b", id="f"), chain("a", "j", "z", "end"), chain("b", "j"),
        variables={"x": True},
    )  # fmt: skip
    assert not run.incidents
    run.do("a")
    assert [(stuck.element, stuck.kind) for stuck in run.incidents] == [("j", "deadlock")]
    assert "« j »" in run.incidents[0].message
    run.retry()
    assert len(run.incidents) == 2


def test_a_deadlock_inside_a_sub_process_can_still_be_interrupted(perform: Perform) -> None:
    inner = sub(
        "A", start("s1"), gateway("exclusive", "x", default="f"), gateway("parallel", "j"), end("e1"), chain("s1", "x"),
        flow("x", "j", "=false"), flow("x", "j", id="f"), chain("j", "e1"),
    )  # fmt: skip
    run = perform(
        start(), inner, boundary("b", "A", timer("timeDuration", "P1D")), end("e2"), end(),
        chain("start", "A", "end"), chain("b", "e2"),
    )  # fmt: skip
    assert [stuck.element for stuck in run.incidents] == ["j"]
    assert run.after(days=2).trail == ["start", "s1", "x", "b", "e2"]


def test_two_inclusive_joins_that_wait_for_each_other_are_an_incident(perform: Perform) -> None:
    """The standard lets such a diagram wait for ever."""
    run = perform(
        start(), gateway("parallel", "s"), gateway("inclusive", "j1"), gateway("inclusive", "j2"),
        gateway("exclusive", "x1", default="o1"), gateway("exclusive", "x2", default="o2"), end(), end("e2"),
        chain("start", "s", "j1", "x1"), chain("s", "j2", "x2"), flow("x1", "j2", "=false"), flow("x2", "j1", "=false"),
        flow("x1", "end", id="o1"), flow("x2", "e2", id="o2"),
    )  # fmt: skip
    assert run.ended or [stuck.kind for stuck in run.incidents] == ["deadlock"]


@pytest.mark.parametrize(("x", "expected"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_an_inclusive_split_takes_every_flow_that_holds_else_the_default(
    perform: Perform, x: int, expected: list[str]
) -> None:
    run = perform(
        start(), gateway("inclusive", "s", default="d"), user("a"), user("b"), user("c"), gateway("inclusive", "j"),
        end(), chain("start", "s"), flow("s", "a", "=x > 0"), flow("s", "b", "=x > 1"), flow("s", "c", id="d"),
        *(chain(name, "j") for name in "abc"), chain("j", "end"), variables={"x": x},
    )  # fmt: skip
    assert run.tasks() == expected
    for name in expected:
        assert "j" not in run.trail
        run.do(name)
    assert run.ended
    assert run.trail.count("j") == 1


def test_no_way_out_of_a_choice_is_an_incident_that_a_correction_mends(perform: Perform) -> None:
    run = perform(
        start(), gateway("exclusive", "g"), end("a"), end("b"), chain("start", "g"), flow("g", "a", "=x = 1"),
        flow("g", "b", "=x = 2"), variables={"x": 3},
    )  # fmt: skip
    assert [stuck.kind for stuck in run.incidents] == ["flow"]
    run.mend(x=2)
    assert run.retry().trail == ["start", "g", "b"]


def complex_join(condition: str) -> str:
    return element("complexGateway", "j", element("activationCondition", "", condition))


def test_a_complex_gateway_opens_when_enough_came_and_swallows_the_rest(perform: Perform) -> None:
    between = "".join(user(name) + chain("s", name, "j") for name in "abc")
    run = perform(
        start(), gateway("parallel", "s"), between, complex_join("=activationCount &gt;= 2"), user("z"), end(),
        chain("start", "s"), chain("j", "z", "end"),
    )  # fmt: skip
    assert run.do("b").tasks() == ["a", "c"]
    assert run.do("a").tasks() == ["c", "z"]
    assert run.do("c").tasks() == ["z"]
    assert run.do("z").ended
    assert run.trail.count("j") == 1


@pytest.mark.parametrize("late", [True, False])
def test_a_complex_gateway_is_reset_also_when_the_rest_went_elsewhere(perform: Perform, late: bool) -> None:
    run = perform(
        start(), gateway("exclusive", "m"), gateway("parallel", "s"), user("a"), user("b"),
        gateway("exclusive", "x", default="away"), complex_join("=activationCount &gt;= 1"), user("z"), end("gone"),
        end(),
        gateway("exclusive", "again", default="stop"),
        chain("start", "m", "s", "a", "j", "z", "again"), chain("s", "b", "x"),
        flow("x", "j", "=late"), flow("x", "gone", id="away"), flow("again", "m", "=more"),
        flow("again", "end", id="stop"),
        variables={"late": late, "more": True},
    )  # fmt: skip
    run.do("a").do("b")
    assert run.tasks() == ["z"]
    run.do("z").do("a")
    assert run.tasks() == ["b", "z"]
    run.do("b").do("z", more=False)
    assert run.ended
    assert run.trail.count("j") == 2


def test_a_complex_gateway_holds_the_next_round_until_it_is_reset(perform: Perform) -> None:
    run = perform(
        start(), gateway("parallel", "s"), user("a"), user("b"), complex_join("=activationCount &gt;= 1"), user("z"),
        end(),
        gateway("exclusive", "m"), chain("start", "s", "m", "a", "j", "z"), chain("s", "b", "j"),
        gateway("exclusive", "again", default="stop"), chain("z", "again"), flow("again", "m", "=more"),
        flow("again", "end", id="stop"), variables={"more": True},
    )  # fmt: skip
    assert run.do("a").do("z").do("a").tasks() == ["b"]
    assert run.do("b").tasks() == ["z"]
    assert run.do("z", more=False).ended


FIRST: dict[str, Callable[[Driver], object]] = {
    "m": lambda run: run.message("news", "k"),
    "s": lambda run: run.signal("crisis"),
    "t": lambda run: run.after(days=2),
    "r": lambda run: run.message("other", "k"),
    "c": lambda run: run.mend(ready=True),
}


@pytest.mark.parametrize(
    ("first", "message_by"),
    [("m", "event"), ("s", "event"), ("t", "event"), ("c", "event"), ("r", "task"), ("t", "task")],
)
def test_an_event_gateway_takes_what_comes_first(perform: Perform, first: str, message_by: str) -> None:
    ready = element("conditionalEventDefinition", "", element("condition", "", "=ready"))
    message_event = {"m": definition("message", "m")} if message_by == "event" else {}
    events = message_event | {"s": definition("signal", "S"), "t": timer("timeDuration", "P1D"), "c": ready}
    waits = "".join(catch(f"c{name}", event) for name, event in events.items())
    waits += element("receiveTask", "cr", messageRef="n") if message_by == "task" else ""
    branching = [*events, *(["r"] if message_by == "task" else [])]
    ways = "".join(user(f"u{name}") + chain("g", f"c{name}", f"u{name}", "end") for name in branching)
    run = perform(
        start(), gateway("eventBased", "g"), waits, ways, end(), chain("start", "g"), given=ROOTS,
        variables={"key": "k"}
    )  # fmt: skip
    FIRST[first](run)
    assert run.tasks() == [f"u{first}"]
    assert not run.run.register.subscriptions
    assert not run.run.register.timers
    assert not run.run.register.conditions


BEGIN = (
    catch("cm", definition("message", "m")),
    user("um"),
    catch("cn", definition("message", "n")),
    user("un"),
    end(),
)
WAYS = chain("g", "cm", "um", "end") + chain("g", "cn", "un", "end")


def test_an_event_gateway_begins_a_run_with_the_event_that_came(perform: Perform) -> None:
    run = perform(
        gateway("eventBased", "g", instantiate="true"), *BEGIN, WAYS, given=ROOTS, message="other",
        variables={"key": "k", "page": 1},
    )  # fmt: skip
    assert run.tasks() == ["un"]
    assert not run.message("news", "k")
    assert run.var("page") == 1
    assert run.do("un").ended


def test_a_parallel_event_gateway_begins_a_run_with_one_event_and_waits_for_the_others(perform: Perform) -> None:
    run = perform(
        gateway("eventBased", "g", instantiate="true", eventGatewayType="Parallel"), *BEGIN, WAYS, given=ROOTS,
        message="news", variables={"key": "k"},
    )  # fmt: skip
    assert run.do("um").tasks() == []
    assert not run.ended
    assert run.message("other", "k", page=2)
    assert run.do("un").ended
    assert run.var("page") == 2


def test_a_receive_task_begins_a_run(perform: Perform) -> None:
    run = perform(
        element("receiveTask", "r", messageRef="m", instantiate="true"), user("u"), end(), chain("r", "u", "end"),
        given=ROOTS, message="news", variables={"key": "k"},
    )  # fmt: skip
    assert run.tasks() == ["u"]
    assert run.do("u").trail == ["r", "u", "end"]


def test_an_interrupting_event_frees_what_waits_at_a_join(perform: Perform) -> None:
    stop = on_event("H", definition("signal", "S"), user("r"), end("e2"), chain("H_start", "r", "e2"))
    run = perform(*branches("parallel", "a", "b"), stop, given=ROOTS)
    run.do("a")
    assert run.signal("crisis") == 1
    assert run.tasks() == ["r"]
    assert run.do("r").ended
    assert not run.incidents
