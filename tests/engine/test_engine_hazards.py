"""The ways in which a run could lose or falsify data, each shown not to happen."""

from collections.abc import Callable

import pytest

from base.clock import ManualClock
from base.errors import Conflict, NotFound
from engine.rehearsal import Rehearsal
from tests.engine.driver import CALENDAR, MORNING, Driver, define
from tests.support.models import chain, document, end, flow, gateway, process, script, start, user

Perform = Callable[..., Driver]


def branches(*names: str) -> tuple[str, ...]:
    """Parallel branches of a user task each, joined before task z."""
    between = "".join(user(name) + chain("s", name, "j") for name in names)
    ways = chain("start", "s") + chain("j", "z", "end")
    return (start(), gateway("parallel", "s"), between, gateway("parallel", "j"), user("z"), end(), ways)


def test_two_branches_that_append_to_one_list_keep_both_entries(perform: Perform) -> None:
    run = perform(
        start(), gateway("parallel", "s"), script("a", '=append(log, "A")', "log"),
        script("b", '=append(log, "B")', "log"),
        gateway("parallel", "j"), end(), chain("start", "s", "a", "j", "end"), chain("s", "b", "j"),
        variables={"log": ["x"]},
    )  # fmt: skip
    assert run.ended
    assert run.var("log") == ["x", "A", "B"]


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_branch_that_left_a_value_alone_does_not_put_the_old_one_back(
    perform: Perform, order: tuple[str, str]
) -> None:
    run = perform(*branches("a", "b"), variables={"x": 1})
    for name in order:
        run.do(name, **({"x": 2} if name == "a" else {}))
    assert run.var("x") == 2


def test_what_an_earlier_task_recorded_never_changes(perform: Perform) -> None:
    """Neither by a later step, nor by another branch, nor by who gave the values."""
    given = {"allergies": ["latex"], "bilan": {"inr": 2}}
    run = perform(
        start(), user("a"), script("more", '=append(dossier.allergies, "iode")', "allergies"),
        script("change", '=context put(dossier, "bilan", {"inr": 9})', "dossier"), user("b"), end(),
        chain("start", "a", "more", "change", "b", "end"),
    )  # fmt: skip
    token = run.open_tasks()[0].id
    run.answer(token, dossier=given)
    recorded = dict(run.run.data["dossier"])
    given["allergies"].append("changed by the caller")
    given["bilan"]["inr"] = 99
    run.do("b", allergies=["fin"])
    assert recorded["bilan"] == {"inr": 9}
    assert recorded["allergies"] == ["latex"]
    assert run.var("dossier") == {"allergies": ["latex"], "bilan": {"inr": 9}}


def test_a_list_with_equal_items_keeps_them_all_at_a_join(perform: Perform) -> None:
    run = perform(*branches("a", "b"), variables={"list": [1, 1, 2, 2]})
    assert run.do("a").do("b").var("list") == [1, 1, 2, 2]


def test_a_run_of_thousands_of_steps_is_not_taken_for_ended() -> None:
    """Plain SpiffWorkflow stops looking at a depth of a thousand."""
    model = document(
        process(
            "p", start(), gateway("exclusive", "m"), script("s", "=n + 1", "n"),
            gateway("exclusive", "x", default="out"),
            user("u"), end(), chain("start", "m", "s", "x"), flow("x", "m", "=modulo(n, 1500) != 0"),
            flow("x", "u", id="out"), chain("u", "end"),
        )
    )  # fmt: skip
    run = Rehearsal(define(model), CALENDAR, process="p", clock=ManualClock(MORNING)).start({"n": 0})
    assert (run.ended, run.variables["n"], [task.element for task in run.tasks()]) == (False, 1500, ["u"])
    assert run.complete("u").ended


def test_a_field_called_typename_and_a_date_can_be_stored(perform: Perform) -> None:
    run = perform(
        start(), user("u"), script("d", '=date("2026-11-24")', "day"), user("v"), end(),
        chain("start", "u", "d", "v", "end"),
    )  # fmt: skip
    run.do("u", typename="BpmnTaskSpec", fields={"typename": "x", "$": 1, "@": 2})
    assert run.var("fields") == {"typename": "x", "$": 1, "@": 2}
    assert run.do("v").var("day") == "2026-11-24"


def test_a_task_that_is_done_cannot_be_done_again() -> None:
    model = document(process("p", start(), user("u"), user("v"), end(), chain("start", "u", "v", "end")))
    run = Rehearsal(define(model), CALENDAR, process="p", clock=ManualClock(MORNING)).start()
    done = run.tasks()[0].id
    run.complete(done, {"x": 1})
    with pytest.raises((NotFound, Conflict)):
        run.complete(done, {"x": 2})
    assert run.variables["x"] == 1
