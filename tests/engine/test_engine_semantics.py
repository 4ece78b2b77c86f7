"""What BPMN means, each model run three ways: never reloaded, reloaded after every input, after every token step."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.propagation import BpmnError
from tests.engine.driver import EVERY_INPUT, EVERY_STEP, NEVER, Driver, sqlite
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
    many,
    message,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
    zeebe,
)

Play = Callable[..., Driver]
NEWS = message("m", "news", "=patient")
OURS = '<bpmn:signal id="S" name="crisis"/><bpmn:error id="E" errorCode="E1"/>'


@pytest.fixture(params=[NEVER, EVERY_INPUT, EVERY_STEP])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    database = sqlite(tmp_path)

    def begin(
        *parts: str, given: str = "", variables: Mapping[str, Any] | None = None, others: str = "", **options: Any
    ) -> Driver:
        driver = Driver(document(given, process("p", *parts), others), database, request.param, **options)
        return driver.start(variables)

    yield begin
    database.dispose()


def fail(_call: Any) -> dict[str, Any]:
    raise BpmnError("E1", {"why": "no slot"})


def test_a_non_interrupting_message_fires_again_and_again_for_its_own_key(play: Play) -> None:
    run = play(
        start(),
        user("u"),
        boundary("b", "u", definition("message", "m"), cancels=False),
        user("r"),
        end(),
        end("e2"),
        chain("start", "u", "end"),
        chain("b", "r", "e2"),
        given=NEWS,
        variables={"patient": "p1"},
    )
    assert not run.message("news", "p2")
    assert run.message("news", "p1")
    assert run.message("news", "p1", n=1)
    assert run.tasks() == ["r", "r", "u"]
    assert run.var("n") == 1
    assert run.do("u").do("r").do("r").ended


def test_an_interrupting_timer_in_a_nested_sub_process_leaves_the_outer_one_alone(play: Play) -> None:
    rescue = on_event("H", timer("timeDuration", "PT1H"), user("rescue"), end("e4"), chain("H_start", "rescue", "e4"))
    inner = sub("B", start("s2"), user("work"), end("e3"), chain("s2", "work", "e3"), rescue)
    outer = sub("A", start("s1"), inner, user("after"), end("e2"), chain("s1", "B", "after", "e2"))
    run = play(start(), outer, end(), chain("start", "A", "end"))
    assert run.tasks() == ["work"]
    assert run.after(hours=1, seconds=1).tasks() == ["rescue"]
    assert run.do("rescue").tasks() == ["after"]
    assert run.do("after").ended


def test_signals_and_errors_start_event_sub_processes(play: Play) -> None:
    inform = on_event(
        "N", definition("signal", "S"), user("inform"), end("en"), chain("N_start", "inform", "en"), interrupting=False
    )
    repair = on_event("X", definition("error", "E"), user("repair"), end("ex"), chain("X_start", "repair", "ex"))
    run = play(
        start(),
        user("u"),
        service("op", "fail"),
        end(),
        chain("start", "u", "op", "end"),
        inform,
        repair,
        given=OURS,
        operations={"fail": fail},
    )
    assert run.signal("crisis") == 1
    assert run.signal("crisis") == 1
    assert run.tasks() == ["inform", "inform", "u"]
    assert run.do("u").tasks() == ["repair"]
    assert run.do("repair").ended
    assert run.run.state == "completed"


def test_the_error_of_an_operation_climbs_through_a_call_with_its_values(play: Play) -> None:
    called = process("q", start("qs"), service("op", "fail"), end("qe"), chain("qs", "op", "qe"))
    run = play(
        start(),
        call("c", "q"),
        boundary("be", "c", definition("error", "E")),
        end(),
        user("fix"),
        end("e2"),
        chain("start", "c", "end"),
        chain("be", "fix", "e2"),
        given=OURS,
        others=called,
        operations={"fail": fail},
    )
    assert run.tasks() == ["fix"]
    assert run.var("why") == "no slot"
    assert run.do("fix").ended
    assert len(run.run.scopes) == 1


def test_an_error_that_nothing_catches_is_an_incident(play: Play) -> None:
    run = play(start(), service("op", "fail"), end(), chain("start", "op", "end"), operations={"fail": fail})
    assert [stuck.kind for stuck in run.incidents] == ["uncaught-error"]
    assert "E1" in run.incidents[0].message


def test_an_inclusive_join_works_in_a_loop(play: Play) -> None:
    run = play(
        start(),
        gateway("exclusive", "m"),
        gateway("inclusive", "o"),
        user("a"),
        user("b"),
        gateway("inclusive", "j"),
        script("c", "=i + 1", "i"),
        gateway("exclusive", "g"),
        end(),
        chain("start", "m", "o"),
        flow("o", "a", "=true"),
        flow("o", "b", "=i != 1"),
        chain("a", "j"),
        chain("b", "j"),
        chain("j", "c", "g"),
        flow("g", "m", "=i < 3"),
        flow("g", "end", "=i >= 3"),
        variables={"i": 0},
    )
    assert run.do("a").tasks() == ["b"]
    assert run.do("b").tasks() == ["a"]
    assert run.do("a").tasks() == ["a", "b"]
    assert run.var("i") == 2
    assert run.do("b").do("a").ended
    assert run.trail.count("j") == 3


def test_an_inclusive_join_opens_when_the_other_branch_went_elsewhere(play: Play) -> None:
    run = play(
        start(),
        gateway("parallel", "p1"),
        user("a"),
        gateway("exclusive", "x"),
        user("b"),
        gateway("inclusive", "j"),
        user("z"),
        end(),
        end("e2"),
        chain("start", "p1", "a", "x"),
        flow("x", "j", "=go"),
        flow("x", "e2", "=not(go)"),
        chain("p1", "b", "j", "z", "end"),
    )
    assert run.do("b").tasks() == ["a"]
    assert run.do("a", go=False).tasks() == ["z"]
    assert run.do("z").ended


def test_parallel_turns_have_variables_of_their_own_and_a_condition_ends_the_rest(play: Play) -> None:
    body = sub(
        "S",
        extensions(io({"mine": "=item"})),
        start("is"),
        user("q"),
        script("w", "=item * k", "mine"),
        end("ie"),
        chain("is", "q", "w", "ie"),
        many("=items", "item", output=("out", "=mine"), until="=numberOfCompletedInstances >= 2"),
    )
    run = play(start(), body, end(), chain("start", "S", "end"), variables={"items": [1, 2, 3], "k": 10})
    assert run.tasks() == ["q", "q", "q"]
    assert run.do("q", at=2).do("q", at=0).ended
    assert run.var("out") == [10, None, 30]
    assert run.var("mine") is None


def test_a_timer_interrupts_a_sequential_repetition(play: Play) -> None:
    run = play(
        start(),
        element("userTask", "q", many("=items", "item", output=("out", "=v"), sequential=True)),
        boundary("late", "q", timer("timeDuration", "=dur")),
        user("z"),
        end(),
        end("e2"),
        chain("start", "q", "end"),
        chain("late", "z", "e2"),
        variables={"items": [1, 2], "dur": "PT5M"},
    )
    run.do("q", v=1)
    assert run.tasks() == ["q"]
    assert run.after(minutes=6).tasks() == ["z"]
    assert run.var("out") is None
    assert run.do("z").ended


def test_compensation_undoes_the_latest_first_also_inside_a_finished_sub_process(play: Play) -> None:
    def undo(activity: str, handler: str) -> str:
        return (
            boundary(f"c_{activity}", activity, definition("compensate"))
            + user(handler, isForCompensation="true")
            + element("association", f"as_{activity}", sourceRef=f"c_{activity}", targetRef=handler)
        )

    taxi = sub(
        "S",
        extensions(io({"ref": "=77"})),
        start("is"),
        user("taxi"),
        end("ie"),
        undo("taxi", "undo_taxi"),
        chain("is", "taxi", "ie"),
    )
    run = play(
        start(),
        user("rdv"),
        undo("rdv", "undo_rdv"),
        taxi,
        throw("t", definition("compensate")),
        user("z"),
        end(),
        chain("start", "rdv", "S", "t", "z", "end"),
    )
    assert run.do("rdv").do("taxi").tasks() == ["undo_taxi"]
    assert run.do("undo_taxi").tasks() == ["undo_rdv"]
    assert run.do("undo_rdv").tasks() == ["z"]
    assert run.do("z").ended
    assert len(run.run.scopes) == 1


def test_the_first_event_after_an_event_gateway_wins(play: Play) -> None:
    parts = (
        start(),
        gateway("eventBased", "g"),
        catch("cm", definition("message", "m")),
        catch("ct", timer("timeDuration", "P1D")),
        user("u"),
        user("v"),
        end(),
        end("f"),
        chain("start", "g", "cm", "u", "end"),
        chain("g", "ct", "v", "f"),
    )
    run = play(*parts, given=NEWS, variables={"patient": "p"})
    assert run.message("news", "p", bed=3)
    assert run.tasks() == ["u"]
    assert run.var("bed") == 3
    assert not run.run.register.timers
    assert not run.run.register.subscriptions
    assert run.do("u").ended


def test_the_timer_wins_when_no_message_comes(play: Play) -> None:
    run = play(
        start(),
        gateway("eventBased", "g"),
        catch("cm", definition("message", "m")),
        catch("ct", timer("timeDuration", "P1D")),
        user("u"),
        user("v"),
        end(),
        end("f"),
        chain("start", "g", "cm", "u", "end"),
        chain("g", "ct", "v", "f"),
        given=NEWS,
        variables={"patient": "p"},
    )
    assert run.after(days=1, hours=1).tasks() == ["v"]
    assert not run.run.register.subscriptions


def test_a_condition_fires_when_the_data_change_and_terminate_ends_all(play: Play) -> None:
    high = element("conditionalEventDefinition", "", element("condition", "", "=nihss &gt; 5"))
    run = play(
        start(),
        gateway("parallel", "p1"),
        user("u"),
        boundary("b", "u", high),
        user("w"),
        user("alarm"),
        throw("lt", definition("link", name="L")),
        catch("lc", definition("link", name="L")),
        end(),
        end("e2"),
        end("kill", definition("terminate")),
        chain("start", "p1", "u", "end"),
        chain("p1", "w", "e2"),
        chain("b", "alarm", "lt"),
        chain("lc", "kill"),
        variables={"nihss": 1},
    )
    assert run.do("w", nihss=9).tasks() == ["alarm"]
    assert run.do("alarm").ended
    assert run.trail[-1] == "kill"


def test_escalation_and_message_leave_a_called_process(play: Play) -> None:
    called = process(
        "q",
        start("qs"),
        throw("th", definition("escalation", "ESC")),
        throw("send", definition("message", "m"), io({"who": "=patient"})),
        user("go"),
        end("qe"),
        chain("qs", "th", "send", "go", "qe"),
    )
    run = play(
        start(),
        call("c", "=which"),
        boundary("be", "c", definition("escalation", "ESC"), cancels=False),
        end(),
        user("know"),
        end("e2"),
        chain("start", "c", "end"),
        chain("be", "know", "e2"),
        others=called,
        given=NEWS + '<bpmn:escalation id="ESC" escalationCode="X"/>',
        variables={"which": "q", "patient": "p9"},
    )
    assert run.tasks() == ["go", "know"]
    assert run.out == [("message", "news", "p9", {"who": "p9"})]
    assert run.do("go").do("know").ended


def test_repetitions_nest(play: Play) -> None:
    inner = element("userTask", "q", extensions(zeebe("userTask")), many("=row", "cell", output=("r", "=cell + 1")))
    outer = sub(
        "O",
        extensions(io({"r": "=[]"})),
        start("os"),
        inner,
        end("oe"),
        chain("os", "q", "oe"),
        many("=rows", "row", output=("all", "=r"), sequential=True),
    )
    run = play(start(), outer, end(), chain("start", "O", "end"), variables={"rows": [[1, 2], [3]]})
    assert run.do("q").do("q").do("q").ended
    assert run.var("all") == [[2, 3], [4]]
    assert len(run.run.tokens) == 1


def test_two_branches_write_one_list_and_nothing_is_lost(play: Play) -> None:
    run = play(
        start(),
        gateway("parallel", "split"),
        script("a", '=append(log, "A")', "log"),
        user("ua"),
        script("a2", '=append(log, "A2")', "log"),
        script("b", '=append(log, "B")', "log"),
        user("ub"),
        script("b2", '=append(log, "B2")', "log"),
        gateway("parallel", "join"),
        end(),
        chain("start", "split", "a", "ua", "a2", "join", "end"),
        chain("split", "b", "ub", "b2", "join"),
        variables={"log": ["x"]},
    )
    assert run.var("log") == ["x", "A", "B"]
    assert run.do("ub").do("ua").ended
    assert run.var("log") == ["x", "A", "B", "B2", "A2"]


def test_reminders_go_out_as_often_as_their_cycle_says(play: Play) -> None:
    run = play(
        start(),
        user("u"),
        boundary("b", "u", timer("timeCycle", "R2/P1D"), cancels=False),
        script("c", "=n + 1", "n"),
        end(),
        end("e2"),
        chain("start", "u", "end"),
        chain("b", "c", "e2"),
        variables={"n": 0},
    )
    for expected in (1, 2, 2):
        assert run.after(days=1).var("n") == expected
    assert run.do("u").ended


def test_a_called_process_only_gets_and_gives_what_is_mapped(play: Play) -> None:
    letter = process(
        "letter",
        start("ls"),
        script("write", '="Dear " + to', "text"),
        script("secret", "=42", "internal"),
        end("le"),
        chain("ls", "write", "secret", "le"),
    )
    mapped = io({"to": "=patient.name"}, {"letter": "=text"})
    run = play(
        start(),
        call("c", "letter", mapped, propagateAllParentVariables="false", propagateAllChildVariables="false"),
        end(),
        chain("start", "c", "end"),
        others=letter,
        variables={"patient": {"name": "Ada"}},
    )
    assert run.ended
    assert run.var("letter") == "Dear Ada"
    assert (run.var("internal"), run.var("to")) == (None, None)


def test_a_person_chooses_in_an_ad_hoc_sub_process(play: Play) -> None:
    run = play(start(), element("adHocSubProcess", "H", user("a"), user("b")), end(), chain("start", "H", "end"))
    for name in ("a", "b", "a"):
        run.choose(name)
    assert run.tasks() == ["H", "a", "a", "b"]
    assert not run.do("a").do("a").do("b").ended
    assert run.do("H").ended
    assert run.trail == ["start", "a", "a", "b", "H", "end"]


def test_nothing_is_left_of_a_run_that_has_ended(play: Play) -> None:
    run = play(
        start(),
        sub("S", extensions(io({"x": "=1"})), start("is"), user("u"), end("ie"), chain("is", "u", "ie")),
        boundary("b", "S", timer("timeDuration", "P1D"), cancels=False),
        end(),
        end("e2"),
        chain("start", "S", "end"),
        chain("b", "e2"),
    )
    assert run.do("u").ended
    assert run.left_over() == {}
    assert list(run.run.tokens) == [-1]


@pytest.mark.parametrize(("yes", "no"), [("true", "false"), ("1", "0")])
def test_a_flag_of_the_standard_may_be_written_either_way(play: Play, yes: str, no: str) -> None:
    times = element("loopCardinality", "", "2")
    turns = element("multiInstanceLoopCharacteristics", "", times, isSequential=yes)
    late = element("boundaryEvent", "late", timer("timeDuration", "PT1H"), attachedToRef="a", cancelActivity=no)
    flows = chain("start", "a", "end") + chain("late", "told", "end")
    run = play(start(), user("a", turns), late, user("told"), end(), flows)
    assert run.tasks() == ["a"]
    assert run.after(hours=1).tasks() == ["a", "told"]
