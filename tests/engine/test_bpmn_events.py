"""What each kind of event means in each position: the order of what completed, the variables, the end."""

from collections.abc import Callable
from typing import Any

import pytest

from base.errors import RunError
from tests.engine.driver import Driver
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    element,
    end,
    extensions,
    gateway,
    io,
    message,
    on_event,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)

Perform = Callable[..., Driver]
ROOTS = (
    message("m", "news", "=key")
    + message("n", "other", "=key")
    + '<bpmn:signal id="S" name="crisis"/><bpmn:signal id="T" name="calm"/>'
    + '<bpmn:error id="E" errorCode="E1"/><bpmn:error id="F" errorCode="F1"/>'
    + '<bpmn:escalation id="X" escalationCode="X1"/><bpmn:escalation id="Y" escalationCode="Y1"/>'
)
MESSAGE, SIGNAL, ESCALATION = definition("message", "m"), definition("signal", "S"), definition("escalation", "X")


def when(condition: str) -> str:
    return element("conditionalEventDefinition", "", element("condition", "", condition.replace(">", "&gt;")))


def count(run: Driver, name: str) -> int:
    return run.trail.count(name)


# --- multiple and parallel multiple -----------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["message", "signal", "timer"])
def test_any_event_of_a_multiple_catch_lets_it_go(perform: Perform, first: str) -> None:
    parts = (start(), catch("c", MESSAGE + SIGNAL + timer("timeCycle", "R1/PT1H")), end(), chain("start", "c", "end"))
    run = perform(*parts, given=ROOTS, variables={"key": "k"})
    HAPPENS[first][1](run)
    assert run.trail == ["start", "c", "end"]
    assert not run.run.register.subscriptions
    assert not run.run.register.timers


def test_a_parallel_multiple_catch_waits_for_all_and_keeps_what_each_brought(perform: Perform) -> None:
    events = MESSAGE + SIGNAL + timer("timeDuration", "PT1H")
    run = perform(
        start(),
        catch("c", events, parallelMultiple="true"),
        end(),
        chain("start", "c", "end"),
        given=ROOTS,
        variables={"key": "k"},
    )
    assert run.message("news", "k", page=1, last="message")
    assert not run.message("news", "k", page=2)
    run.after(hours=2)
    assert not run.run.register.timers
    run.after(hours=2)
    assert not run.ended
    assert run.signal("crisis", level=3, last="signal") == 1
    assert run.trail == ["start", "c", "end"]
    assert (run.var("page"), run.var("level"), run.var("last")) == (1, 3, "signal")


def test_a_parallel_multiple_boundary_that_does_not_interrupt_fires_for_each_round(perform: Perform) -> None:
    run = perform(
        start(),
        user("u"),
        element(
            "boundaryEvent", "b", MESSAGE + SIGNAL, attachedToRef="u", cancelActivity="false", parallelMultiple="true"
        ),
        script("more", "=n + 1", "n"),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "more", "e2"),
        given=ROOTS,
        variables={"key": "k", "n": 0},
    )
    for expected in (1, 2):
        assert run.signal("crisis") == 1
        assert run.signal("crisis") == 0
        assert run.var("n") == expected - 1
        assert run.message("news", "k")
        assert run.var("n") == expected
    assert run.do("u").ended


def test_a_multiple_boundary_hears_each_of_its_events_also_after_an_error(perform: Perform) -> None:
    run = perform(
        start(),
        user("u"),
        boundary("b", "u", definition("error", "E") + SIGNAL + timer("timeDuration", "PT1H"), cancels=True),
        user("v"),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "v", "e2"),
        given=ROOTS,
    )
    assert run.signal("crisis") == 1
    assert run.tasks() == ["v"]
    assert run.do("v").trail == ["start", "b", "v", "e2"]


def test_a_multiple_boundary_waits_on_when_its_timer_is_over(perform: Perform) -> None:
    run = perform(
        start(),
        user("u"),
        boundary("b", "u", SIGNAL + timer("timeDuration", "PT1H"), cancels=False),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "e2"),
        given=ROOTS,
    )
    run.after(hours=2).after(hours=2)
    assert count(run, "b") == 1
    assert run.signal("crisis") == 1
    assert count(run, "b") == 2
    assert run.do("u").ended


def test_a_multiple_throw_lets_each_of_its_events_happen_in_order(perform: Perform) -> None:
    run = perform(
        start(),
        throw("t", SIGNAL + MESSAGE + definition("signal", "T")),
        end(),
        chain("start", "t", "end"),
        given=ROOTS,
        variables={"key": "k"},
    )
    assert [(kind, name) for kind, name, _, _ in run.out] == [
        ("signal", "crisis"), ("message", "news"), ("signal", "calm"),
    ]  # fmt: skip
    assert run.ended


def test_two_conditions_of_one_event_are_watched_apart(perform: Perform) -> None:
    run = perform(
        start(),
        user("u"),
        user("w"),
        boundary("b", "u", when("=a > 1") + when("=b > 1"), cancels=False),
        gateway("parallel", "split"),
        end("e2"),
        end("e3"),
        end(),
        chain("start", "split", "u", "end"),
        chain("split", "w", "e3"),
        chain("b", "e2"),
        variables={"a": 0, "b": 0},
    )
    run.mend(a=2)
    assert count(run, "b") == 1
    run.mend(b=2)
    assert count(run, "b") == 2
    run.mend(a=0)
    run.mend(a=5)
    assert count(run, "b") == 3


# --- conditional ------------------------------------------------------------------------------------------------------


def test_a_conditional_catch_goes_at_once_when_it_holds_and_else_when_it_turns_true(perform: Perform) -> None:
    parts = (start(), catch("c", when("=ready")), end(), chain("start", "c", "end"))
    assert perform(*parts, variables={"ready": True}).trail == ["start", "c", "end"]


def test_what_a_condition_does_not_know_yet_is_waited_for(perform: Perform) -> None:
    run = perform(start(), catch("c", when("=ready")), end(), chain("start", "c", "end"))
    assert not run.ended
    assert not run.incidents
    run.mend(ready=True)
    assert run.trail == ["start", "c", "end"]


def test_a_conditional_event_sub_process_interrupts_when_the_data_say_so(perform: Perform) -> None:
    alarm = on_event("H", when("=score > 5"), user("alarm"), end("e2"), chain("H_start", "alarm", "e2"))
    run = perform(start(), user("u"), user("v"), end(), chain("start", "u", "v", "end"), alarm, variables={"score": 1})
    assert run.do("u", score=9).tasks() == ["alarm"]
    assert run.do("alarm").trail == ["start", "u", "H_start", "alarm", "e2", "H"]


def test_an_event_based_gateway_takes_a_condition_that_already_holds(perform: Perform) -> None:
    run = perform(
        start(),
        gateway("eventBased", "g"),
        catch("c", when("=ready")),
        catch("d", timer("timeDuration", "PT1H")),
        end(),
        end("e2"),
        chain("start", "g", "c", "end"),
        chain("g", "d", "e2"),
        variables={"ready": True},
    )
    assert run.trail == ["start", "g", "c", "end"]
    assert len(run.run.tokens) == 1


# --- boundary events --------------------------------------------------------------------------------------------------

HAPPENS: dict[str, tuple[str, Callable[[Driver], Any]]] = {
    "message": (MESSAGE, lambda run: run.message("news", "k")),
    "signal": (SIGNAL, lambda run: run.signal("crisis")),
    "timer": (timer("timeCycle", "R5/PT1H"), lambda run: run.after(hours=1)),
    "conditional": (when("=go"), lambda run: (run.mend(go=False), run.mend(go=True))),
}


@pytest.mark.parametrize("kind", HAPPENS)
@pytest.mark.parametrize("host", ["task", "sub-process"])
def test_a_boundary_event_that_does_not_interrupt_fires_again(perform: Perform, kind: str, host: str) -> None:
    event, happens = HAPPENS[kind]
    inside = user("u") if host == "task" else sub("u", start("s1"), user("w"), end("e1"), chain("s1", "w", "e1"))
    run = perform(
        start(),
        inside,
        boundary("b", "u", event, cancels=False),
        user("r"),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "r", "e2"),
        given=ROOTS,
        variables={"key": "k", "go": False},
    )
    happens(run)
    happens(run)
    work = "u" if host == "task" else "w"
    assert run.tasks() == sorted(["r", "r", work])
    assert run.do(work).do("r").do("r").ended
    assert count(run, "b") == 2
    assert run.left_over() == {} or run.how == "never"


@pytest.mark.parametrize("kind", HAPPENS)
@pytest.mark.parametrize("host", ["task", "sub-process", "repetition"])
def test_a_boundary_event_that_interrupts_takes_over(perform: Perform, kind: str, host: str) -> None:
    event, happens = HAPPENS[kind]
    several = element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "3"))
    inside = {
        "task": user("u"),
        "sub-process": sub("u", start("s1"), user("w"), end("e1"), chain("s1", "w", "e1")),
        "repetition": user("u", several),
    }[host]
    run = perform(
        start(),
        inside,
        boundary("b", "u", event),
        user("r"),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "r", "e2"),
        given=ROOTS,
        variables={"key": "k", "go": False},
    )
    happens(run)
    assert run.tasks() == ["r"]
    inside_first = ["s1"] if host == "sub-process" else []
    assert run.do("r").trail == ["start", *inside_first, "b", "r", "e2"]


# --- event sub-processes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", HAPPENS)
@pytest.mark.parametrize("place", ["top", "nested"])
def test_an_event_sub_process_runs_beside_its_scope_as_often_as_its_event_comes(
    perform: Perform, kind: str, place: str
) -> None:
    event, happens = HAPPENS[kind]
    beside = on_event("H", event, user("r"), end("e2"), chain("H_start", "r", "e2"), interrupting=False)
    run = perform(*around(place, user("u"), beside), given=ROOTS, variables={"key": "k", "go": False})
    happens(run)
    happens(run)
    assert run.tasks() == ["r", "r", "u"]
    assert not run.do("u").ended
    run.do("r").do("r")
    assert count(run, "H") == 2
    assert run.tasks() == (["after"] if place == "nested" else [])
    assert run.ended == (place == "top")


@pytest.mark.parametrize("kind", HAPPENS)
@pytest.mark.parametrize("place", ["top", "nested"])
def test_an_event_sub_process_that_interrupts_ends_its_own_scope_only(perform: Perform, kind: str, place: str) -> None:
    event, happens = HAPPENS[kind]
    instead = on_event("H", event, user("r"), end("e2"), chain("H_start", "r", "e2"))
    run = perform(*around(place, user("u"), instead), given=ROOTS, variables={"key": "k", "go": False})
    happens(run)
    assert run.tasks() == ["r"]
    happens(run)
    assert run.tasks() == ["r"]
    run.do("r")
    assert (run.tasks() == ["after"]) == (place == "nested")


def around(place: str, *parts: str) -> tuple[str, ...]:
    """A process around these parts, or around a sub-process with them; first they do `u`."""
    if place == "top":
        return (start(), *parts, end(), chain("start", "u", "end"))
    inside = sub("A", start("s1"), *parts, end("e1"), chain("s1", "u", "e1"))
    return (start(), inside, user("after"), end(), chain("start", "A", "after", "end"))


def test_an_error_start_gets_what_the_error_brought(perform: Perform) -> None:
    repair = on_event("H", definition("error", "E"), user("r"), end("e2"), chain("H_start", "r", "e2"))
    broken = throw("go", SIGNAL) + end("bang", extensions(io({"why": '="full"'})), definition("error", "E"))
    run = perform(start(), broken, chain("start", "go", "bang"), repair, given=ROOTS)
    assert run.tasks() == ["r"]
    assert run.seen("r")["why"] == "full"
    assert run.do("r").trail == ["start", "go", "H_start", "r", "e2", "H"]


def test_an_error_in_an_event_sub_process_reaches_the_one_beside_it_but_not_itself(perform: Perform) -> None:
    beside = on_event("N", SIGNAL, end("bang", definition("error", "E")), chain("N_start", "bang"), interrupting=False)
    repair = on_event("R", definition("error", "E"), end("again", definition("error", "E")), chain("R_start", "again"))
    inner = sub("A", start("s1"), user("u"), end("e1"), chain("s1", "u", "e1"), beside, repair)
    run = perform(
        start(),
        inner,
        boundary("b", "A", definition("error", "E")),
        user("fix"),
        end("e2"),
        end(),
        chain("start", "A", "end"),
        chain("b", "fix", "e2"),
        given=ROOTS,
    )
    assert run.signal("crisis") == 1
    assert run.tasks() == ["fix"]
    assert run.do("fix").trail == ["start", "s1", "N_start", "R_start", "b", "fix", "e2"]


# --- escalation, signal, terminate, link ------------------------------------------------------------------------------


def test_an_escalation_that_nobody_catches_changes_nothing(perform: Perform) -> None:
    run = perform(
        start(), throw("t", ESCALATION), user("u"), end("end", ESCALATION), chain("start", "t", "u", "end"), given=ROOTS
    )
    assert run.do("u").trail == ["start", "t", "u", "end"]
    assert run.run.state == "completed"
    assert not run.incidents


def test_an_escalation_is_caught_by_its_code_and_hands_over_its_values(perform: Perform) -> None:
    work = sub(
        "A",
        start("s1"),
        throw("t1", ESCALATION, io({"level": "=1"})),
        throw("t2", definition("escalation", "Y"), io({"level": "=2"})),
        throw("t3", ESCALATION, io({"level": "=3"})),
        end("e1"),
        chain("s1", "t1", "t2", "t3", "e1"),
    )
    run = perform(
        start(),
        work,
        boundary("b", "A", ESCALATION, cancels=False),
        script("log", "=append(levels, level)", "levels"),
        end("e2"),
        end(),
        chain("start", "A", "end"),
        chain("b", "log", "e2"),
        given=ROOTS,
        variables={"levels": []},
    )
    assert run.ended
    assert count(run, "b") == 2
    assert 2 not in run.var("levels")


def test_an_interrupting_escalation_ends_what_threw_it(perform: Perform) -> None:
    work = sub("A", start("s1"), throw("t", ESCALATION), user("never"), end("e1"), chain("s1", "t", "never", "e1"))
    run = perform(
        start(), work, boundary("b", "A", definition("escalation")), user("r"), end("e2"), end(),
        chain("start", "A", "end"), chain("b", "r", "e2"), given=ROOTS,
    )  # fmt: skip
    assert run.tasks() == ["r"]
    assert run.do("r").trail == ["start", "s1", "b", "r", "e2"]


def test_a_signal_reaches_everyone_who_waits_in_the_run(perform: Perform) -> None:
    run = perform(
        start(), gateway("parallel", "g"), user("go"), throw("t", SIGNAL), end(), catch("c", SIGNAL), end("e2"),
        user("u"), boundary("b", "u", SIGNAL), end("e3"), end("e4"),
        chain("start", "g", "go", "t", "end"), chain("g", "c", "e2"), chain("g", "u", "e4"), chain("b", "e3"),
        given=ROOTS,
    )  # fmt: skip
    assert run.do("go").ended
    assert {"t", "c", "b", "e2", "e3", "end"} <= set(run.trail)
    assert "u" not in run.trail


def test_terminate_in_a_sub_process_ends_that_sub_process_alone(perform: Perform) -> None:
    inner = sub(
        "A", start("s1"), gateway("parallel", "g"), user("u"), end("e1"), user("stop"),
        end("kill", definition("terminate")), chain("s1", "g", "u", "e1"), chain("g", "stop", "kill"),
    )  # fmt: skip
    run = perform(start(), inner, user("after"), end(), chain("start", "A", "after", "end"))
    assert run.do("stop").tasks() == ["after"]
    assert run.do("after").trail == ["start", "s1", "g", "stop", "kill", "A", "after", "end"]


def test_several_links_lead_to_one_place(perform: Perform) -> None:
    link = definition("link", name="L")
    run = perform(
        start(), gateway("parallel", "g"), throw("l1", link), throw("l2", link), catch("c", link), user("u"), end(),
        chain("start", "g", "l1"), chain("g", "l2"), chain("c", "u", "end"),
    )  # fmt: skip
    assert run.tasks() == ["u", "u"]
    assert run.do("u").do("u").ended
    assert count(run, "c") == 2


# --- errors -----------------------------------------------------------------------------------------------------------


def test_an_uncaught_error_end_ends_the_run_as_failed(perform: Perform) -> None:
    run = perform(
        start(), gateway("parallel", "g"), user("u"), end(), end("bang", definition("error", "E")),
        chain("start", "g", "u", "end"), chain("g", "bang"), given=ROOTS,
    )  # fmt: skip
    assert run.ended
    assert (run.run.state, run.run.end_state, run.tasks()) == ("failed", "bang", [])


def test_an_error_goes_to_the_event_of_its_code_before_the_one_that_takes_any(perform: Perform) -> None:
    run = perform(
        start(),
        sub("A", start("s1"), end("bang", definition("error", "E")), chain("s1", "bang")),
        boundary("any", "A", definition("error")),
        boundary("mine", "A", definition("error", "E")),
        boundary("not", "A", definition("error", "F")),
        end("e1"), end("e2"), end("e3"), end(),
        chain("start", "A", "end"), chain("any", "e1"), chain("mine", "e2"), chain("not", "e3"),
        given=ROOTS,
    )  # fmt: skip
    assert run.trail == ["start", "s1", "mine", "e2"]


CALCULATION = '<bpmn:error id="C" errorCode="expression"/><bpmn:error id="D" errorCode="condition"/>'


@pytest.mark.parametrize("caught", ["C", ""])
def test_a_calculation_that_fails_takes_the_error_event_of_its_activity(perform: Perform, caught: str) -> None:
    run = perform(
        start(), script("calc", '=assert(x, x > 3, "trop petit")', "y"),
        boundary("b", "calc", definition("error", caught)), user("fix"), end("e2"), end(),
        chain("start", "calc", "end"), chain("b", "fix", "e2"), given=CALCULATION, variables={"x": 1},
    )  # fmt: skip
    assert run.tasks() == ["fix"]
    assert run.var("erreur")["code"] == "expression"
    assert "trop petit" in run.var("erreur")["message"]
    assert not run.incidents


def test_a_calculation_that_nothing_catches_is_an_incident_that_a_correction_mends(perform: Perform) -> None:
    run = perform(
        start(), script("calc", '=assert(x, x > 3, "trop petit")', "y"), end(), chain("start", "calc", "end"),
        variables={"x": 1},
    )  # fmt: skip
    assert [(stuck.element, stuck.kind) for stuck in run.incidents] == [("calc", "expression")]
    assert run.var("x") == 1
    run.mend(x=5)
    assert run.retry().trail == ["start", "calc", "end"]
    assert run.var("y") == 5


def test_an_undecided_condition_is_an_incident_unless_an_error_event_names_it(perform: Perform) -> None:
    def model(caught: str) -> tuple[str, ...]:
        choice = element(
            "sequenceFlow", "f1", element("conditionExpression", "", "=nihss &gt; 5"), sourceRef="g", targetRef="e1"
        )
        inside = sub(
            "A", start("s1"), gateway("exclusive", "g", default="f2"), end("e1"), end("e9"), chain("s1", "g"), choice,
            element("sequenceFlow", "f2", sourceRef="g", targetRef="e9"),
        )  # fmt: skip
        return (
            start(), inside, boundary("b", "A", definition("error", caught)), user("ask"), end("e2"), end(),
            chain("start", "A", "end"), chain("b", "ask", "e2"),
        )  # fmt: skip

    run = perform(*model(""), given=CALCULATION)
    assert [stuck.kind for stuck in run.incidents] == ["condition"]
    assert "nihss = rien (null)" in run.incidents[0].message


def test_an_undecided_condition_takes_the_error_event_that_names_it(perform: Perform) -> None:
    inside = sub(
        "A", start("s1"), catch("c", when("=3")), end("e1"), chain("s1", "c", "e1"),
    )  # fmt: skip
    run = perform(
        start(), inside, boundary("b", "A", definition("error", "D")), user("ask"), end("e2"), end(),
        chain("start", "A", "end"), chain("b", "ask", "e2"), given=CALCULATION,
    )  # fmt: skip
    assert run.tasks() == ["ask"]


def test_an_operation_that_stops_with_a_reason_is_an_incident_beside_an_error_event(perform: Perform) -> None:
    def stop(_: Any) -> dict[str, Any]:
        raise RunError("Aucun créneau.")

    run = perform(
        start(), service("op", "book"), boundary("b", "op", definition("error")), end("e2"), end(),
        chain("start", "op", "end"), chain("b", "e2"), operations={"book": stop},
    )  # fmt: skip
    assert [stuck.message for stuck in run.incidents] == ["Aucun créneau."]


# --- timers -----------------------------------------------------------------------------------------------------------


def test_reminders_that_were_missed_go_out_once(perform: Perform) -> None:
    run = perform(
        start(), user("u"), boundary("b", "u", timer("timeCycle", "R5/P1D"), cancels=False), end("e2"), end(),
        chain("start", "u", "end"), chain("b", "e2"),
    )  # fmt: skip
    run.after(days=3, hours=1).after(hours=1)
    assert count(run, "b") == 1
    assert [count(run.after(days=1), "b") for _ in range(3)] == [2, 3, 3]


def test_a_cycle_in_the_flow_sends_one_token_for_each_turn(perform: Perform) -> None:
    run = perform(start(), catch("c", timer("timeCycle", "R3/PT1H")), user("u"), end(), chain("start", "c", "u", "end"))
    assert [len(run.after(hours=1).tasks()) for _ in range(4)] == [1, 2, 3, 3]
    assert run.do("u").do("u").do("u").ended


@pytest.mark.parametrize(
    ("form", "text", "hours"),
    [
        ("timeDate", "2026-11-24T11:00:00Z", 2),
        ("timeDate", '=date and time("2026-11-24T11:00:00Z")', 2),
        ("timeDuration", "PT3H", 3),
        ("timeDuration", '=duration("PT90M") * 2', 3),
        ("timeDuration", "=delay", 4),
        ("timeDuration", "P1JO", 24),
        ("timeCycle", "R1/PT5H", 5),
        ("timeCycle", '="R1/" + delay', 4),
    ],
)
def test_a_timer_is_written_as_text_or_calculated(perform: Perform, form: str, text: str, hours: int) -> None:
    run = perform(
        start(), catch("c", timer(form, text)), end(), chain("start", "c", "end"), variables={"delay": "PT4H"}
    )
    assert not run.after(hours=hours - 1, minutes=59).ended
    assert run.after(minutes=1).trail == ["start", "c", "end"]
