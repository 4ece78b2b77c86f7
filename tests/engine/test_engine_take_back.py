"""A failed step leaves nothing half done: all that it did is taken back, tokens and scopes that had left included."""

from collections.abc import Iterator
from typing import Any

import pytest

from base.database import Database
from engine import steps, waiting
from engine.run import Run
from engine.token import Token
from tests.engine.conftest import Perform
from tests.engine.driver import sqlite
from tests.engine.random_models import Generator
from tests.engine.random_play import tell
from tests.engine.random_players import EveryStep, InMemory, empty
from tests.support.models import chain, definition, element, end, on_event, start, user

perform = waiting.perform


def told(run: Run) -> dict[str, Any]:
    """Everything that a step may change."""
    return {
        "scopes": {key: (_values(scope.data), scope.active, scope.completed) for key, scope in run.scopes.items()},
        "tokens": {key: _token(token) for key, token in sorted(run.tokens.items())},
        "places": {key: list(scope.tasks) for key, scope in run.scopes.items()},
        "joins": {key: _ids(scope.joins) for key, scope in run.scopes.items()},
        "subscriptions": {key: sorted(held) for key, held in sorted(run.register.subscriptions.items())},
        "timers": dict(run.register.timers),
        "conditions": sorted(run.register.conditions),
        "run": (run.state, run.end_state, run.completed, len(run.effects)),
        "rows": (sorted(run.dead), sorted(key for key in run.unwired if key in run.dead)),
    }


def _values(values: Any) -> dict[str, Any]:
    return {} if values is None else dict(values)


def _token(token: Token) -> tuple[Any, ...]:
    notes = dict(token.internal_data)
    return token.task_spec.name, token._state, token.gone, notes, _values(token.locals), list(token._children)


def _ids(joins: dict[str, list[Token]]) -> dict[str, list[int]]:
    return {name: [token.id for token in tokens] for name, tokens in joins.items()}


def falter(token: Token) -> None:
    """Do the step, take it back as if it had failed at its very end, and do it again."""
    run, before = token.host, told(token.host)
    mark = run.mark()
    perform(token)
    run.take_back(mark)
    assert told(run) == before
    perform(token)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = sqlite(tmp_path_factory.mktemp("taken_back"))
    yield found
    found.dispose()


@pytest.mark.parametrize("seed", range(40))
def test_a_run_whose_every_step_fails_at_its_end_goes_as_one_that_never_fails(seed: int, database: Database) -> None:
    made = Generator(seed)
    content = made.model()
    expected = list(tell(InMemory(content), seed, made))
    empty(database)
    with pytest.MonkeyPatch.context() as patched:
        for module in (steps, waiting):
            patched.setattr(module, "perform", falter)
        assert list(tell(InMemory(content), seed, made)) == expected
        assert list(tell(EveryStep(content, database), seed, made)) == expected


def climbing(condition: str) -> str:
    """What is thrown after a turn in which the condition holds."""
    event = element("event", "", definition("escalation", "X"))
    return element("complexBehaviorDefinition", "", element("condition", "", condition), event)


def test_a_failure_after_the_run_was_already_interrupted_takes_the_interruption_back(perform: Perform) -> None:
    twice = (climbing("=true"), climbing("=limite &gt; 2"))
    turns = element(
        "multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "3"), *twice, behavior="Complex"
    )
    alarm = on_event(
        "alarm", definition("escalation", "X"), user("help"), end("e2"), chain("alarm_start", "help", "e2")
    )
    raised = '<bpmn:escalation id="X" escalationCode="X1"/>'
    run = perform(start(), user("u", turns), end(), alarm, chain("start", "u", "end"), given=raised)
    run.do("u")
    assert [(stuck.element, stuck.kind) for stuck in run.incidents] == [("u", "condition")]
    assert "limite" in run.incidents[0].message
    assert run.tasks() == ["u", "u"]
    run.mend(limite=1).retry()
    assert run.tasks() == ["help"]
    assert run.do("help").ended
    assert run.how == "never" or run.left_over() == {}
