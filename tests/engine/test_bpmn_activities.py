"""What activities mean: calls, repetition, ad-hoc choice, quantities, data and mappings."""

import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from base.clock import ManualClock
from base.errors import Conflict, RunError
from engine.elements import containers
from engine.environment import OperationCall
from engine.findings import Refused
from engine.rehearsal import Rehearsal
from tests.engine.driver import CALENDAR, MORNING, Driver, define
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
    io,
    many,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
    zeebe,
)

Perform = Callable[..., Driver]


def several(n: int, *more: str, **said: str) -> str:
    """Multi-instance by number."""
    return element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", str(n)), *more, **said)


def loop(condition: str, **said: str) -> str:
    return element("standardLoopCharacteristics", "", element("loopCondition", "", condition), **said)


def line(*names: str) -> str:
    return chain("start", *names, "end")


# --- flows out of activities ------------------------------------------------------------------------------------------


def test_each_flow_out_of_an_activity_gets_a_token_when_its_condition_holds(perform: Perform) -> None:
    run = perform(
        start(), element("task", "t", default="d"), user("a"), user("b"), user("c"), user("always"), end(),
        chain("start", "t"), flow("t", "a", "=x > 1"), flow("t", "b", "=x > 2"), flow("t", "c", id="d"),
        flow("t", "always"), *(chain(name, "end") for name in ("a", "b", "c", "always")), variables={"x": 3},
    )  # fmt: skip
    assert run.tasks() == ["a", "always", "b"]


@pytest.mark.parametrize(("x", "expected"), [(2, ["a"]), (0, ["c"])])
def test_the_default_flow_of_an_activity_is_for_when_no_condition_holds(
    perform: Perform, x: int, expected: list[str]
) -> None:
    run = perform(
        start(), element("task", "t", default="d"), user("a"), user("c"), end(),
        chain("start", "t"), flow("t", "a", "=x > 1"), flow("t", "c", id="d"), chain("a", "end"), chain("c", "end"),
        variables={"x": x},
    )  # fmt: skip
    assert run.tasks() == expected


@pytest.mark.parametrize("tag", ["task", "manualTask"])
def test_a_task_without_a_type_is_done_at_once(perform: Perform, tag: str) -> None:
    assert perform(start(), element(tag, "t"), end(), line("t")).trail == ["start", "t", "end"]


# --- calls ------------------------------------------------------------------------------------------------------------


def test_the_called_process_may_be_calculated(perform: Perform) -> None:
    called = "".join(
        process(name, start(f"{name}s"), user(f"{name}u"), end(f"{name}e"), chain(f"{name}s", f"{name}u", f"{name}e"))
        for name in ("q", "r")
    )
    run = perform(start(), call("c", "=which"), end(), line("c"), others=called, variables={"which": "r"})
    assert run.tasks() == ["ru"]
    assert run.do("ru").trail == ["start", "rs", "ru", "re", "c", "end"]


def test_a_called_process_that_does_not_exist_is_an_incident_until_it_is_corrected(perform: Perform) -> None:
    called = process("q", start("qs"), end("qe"), chain("qs", "qe"))
    run = perform(start(), call("c", "=which"), end(), line("c"), others=called, variables={"which": "rien"})
    assert [stuck.kind for stuck in run.incidents] == ["unknown-element"]
    run.mend(which="q")
    assert run.retry().ended


def test_processes_that_call_each_other_for_ever_are_an_incident(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "DEEPEST", 100)
    run = perform(start(), call("c", "p"), end(), line("c"))
    assert [stuck.kind for stuck in run.incidents] == ["too-deep"]


@pytest.mark.parametrize("tag", ["globalTask", "globalScriptTask", "globalUserTask"])
def test_a_global_task_is_called_with_what_is_mapped(perform: Perform, tag: str) -> None:
    said = extensions(zeebe("script", expression="=age + 1", resultVariable="next")) if "Script" in tag else ""
    mapped = io({"age": "=patient.age"}, {"soon": "=next"})
    run = perform(
        start(), call("c", "G", mapped, propagateAllParentVariables="false"), end(), line("c"),
        others=element(tag, "G", said), variables={"patient": {"age": 80}, "next": 1},
    )  # fmt: skip
    if tag == "globalUserTask":
        assert run.seen("G") == {"age": 80}
        run.do("G", next=81)
    assert run.trail == ["start", "G", "c", "end"]
    assert run.var("soon") == {"globalTask": 1}.get(tag, 81)
    assert run.var("age") is None


# --- repetition -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sequential", ["true", "false"])
@pytest.mark.parametrize("kind", ["task", "sub-process", "call"])
def test_an_activity_is_repeated_so_many_times(perform: Perform, kind: str, sequential: str) -> None:
    times = several(3, isSequential=sequential)
    called = process("q", start("qs"), end("qe"), chain("qs", "qe"))
    activity = {
        "task": element("task", "A", times),
        "sub-process": sub("A", start("s"), end("e"), chain("s", "e"), times),
        "call": call("A", "q").replace("</bpmn:callActivity>", times + "</bpmn:callActivity>"),
    }[kind]
    run = perform(start(), activity, end(), line("A"), others=called)
    assert run.ended
    assert run.trail.count("A") == 3


def test_each_turn_knows_its_number_and_its_item(perform: Perform) -> None:
    run = perform(
        start(), user("u", many("=people", "who", output=("said", "=text"), sequential=True)), end(), line("u"),
        variables={"people": ["Ada", "Bob"]},
    )  # fmt: skip
    assert (run.seen("u")["who"], run.seen("u")["loopCounter"]) == ("Ada", 1)
    run.do("u", text="oui")
    assert (run.seen("u")["who"], run.seen("u")["loopCounter"]) == ("Bob", 2)
    assert run.do("u", text="non").var("said") == ["oui", "non"]
    assert (run.var("who"), run.var("loopCounter")) == (None, None)


def test_a_repetition_over_nothing_is_done_at_once(perform: Perform) -> None:
    run = perform(start(), user("u", many("=[]", "x", output=("out", "=x"))), end(), line("u"))
    assert run.ended
    assert run.var("out") == []


@pytest.mark.parametrize("what", ["=3", "=nothing"])
def test_a_repetition_over_what_is_no_list_is_an_incident(perform: Perform, what: str) -> None:
    run = perform(start(), user("u", many(what, "x")), end(), line("u"))
    assert [stuck.kind for stuck in run.incidents] == ["repetition"]


COUNTERS = ("nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfTerminatedInstances")


@pytest.mark.parametrize("name", COUNTERS)
def test_the_end_of_a_repetition_may_count(perform: Perform, name: str) -> None:
    wanted = {"nrOfInstances": 4, "nrOfActiveInstances": 2, "nrOfCompletedInstances": 2, "nrOfTerminatedInstances": 0}
    until = f"={name} = {wanted[name]} and nrOfCompletedInstances = 2"
    run = perform(start(), user("u", several(4, element("completionCondition", "", until))), end(), line("u"))
    assert run.do("u").tasks() == ["u", "u", "u"]
    assert run.do("u").ended
    assert len(run.closed) == 2 or run.tasks() == []


def test_a_sequential_repetition_stops_when_it_is_enough(perform: Perform) -> None:
    enough = element("completionCondition", "", "=found")
    run = perform(
        start(), user("u", several(9, enough, isSequential="true")), end(), line("u"), variables={"found": False}
    )
    assert run.do("u").tasks() == ["u"]
    assert run.do("u", found=True).ended


@pytest.mark.parametrize(("before", "again", "turns"), [("true", "=false", 0), ("false", "=false", 1)])
def test_a_loop_tests_before_or_after_its_first_turn(perform: Perform, before: str, again: str, turns: int) -> None:
    run = perform(start(), element("task", "t", loop(again, testBefore=before)), end(), line("t"))
    assert run.ended
    assert run.trail.count("t") == turns


def test_a_loop_goes_on_while_its_condition_holds_and_never_beyond_its_maximum(perform: Perform) -> None:
    again = extensions(zeebe("script", expression="=n + 1", resultVariable="n")) + loop("=n &lt; goal", loopMaximum="5")
    model = (start(), element("scriptTask", "t", again), end(), line("t"))
    assert perform(*model, variables={"n": 0, "goal": 3}).var("n") == 3


def test_the_maximum_of_a_loop_holds(perform: Perform) -> None:
    again = extensions(zeebe("script", expression="=n + 1", resultVariable="n")) + loop("=true", loopMaximum="5")
    assert perform(start(), element("scriptTask", "t", again), end(), line("t"), variables={"n": 0}).var("n") == 5


SIGNAL = '<bpmn:signal id="S" name="turn"/><bpmn:signalEventDefinition id="SD" signalRef="S"/>'


@pytest.mark.parametrize(
    ("said", "thrown"),
    [
        ({"behavior": "None", "noneBehaviorEventRef": "SD"}, 3),
        ({"behavior": "One", "oneBehaviorEventRef": "SD"}, 1),
        ({"behavior": "All", "oneBehaviorEventRef": "SD", "noneBehaviorEventRef": "SD"}, 0),
    ],
)
def test_the_turns_of_a_repetition_throw_as_its_behaviour_says(
    perform: Perform, said: dict[str, str], thrown: int
) -> None:
    run = perform(
        start(), user("u", several(3, **said)), boundary("b", "u", definition("signal", "S")), user("x"), end("e2"),
        end(), line("u"), chain("b", "x", "e2"), given=SIGNAL,
    )  # fmt: skip
    run.do("u").do("u")
    assert "u" in run.tasks()
    run.do("u")
    assert run.tasks() == ["x"] * thrown


def test_a_complex_behaviour_throws_where_its_condition_holds(perform: Perform) -> None:
    event = element("event", "", element("signalEventDefinition", "", signalRef="S"))
    when = element(
        "complexBehaviorDefinition", "", element("condition", "", "=nrOfCompletedInstances = 2"), event
    )  # fmt: skip
    run = perform(
        start(), user("u", several(4, when, behavior="Complex")), boundary("b", "u", definition("signal", "S")),
        user("x"), end("e2"), end(), line("u"), chain("b", "x", "e2"), given='<bpmn:signal id="S" name="turn"/>',
    )  # fmt: skip
    assert run.do("u").tasks() == ["u", "u", "u"]
    assert run.do("u").tasks() == ["x"]
    assert run.do("x").ended


@pytest.mark.parametrize("sequential", [True, False])
def test_thousands_of_turns_cost_each_the_same(sequential: bool) -> None:
    """Ten times the turns take about ten times as many calls, never a hundred times."""
    several_turns = many("=items", "i", output=("out", "=i * 2"), sequential=sequential)
    found = define(document(process("p", start(), element("task", "t", several_turns), end(), line("t"))))
    calls: Counter[int] = Counter()
    for n in (300, 3000):
        sys.setprofile(lambda _frame, kind, _what, n=n: calls.update([n] if kind.endswith("call") else []))
        try:
            run = Rehearsal(found, CALENDAR, process="p", clock=ManualClock(MORNING)).start({"items": list(range(n))})
        finally:
            sys.setprofile(None)
        assert run.ended
        assert run.variables["out"] == [2 * i for i in range(n)]
    assert calls[3000] < 12 * calls[300]


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_what_is_repeated_too_often_is_an_incident_before_it_begins(sequential: bool) -> None:
    times = element("loopCardinality", "", "=n")
    turns = element("multiInstanceLoopCharacteristics", "", times, isSequential=sequential)
    found = define(document(process("p", start(), element("task", "t", turns), end(), line("t"))))
    played = Rehearsal(found, CALENDAR, process="p", clock=ManualClock(MORNING)).start({"n": 10_000_000})
    assert [stuck.kind for stuck in played.incidents()] == ["repetition"]
    enough = Rehearsal(found, CALENDAR, process="p", clock=ManualClock(MORNING)).start({"n": 6000})
    assert enough.completed().count("t") == 6000
    assert enough.ended


# --- quantities -------------------------------------------------------------------------------------------------------


def test_an_activity_may_need_several_tokens_and_give_several(perform: Perform) -> None:
    run = perform(
        start(), user("a"), element("task", "b", startQuantity="2", completionQuantity="3"), user("c"), end(),
        element("task", "twice", completionQuantity="2"), chain("start", "twice", "a", "b", "c", "end"),
    )  # fmt: skip
    assert run.tasks() == ["a", "a"]
    assert run.do("a").tasks() == ["a"]
    assert run.do("a").tasks() == ["c", "c", "c"]
    assert run.trail.count("b") == 1


def test_an_activity_that_waits_for_a_token_that_never_comes_is_an_incident(perform: Perform) -> None:
    run = perform(start(), element("task", "b", startQuantity="2"), end(), line("b"))
    assert [(stuck.element, stuck.kind) for stuck in run.incidents] == [("b", "deadlock")]


# --- ad-hoc -----------------------------------------------------------------------------------------------------------


def ad_hoc(*parts: str, until: str = "", **said: str) -> str:
    done = element("completionCondition", "", until) if until else ""
    return element("adHocSubProcess", "H", *parts, done, **said)


def test_people_choose_until_the_condition_holds(perform: Perform) -> None:
    run = perform(start(), ad_hoc(user("a"), user("b"), until="=good"), end(), line("H"), variables={"good": False})
    assert run.tasks() == ["H"]
    run.choose("b").choose("a").choose("b")
    assert run.tasks() == ["H", "a", "b", "b"]
    run.do("b").do("a", good=True)
    assert run.trail == ["start", "b", "a", "H", "end"]
    assert [closed.state for closed in run.closed if closed.task == run.opened[0].id] == ["completed"]


def test_what_runs_may_be_waited_for_when_it_is_enough(perform: Perform) -> None:
    run = perform(
        start(), ad_hoc(user("a"), user("b"), until="=good", cancelRemainingInstances="false"), end(), line("H"),
        variables={"good": False},
    )  # fmt: skip
    run.choose("a").choose("b").do("a", good=True)
    assert run.tasks() == ["b"]
    assert run.do("b").trail == ["start", "a", "b", "H", "end"]


def test_people_say_when_it_is_done(perform: Perform) -> None:
    run = perform(start(), ad_hoc(user("a"), user("b")), end(), line("H"))
    run.choose("a").do("a").choose("a")
    run.do("H", avis="fini")
    assert run.trail == ["start", "a", "H", "end"]
    assert run.var("avis") == "fini"


def test_in_a_sequential_choice_one_activity_ends_before_the_next_begins(perform: Perform) -> None:
    run = perform(start(), ad_hoc(user("a"), user("b"), ordering="Sequential"), end(), line("H"))
    run.choose("a")
    with pytest.raises(Conflict, match="en cours"):
        run.choose("b")
    assert run.do("a").choose("b").tasks() == ["H", "b"]
    assert run.do("b").do("H").trail == ["start", "a", "b", "H", "end"]


def test_only_what_begins_alone_can_be_chosen(perform: Perform) -> None:
    inside = (
        user("a"),
        user("then"),
        chain("a", "then"),
        on_event("N", definition("signal", "S"), end("ne"), chain("N_start", "ne"), interrupting=False),
    )
    run = perform(start(), ad_hoc(*inside), end(), line("H"), given='<bpmn:signal id="S" name="s"/>')
    for name in ("then", "N", "unknown"):
        with pytest.raises(Conflict, match="choisie"):
            run.choose(name)
    assert run.choose("a").do("a").tasks() == ["H", "then"]


@pytest.mark.parametrize(("ordering", "first"), [("Parallel", ["a", "b"]), ("Sequential", ["a"])])
def test_an_expression_chooses_all_at_once_or_one_by_one(perform: Perform, ordering: str, first: list[str]) -> None:
    chosen = extensions(zeebe("adHoc", activeElementsCollection="=todo"))
    run = perform(
        start(), ad_hoc(chosen, user("a"), user("b"), user("c"), ordering=ordering), end(), line("H"),
        variables={"todo": ["a", "b"]},
    )  # fmt: skip
    assert run.tasks() == first
    assert run.do("a").do("b").trail == ["start", "a", "b", "H", "end"]


def test_an_expression_that_chooses_what_is_not_there_is_an_incident(perform: Perform) -> None:
    chosen = extensions(zeebe("adHoc", activeElementsCollection='=["a", "z"]'))
    run = perform(start(), ad_hoc(chosen, user("a")), end(), line("H"))
    assert [stuck.kind for stuck in run.incidents] == ["unknown-element"]
    assert run.tasks() == []


def test_a_timer_ends_a_choice(perform: Perform) -> None:
    run = perform(
        start(), ad_hoc(user("a")), boundary("late", "H", timer("timeDuration", "P1D")), end("e2"), end(),
        line("H"), chain("late", "e2"),
    )  # fmt: skip
    run.choose("a").after(days=2)
    assert run.trail == ["start", "late", "e2"]
    assert {closed.state for closed in run.closed} == {"cancelled"}


# --- data -------------------------------------------------------------------------------------------------------------


def text(tag: str, value: str) -> str:
    return f"<bpmn:{tag}>{value}</bpmn:{tag}>"


def refs(way: str, source: str, target: str, *more: str) -> str:
    said = text("sourceRef", source) + text("targetRef", target) + "".join(more)
    return f"<bpmn:data{way}Association>{said}</bpmn:data{way}Association>"


OBJECT = element("dataObject", "DO") + element("dataObjectReference", "ref", dataObjectRef="DO")


def test_data_associations_copy_calculate_and_assign(perform: Perform) -> None:
    parts = {"from": "=DO * 10", "to": "=packed.ten"}
    assigned = element("assignment", "", *(text(tag, value) for tag, value in parts.items()))
    names = ("copied", "doubled", "packed")
    inputs = "".join(element("dataInput", name) for name in names)
    sets = element("inputSet", "", *(text("dataInputRefs", name) for name in names))
    sets += element("outputSet", "", text("dataOutputRefs", "result"))
    work = element(
        "scriptTask", "t",
        extensions(zeebe("script", expression="=[copied, doubled, packed.ten]", resultVariable="result")),
        element("ioSpecification", "", inputs, element("dataOutput", "result"), sets),
        refs("Input", "ref", "copied"), refs("Input", "ref", "doubled", text("transformation", "DO * 2")),
        refs("Input", "ref", "packed", assigned),
        refs("Output", "result", "ref", text("transformation", "sum(result)")),
    )  # fmt: skip
    run = perform(start(), OBJECT, work, end(), line("t"), variables={"DO": 3})
    assert run.var("DO") == 39
    assert run.var("copied") is None


def test_a_data_object_lives_and_ends_with_its_sub_process(perform: Perform) -> None:
    inner = sub(
        "A",
        OBJECT,
        element("property", "P"),
        start("s"),
        script("set", "=7", "DO"),
        script("put", "=8", "P"),
        user("u"),
        end("e"),
        chain("s", "set", "put", "u", "e"),
    )
    run = perform(start(), inner, end(), line("A"), variables={"DO": 1})
    assert (run.seen("u")["DO"], run.seen("u")["P"]) == (7, 8)
    run.do("u")
    assert (run.var("DO"), run.var("P")) == (1, None)


def test_a_property_of_a_task_is_its_own(perform: Perform) -> None:
    own = element("userTask", "u", element("property", "note"))
    run = perform(start(), own, end(), line("u"))
    assert run.do("u", note="private", avis="public").ended
    assert (run.var("note"), run.var("avis")) == (None, "public")


def test_a_data_store_is_refused_where_it_would_be_read() -> None:
    store = element("dataStoreReference", "store", dataStoreRef="ds")
    need = element("inputSet", "", text("dataInputRefs", "x"))
    known = element("ioSpecification", "", element("dataInput", "x"), need, "<bpmn:outputSet/>")
    task = element("task", "t", known, refs("Input", "store", "x"))
    with pytest.raises(Refused, match="entrepôt"):
        define(document(element("dataStore", "ds"), process("p", start(), store, task, end(), line("t"))))


def test_values_of_every_kind_survive_storage(perform: Perform) -> None:
    given: dict[str, Any] = {
        "typename": "BpmnThing", "price": Decimal("0.10"), "big": 2**80, "nothing": None, "list": [1, [2, {"a": None}]],
    }  # fmt: skip
    calculated = {
        "day": '=date("2026-11-24")', "at": '=date and time("2026-11-24T10:00:00@Europe/Paris")',
        "clock": '=time("08:30:00")',
        "days": '=duration("P2DT3H")', "months": '=duration("P1Y2M")', "exact": "=price + 0.20",
        "typed": '={typename: "x", "@date": 1}',
    }  # fmt: skip
    names = [f"s{n}" for n in range(len(calculated))]
    made = [script(name, source, target) for name, (target, source) in zip(names, calculated.items(), strict=True)]
    run = perform(
        start(), *made, user("u"),
        script("check", "=exact = 0.3 and day.year = 2026 and days.hours = 3 and months.months = 2", "ok"),
        end(), line(*names, "u", "check"), variables=given,
    )  # fmt: skip
    before = dict(run.run.data.visible())
    assert run.do("u").ended
    assert run.var("ok") is True
    for name, value in before.items():
        assert run.run.data[name] == value
        assert type(run.run.data[name]) is type(value)
    assert run.var("typename") == "BpmnThing"


def test_an_operation_cannot_change_the_values_of_the_run(perform: Perform) -> None:
    kept: list[Any] = []

    def meddle(call: OperationCall) -> dict[str, Any]:
        call.variables["list"].append("meddled")
        kept.append({"inner": ["given"]})
        return {"out": kept[0]}

    run = perform(
        start(), service("op", "meddle"), user("u"), end(), line("op", "u"), operations={"meddle": meddle},
        variables={"list": ["x"]},
    )  # fmt: skip
    kept[0]["inner"].append("later")
    assert run.var("list") == ["x"]
    assert run.var("out") == {"inner": ["given"]}


def test_what_an_element_writes_goes_when_it_fails_in_the_middle(perform: Perform) -> None:
    mapped = io({}, {"first": "=1", "second": '=assert(1, ok, "pas encore")'})
    run = perform(start(), element("task", "t", extensions(mapped)), end(), line("t"), variables={"ok": False})
    assert run.var("first") is None
    run.mend(ok=True)
    assert run.retry().ended
    assert (run.var("first"), run.var("second")) == (1, 1)


def test_a_timer_of_an_activity_that_failed_does_not_fire_beside_the_incident(perform: Perform) -> None:
    def stop(_: Any) -> dict[str, Any]:
        raise RunError("Non.")

    run = perform(
        start(), service("op", "x"), boundary("b", "op", timer("timeDuration", "PT1H"), cancels=False), end("e2"),
        end(),
        line("op"), chain("b", "e2"), operations={"x": stop},
    )  # fmt: skip
    assert len(run.incidents) == 1
    assert run.after(hours=2).trail.count("b") <= 1


def test_a_wait_keeps_its_place_over_a_reload(perform: Perform) -> None:
    run = perform(start(), catch("c", timer("timeDuration", "=d")), end(), line("c"), variables={"d": "P1M"})
    assert not run.after(days=29).ended
    assert run.after(days=2).ended


def test_nothing_more_begins_in_a_sequential_ad_hoc_sub_process_that_is_complete(perform: Perform) -> None:
    listed = extensions(zeebe("adHoc", activeElementsCollection='=["a", "b"]'))
    until = element("completionCondition", "", "=enough")
    said = {"ordering": "Sequential", "cancelRemainingInstances": "false"}
    run = perform(
        start(), element("adHocSubProcess", "H", listed, user("a"), user("b"), until, **said), end(),
        chain("start", "H", "end"),
    )  # fmt: skip
    assert run.do("a", enough=True).ended
    assert run.trail == ["start", "a", "H", "end"]
