"""Under SpiffWorkflow's own loop tokens arrive at once instead of in a queue: nothing may hang on that order."""

from collections.abc import Callable

import pytest

from base.clock import ManualClock
from engine import steps
from engine.rehearsal import Rehearsal, Stepper
from tests.engine.driver import CALENDAR, MORNING, define
from tests.engine.library_loop import advance, library_loop
from tests.support.models import (
    catch,
    chain,
    definition,
    document,
    element,
    end,
    flow,
    gateway,
    message,
    on_event,
    process,
    start,
    user,
)

Play = Callable[..., Rehearsal]
ROOTS = message("m", "news") + message("n", "other")


@pytest.fixture(params=["own", "library"])
def play(request: pytest.FixtureRequest) -> Play:
    def begin(*parts: str, said: str | None = None, **values: object) -> Rehearsal:
        def run(step: Stepper) -> Rehearsal:
            model = define(document(ROOTS, process("p", *parts)))
            rehearsal = Rehearsal(model, CALENDAR, process="p", clock=ManualClock(MORNING), step=step)
            return rehearsal.start(values, message=said)

        if request.param == "own":
            return run(steps.advance)
        with library_loop():
            return run(advance)

    return begin


def answer(run: Rehearsal, task: str, **values: object) -> list[str]:
    """The tasks that are open after it."""
    if run.step is advance:
        with library_loop():
            run.complete(task, values)
    else:
        run.complete(task, values)
    return sorted(opened.element for opened in run.tasks())


def test_what_is_awaited_beside_the_first_event_reads_its_key_from_it(play: Play) -> None:
    run = play(
        gateway("eventBased", "g", instantiate="true", eventGatewayType="Parallel"),
        catch("a", definition("message", "m")), catch("b", definition("message", "n")), gateway("parallel", "j"),
        end(), chain("g", "a", "j", "end"), chain("g", "b", "j"), said="news", dossier="d1",
    )  # fmt: skip
    assert run.incidents() == []
    assert [(awaited.name, awaited.key) for awaited in run.messages()] == [("other", "d1")]


def test_nothing_begins_in_what_an_event_sub_process_ends_at_once(play: Play) -> None:
    ready = element("conditionalEventDefinition", "", element("condition", "", "=ready"))
    handler = on_event("H", ready, user("h"), end("he"), chain("H_start", "h", "he"))
    run = play(start(), user("u"), end(), chain("start", "u", "end"), handler, ready=True)
    assert [task.element for task in run.tasks()] == ["h"]
    assert answer(run, "h") == []
    assert run.ended


def test_each_round_that_waits_at_a_complex_gateway_arrives_anew_after_its_reset(play: Play) -> None:
    join = element("complexGateway", "j", element("activationCondition", "", "=activationCount >= 2"))
    run = play(
        start(), gateway("exclusive", "again"), gateway("parallel", "s"), user("a"), user("b"), user("c"), join,
        user("z"), gateway("exclusive", "x", default="stop"), end(), chain("start", "again", "s", "a", "j", "z", "x"),
        chain("s", "b", "j"), chain("s", "c", "j"), flow("x", "again", "=more"), flow("x", "end", id="stop"), more=True,
    )  # fmt: skip
    for task in ("a", "b", "z", "a"):
        answer(run, task)
    assert answer(run, "b") == ["c", "c"]
    assert answer(run, "c") == ["c", "z"]
    assert answer(run, "z", more=False) == ["c"]
    assert answer(run, "c") == []
    assert run.ended
    assert run.incidents() == []
    assert run.completed().count("j") == 2
