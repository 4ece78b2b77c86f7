"""Thousands of damaged diagrams: each is refused with findings, or runs until it ends, waits or has an incident."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

import pytest

from base.clock import ManualClock
from base.errors import JalonError
from engine import steps
from engine.definition import Definition
from engine.inspection import examine
from engine.refusals import EXECUTABLE
from engine.rehearsal import Rehearsal
from tests.engine.driver import CALENDAR, MORNING
from tests.engine.random_models import Generator
from tests.support.absent import SHARED
from tests.support.mutations import mutate

ROOT = Path(__file__).parents[2]
INPUTS = int(os.environ.get("JALON_FUZZ", "4000"))
"""How many diagrams; more by hand: JALON_FUZZ=100000."""
PARTS = 6
INPUTS_OF_A_RUN, STEPS_OF_AN_INPUT = 6, 150
LIMIT = 10.0
"""Seconds of the processor for one diagram: how long the others take on a busy machine says nothing."""


class Hang(BaseException):
    """Raised from outside, past everything that catches exceptions."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def originals() -> list[bytes]:
    """Our pathways, generated models, and the public samples where they are."""
    samples = sorted((SHARED / "conformance" / "betsy").glob("*/*.bpmn"))
    files = [*sorted(ROOT.glob("bpmn/*/*.bpmn")), *(path for path in samples if "constraints" not in path.parent.name)]
    return [path.read_bytes() for path in files] + [Generator(seed, depth=2).model() for seed in range(150)]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_diagram_is_refused_or_runs_and_never_breaks_the_engine(part: int) -> None:
    accepted = 0
    for n in range(part, INPUTS, PARTS):
        chosen = random.Random(n)
        content = mutate(chosen.choice(originals()), chosen, originals())
        try:
            with within(LIMIT):
                accepted += play(content, chosen)
        except (Exception, Hang) as error:
            raise AssertionError(f"diagram {n} of JALON_FUZZ={INPUTS}: {type(error).__name__}: {error}") from error
    assert accepted > INPUTS / PARTS / 20


def play(content: bytes, chosen: random.Random) -> bool:
    """Whether the diagram was accepted; when it was, every process of it was played for a while."""
    definition, findings = examine({"x.bpmn": content}, CALENDAR, EXECUTABLE)
    assert all(found.message and found.code for found in findings)
    if definition is None:
        assert any(found.severity == "error" for found in findings)
        return False
    for process in definition.processes[:3]:
        rehearse(definition, process, chosen)
    return True


def rehearse(definition: Definition, process: str, chosen: random.Random) -> None:
    run = Rehearsal(
        definition,
        CALENDAR,
        process=process,
        clock=ManualClock(MORNING),
        step=partial(steps.advance, limit=STEPS_OF_AN_INPUT),
    )
    with suppress(JalonError):
        run.start({"log": [], "test": "ab", "integerVariable": 1, "dossier": "d"})
        for _ in range(INPUTS_OF_A_RUN):
            if run.ended:
                break
            one_input(run, chosen)
    assert [stop for stop in run.incidents() if stop.kind == "internal"] == []
    assert all(stop.message for stop in run.incidents())
    assert run.ended or run.run.tokens


def one_input(run: Rehearsal, chosen: random.Random) -> None:
    """Something that the run waits for, or another try where it is stuck."""
    tasks, messages = run.tasks(), run.messages()
    if tasks and chosen.random() < 0.6:
        run.complete(chosen.choice(tasks).id)
    elif messages and chosen.random() < 0.6:
        run.correlate(chosen.choice(messages).name)
    elif run.due() is not None:
        run.advance()
    elif run.incidents():
        run.retry(chosen.choice(run.incidents()).element)
    else:
        run.signal("S")
