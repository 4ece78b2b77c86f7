"""Random pathways stepped by SpiffWorkflow's own loop end as they do when stepped by ours."""

import random

import pytest

from base.clock import ManualClock
from engine import steps
from engine.rehearsal import Rehearsal
from tests.engine.driver import CALENDAR, MORNING, define
from tests.engine.library_loop import advance, library_loop
from tests.engine.random_models import LONG, Generator, maybe


def play(model: bytes, seed: int, stepper=steps.advance) -> tuple[list[str], str]:
    chosen = random.Random(seed)
    run = Rehearsal(
        define(model), CALENDAR, process="p", clock=ManualClock(MORNING), operations={"maybe": maybe}, step=stepper
    )
    run.start({"log": []})
    for _ in range(LONG):
        assert run.incidents() == []
        if run.ended:
            break
        tasks = sorted(run.tasks(), key=lambda task: (task.element, task.token))
        if tasks and (run.due() is None or chosen.random() < 0.8):
            run.complete(chosen.choice(tasks).id)
        else:
            run.advance()
    return sorted(run.completed()), run.state


@pytest.mark.parametrize("seed", range(15))
def test_the_library_steps_our_runs_to_the_same_end(seed: int) -> None:
    model = Generator(seed, depth=2).model()
    with library_loop():
        found = play(model, seed, advance)
    assert found == play(model, seed)
    assert found[1] == "completed"
