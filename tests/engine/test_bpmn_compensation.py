"""What undoing means: compensation in every place, transactions and their cancellation."""

from collections.abc import Callable

import pytest

from tests.engine.driver import Driver
from tests.support.models import (
    boundary,
    call,
    chain,
    definition,
    element,
    end,
    extensions,
    gateway,
    io,
    many,
    on_event,
    process,
    start,
    sub,
    throw,
    user,
)

Perform = Callable[..., Driver]
UNDO = definition("compensate")
ERROR = '<bpmn:error id="E" errorCode="E1"/>'


def undone(activity: str, by: str | None = None, handler: str = "") -> str:
    """A compensation boundary event with its handler, a user task unless another is given."""
    name = by or f"undo_{activity}"
    made = handler or user(name, isForCompensation="true")
    link = element("association", f"as_{activity}", sourceRef=f"c_{activity}", targetRef=name)
    return boundary(f"c_{activity}", activity, UNDO) + made + link


def test_one_activity_alone_can_be_undone(perform: Perform) -> None:
    run = perform(
        start(), user("a"), undone("a"), user("b"), undone("b"), throw("t", definition("compensate", activityRef="a")),
        throw("t2", UNDO), end(), chain("start", "a", "b", "t", "t2", "end"),
    )  # fmt: skip
    assert run.do("a").do("b").tasks() == ["undo_a"]
    assert run.do("undo_a").tasks() == ["undo_b"]
    assert run.do("undo_b").ended
    assert run.trail == ["start", "a", "b", "undo_a", "t", "undo_b", "t2", "end"]


def test_what_was_not_done_is_not_undone(perform: Perform) -> None:
    run = perform(
        start(), gateway("parallel", "g"), user("a"), undone("a"), throw("t", UNDO), end(), end("e2"),
        chain("start", "g", "a", "e2"), chain("g", "t", "end"),
    )  # fmt: skip
    assert run.tasks() == ["a"]
    assert run.do("a").trail[-2:] == ["a", "e2"]


def test_a_throw_that_does_not_wait_goes_on_beside_its_handlers(perform: Perform) -> None:
    run = perform(
        start(), user("a"), undone("a"), throw("t", definition("compensate", waitForCompletion="false")), user("z"),
        end(),
        chain("start", "a", "t", "z", "end"),
    )  # fmt: skip
    assert run.do("a").tasks() == ["undo_a", "z"]
    assert not run.do("z").ended
    assert run.do("undo_a").ended
    assert run.trail == ["start", "a", "t", "z", "end", "undo_a"]


@pytest.mark.parametrize("sequential", [True, False])
def test_each_turn_of_a_repetition_is_undone_with_its_own_item(perform: Perform, sequential: bool) -> None:
    run = perform(
        start(), user("a", many("=[1,2,3]", "slot", sequential=sequential)), undone("a"), throw("t", UNDO), end(),
        chain("start", "a", "t", "end"),
    )  # fmt: skip
    run.do("a").do("a").do("a")
    seen = []
    for _ in range(3):
        seen.append(run.seen("undo_a")["slot"])
        run.do("undo_a")
    assert seen == [3, 2, 1]
    assert run.ended


def test_a_repeated_sub_process_is_undone_turn_by_turn_with_its_variables(perform: Perform) -> None:
    inner = sub(
        "A", extensions(io({"ref": "=slot * 10"})), start("s1"), user("book"), undone("book"), end("e1"),
        chain("s1", "book", "e1"), many("=[1,2]", "slot", sequential=True),
    )  # fmt: skip
    run = perform(start(), inner, throw("t", UNDO), end(), chain("start", "A", "t", "end"))
    run.do("book", room="x").do("book", room="y")
    assert (run.seen("undo_book")["ref"], run.seen("undo_book")["slot"]) == (20, 2)
    assert run.do("undo_book").seen("undo_book")["ref"] == 10
    assert run.do("undo_book").ended
    assert len(run.run.scopes) == 1


def test_what_a_called_process_did_is_undone_with_its_own_variables(perform: Perform) -> None:
    called = process(
        "q",
        start("qs"),
        user("book"),
        undone("book"),
        user("pay"),
        undone("pay"),
        end("qe"),
        chain("qs", "book", "pay", "qe"),
    )
    run = perform(
        start(), call("c", "q", propagateAllChildVariables="false"), user("b"), undone("b"), throw("t", UNDO), end(),
        chain("start", "c", "b", "t", "end"), others=called, variables={"patient": 7},
    )  # fmt: skip
    run.do("book", ref="r1").do("pay").do("b")
    assert run.tasks() == ["undo_b"]
    assert run.do("undo_b").tasks() == ["undo_pay"]
    assert run.do("undo_pay").seen("undo_book") == {"patient": 7, "ref": "r1"}
    assert run.do("undo_book").ended
    assert (run.var("ref"), len(run.run.scopes)) == (None, 1)


def test_a_finished_sub_process_is_undone_by_its_own_event_sub_process(perform: Perform) -> None:
    own = on_event("H", UNDO, user("say"), throw("all", UNDO), end("he"), chain("H_start", "say", "all", "he"))
    inner = sub("A", start("s1"), user("book"), undone("book"), end("e1"), own, chain("s1", "book", "e1"))
    run = perform(start(), inner, throw("t", UNDO), end(), chain("start", "A", "t", "end"))
    assert run.do("book").tasks() == ["say"]
    assert run.do("say").tasks() == ["undo_book"]
    assert run.do("undo_book").ended
    assert run.trail == ["start", "s1", "book", "e1", "A", "H_start", "say", "undo_book", "all", "he", "H", "t", "end"]


def test_what_people_chose_to_do_can_be_undone(perform: Perform) -> None:
    own = on_event("H", UNDO, user("say"), throw("all", UNDO), end("he"), chain("H_start", "say", "all", "he"))
    chosen = element("adHocSubProcess", "A", user("a"), undone("a"), user("b"), own)
    run = perform(start(), chosen, throw("t", UNDO), end(), chain("start", "A", "t", "end"))
    run.choose("a").choose("a").do("a").do("a").do("A")
    assert run.do("say").tasks() == ["undo_a"]
    assert run.do("undo_a").do("undo_a").ended
    assert len(run.run.scopes) == 1


def test_undoing_while_people_choose_leaves_them_their_choice(perform: Perform) -> None:
    chosen = element("adHocSubProcess", "A", user("a"), undone("a"), user("x"), throw("t", UNDO), chain("x", "t"))
    run = perform(start(), chosen, end(), chain("start", "A", "end"))
    run.choose("a").do("a").choose("x").do("x")
    assert run.tasks() == ["A", "undo_a"]
    assert run.do("undo_a").tasks() == ["A"]
    assert run.do("A").ended


def test_a_handler_may_be_a_sub_process_or_a_call(perform: Perform) -> None:
    handler = sub("undo_a", start("hs"), user("h"), end("he"), chain("hs", "h", "he"), isForCompensation="true")
    called = process("q", start("qs"), user("w"), end("qe"), chain("qs", "w", "qe"))
    other = call("undo_b", "q").replace("<bpmn:callActivity ", '<bpmn:callActivity isForCompensation="true" ')
    run = perform(
        start(), user("a"), undone("a", handler=handler), user("b"), undone("b", handler=other), throw("t", UNDO),
        end(),
        chain("start", "a", "b", "t", "end"), others=called,
    )  # fmt: skip
    assert run.do("a").do("b").tasks() == ["w"]
    assert run.do("w").tasks() == ["h"]
    assert run.do("h").ended


def test_an_activity_in_a_loop_of_flows_is_undone_as_often_as_it_was_done(perform: Perform) -> None:
    again = element("sequenceFlow", "f", element("conditionExpression", "", "=more"), sourceRef="x", targetRef="m")
    stop = element("sequenceFlow", "stop", sourceRef="x", targetRef="t")
    run = perform(
        start(), gateway("exclusive", "m"), user("a"), undone("a"), gateway("exclusive", "x", default="stop"), again,
        stop,
        throw("t", UNDO), end(), chain("start", "m", "a", "x"), chain("t", "end"),
    )  # fmt: skip
    run.do("a", more=True).do("a", more=True).do("a", more=False)
    run.do("undo_a").do("undo_a").do("undo_a")
    assert run.ended
    assert run.trail.count("undo_a") == 3


def test_a_compensation_end_event_undoes_before_the_sub_process_ends(perform: Perform) -> None:
    inner = sub("A", start("s1"), user("a"), undone("a"), end("ce", UNDO), chain("s1", "a", "ce"))
    run = perform(start(), inner, user("z"), end(), chain("start", "A", "z", "end"))
    assert run.do("a").tasks() == ["undo_a"]
    assert run.do("undo_a").tasks() == ["z"]
    assert run.trail == ["start", "s1", "a", "undo_a", "ce", "A"]


def test_an_error_in_a_handler_is_an_error_of_where_it_stands(perform: Perform) -> None:
    handler = sub(
        "undo_a", start("hs"), end("bang", definition("error", "E")), chain("hs", "bang"), isForCompensation="true"
    )
    inner = sub(
        "A",
        start("s1"),
        user("a"),
        undone("a", handler=handler),
        throw("t", UNDO),
        end("e1"),
        chain("s1", "a", "t", "e1"),
    )
    run = perform(
        start(), inner, boundary("b", "A", definition("error", "E")), user("fix"), end("e2"), end(),
        chain("start", "A", "end"), chain("b", "fix", "e2"), given=ERROR,
    )  # fmt: skip
    assert run.do("a").tasks() == ["fix"]
    assert run.do("fix").ended


def transaction(*parts: str) -> str:
    return element("transaction", "T", *parts)


def cancelled(perform: Perform) -> Driver:
    inside = transaction(
        start("s1"), gateway("parallel", "g"), user("a"), undone("a"), user("b"), undone("b"), user("never"),
        user("stop"),
        end("cancel", definition("cancel")), end("e1"),
        chain("s1", "g", "a", "b", "never", "e1"), chain("g", "stop", "cancel"),
    )  # fmt: skip
    return perform(
        start(), inside, boundary("bc", "T", definition("cancel")), user("told"), end("e2"), end(),
        chain("start", "T", "end"), chain("bc", "told", "e2"),
    )  # fmt: skip


def test_a_cancelled_transaction_stops_undoes_the_latest_first_and_goes_on_at_its_boundary(perform: Perform) -> None:
    run = cancelled(perform)
    run.do("a").do("b").do("stop")
    assert run.tasks() == ["undo_b"]
    assert run.do("undo_b").tasks() == ["undo_a"]
    assert run.do("undo_a").tasks() == ["told"]
    assert run.do("told").trail == [
        "start", "s1", "g", "a", "b", "stop", "undo_b", "undo_a", "cancel", "bc", "told", "e2",
    ]  # fmt: skip
    assert run.left_over() == {} or run.how == "never"


def test_a_transaction_with_nothing_to_undo_is_cancelled_at_once(perform: Perform) -> None:
    run = cancelled(perform)
    assert run.do("stop").tasks() == ["told"]


def test_a_cancelled_transaction_that_nothing_takes_over_is_an_incident(perform: Perform) -> None:
    inside = transaction(
        start("s1"), user("a"), undone("a"), end("cancel", definition("cancel")), chain("s1", "a", "cancel")
    )
    run = perform(start(), inside, user("z"), end(), chain("start", "T", "z", "end"))
    run.do("a").do("undo_a")
    assert [(stuck.element, stuck.kind) for stuck in run.incidents] == [("cancel", "uncaught-error")]
    assert not run.ended
    run.retry()
    assert len(run.incidents) == 2


def test_a_transaction_that_succeeded_can_be_undone_later(perform: Perform) -> None:
    inside = transaction(start("s1"), user("a"), undone("a"), end("e1"), chain("s1", "a", "e1"))
    run = perform(start(), inside, user("z"), throw("t", UNDO), end(), chain("start", "T", "z", "t", "end"))
    assert run.do("a").do("z").tasks() == ["undo_a"]
    assert run.do("undo_a").ended


def test_an_error_leaves_a_transaction_without_undoing(perform: Perform) -> None:
    inside = transaction(
        start("s1"), user("a"), undone("a"), end("bang", definition("error", "E")), chain("s1", "a", "bang")
    )
    run = perform(
        start(), inside, boundary("b", "T", definition("error", "E")), user("fix"), end("e2"), end(),
        chain("start", "T", "end"), chain("b", "fix", "e2"), given=ERROR,
    )  # fmt: skip
    assert run.do("a").tasks() == ["fix"]
    assert run.do("fix").ended
