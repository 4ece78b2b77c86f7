"""What a file or an answer may not make the engine do: take its own names, or open tokens without end."""

import pytest

from base.clock import ManualClock
from engine.findings import Refused
from engine.rehearsal import Rehearsal
from engine.scopes import NameTaken
from tests.engine.driver import CALENDAR, MORNING, define
from tests.support.models import chain, document, element, end, many, process, script, start, user


def one(body: str, id: str) -> bytes:
    return document(process("p", start(), body, end(), chain("start", id, "end")))


def play(model: bytes) -> Rehearsal:
    return Rehearsal(define(model), CALENDAR, process="p", clock=ManualClock(MORNING))


@pytest.mark.parametrize("name", ["", "%compseq", "$out.0"])
def test_nobody_writes_to_the_names_that_the_engine_keeps_for_itself(name: str) -> None:
    run = play(one(user("u"), "u")).start()
    run.complete("u", {name: 1})
    assert [(stop.element, stop.kind) for stop in run.incidents()] == [("u", "variable-name")]
    assert run.variables == {}
    assert [stop.kind for stop in play(one(script("s", "=1", name), "s")).start().incidents()] == ["variable-name"]
    with pytest.raises(NameTaken):
        play(one(user("u"), "u")).start({name: 1})


def test_an_item_cannot_take_a_name_of_the_engine() -> None:
    run = play(one(user("u", many("=[1]", "%compseq")), "u")).start()
    assert [stop.kind for stop in run.incidents()] == ["variable-name"]


@pytest.mark.parametrize("number", ["0", "-1", "1001", "1000000000", "²", "1" * 5000, ""])
def test_quantities_are_plain_numbers_up_to_a_thousand(number: str) -> None:
    for name in ("startQuantity", "completionQuantity"):
        with pytest.raises(Refused):
            define(one(element("task", "t", **{name: number}), "t"))


@pytest.mark.parametrize("number", ["²", "1" * 5000, "-1"])
def test_a_loop_maximum_is_a_plain_number(number: str) -> None:
    loop = element("standardLoopCharacteristics", "", loopMaximum=number)
    with pytest.raises(Refused):
        define(one(element("task", "t", loop), "t"))


def test_a_repetition_without_measure_is_an_incident_not_a_flood() -> None:
    times = element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "=1000000000"))
    run = play(one(user("u", times), "u")).start()
    assert [stop.kind for stop in run.incidents()] == ["repetition"]
    assert "10000 est le plus possible" in run.incidents()[0].message
    assert len(run.run.tokens) == 2


def test_a_property_without_an_id_is_no_variable() -> None:
    run = play(one(user("u", element("property")), "u")).start()
    run.complete("u")
    assert (run.state, run.variables) == ("completed", {})


def test_what_fails_at_the_last_of_several_tokens_can_be_tried_again() -> None:
    times = element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "=times"))
    body = element("task", "a", completionQuantity="2") + user("u", times, startQuantity="2") + chain("a", "u")
    run = play(document(process("p", start(), body, end(), chain("start", "a"), chain("u", "end"))))
    run.start({"times": None})
    assert [stop.element for stop in run.incidents()] == ["u"]
    run.run.data.put("times", 1)
    run.retry("u")
    assert [task.element for task in run.tasks()] == ["u"]
    run.complete("u")
    assert run.ended
