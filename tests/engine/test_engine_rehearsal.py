"""A run in memory: what waits, what left, what was said, on a clock that only moves when told to."""

from datetime import timedelta
from typing import Any

import pytest

from base.clock import ManualClock
from base.errors import Conflict, Invalid, NotFound
from engine.rehearsal import Rehearsal
from tests.engine.driver import CALENDAR, MORNING, define
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    document,
    end,
    io,
    lanes,
    message,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)

MODEL = document(
    message("m", "lettre"),
    process(
        "p",
        lanes(("ide__p", "Infirmière", ("u", "v"))),
        start("s", definition("message", "m")),
        user("u", role=None, name="Appeler"),
        boundary("b", "u", timer("timeCycle", "R3/P1D"), cancels=False),
        throw("t", definition("message", "m"), io({"motif": '="relance"'})),
        end("e2"),
        service("op", "carnet.noter"),
        catch("c", definition("message", "m"), name="Lettre"),
        user("v", role=None, name="Relire"),
        end("fin", name="Fini"),
        chain("s", "u", "op", "c", "v", "fin"),
        chain("b", "t", "e2"),
        name="Parcours",
    ),
)


def play(**options: Any) -> Rehearsal:
    return Rehearsal(define(MODEL), CALENDAR, process="p", clock=ManualClock(MORNING), **options)


def test_a_rehearsal_waits_for_answers_and_messages() -> None:
    run = play().start({"dossier": "d1"}, message="lettre")
    assert [(task.element, task.roles) for task in run.tasks()] == [("u", ("ide",))]
    assert not run.correlate("lettre")
    run.complete("u", {"ok": True})
    assert [(waiting.element, waiting.name, waiting.key) for waiting in run.messages()] == [("c", "lettre", "d1")]
    assert run.correlate("lettre", {"page": 2})
    run.complete("v")
    assert (run.ended, run.state, run.end_state) == (True, "completed", "Fini")
    assert run.variables == {"dossier": "d1", "ok": True, "page": 2}
    assert run.history[0].kind == "run_started"


def test_timers_fire_in_order_while_the_clock_moves() -> None:
    run = play().start({"dossier": "d1"}, message="lettre")
    assert run.due() == MORNING + timedelta(days=1)
    assert run.advance() == 1
    assert run.advance(MORNING + timedelta(days=10)) == 2
    assert run.clock.now() == MORNING + timedelta(days=10)
    assert run.sent() == [("lettre", "d1", {"motif": "relance"})] * 3
    with pytest.raises(Invalid):
        run.advance()


def test_operations_that_are_not_given_do_nothing_and_others_are_called() -> None:
    run = play(operations={"carnet.noter": lambda call: {"note": call.type}}).start({"dossier": "d"}, message="lettre")
    run.complete("u")
    assert run.variables["note"] == "carnet.noter"
    assert play().start({"dossier": "d"}, message="lettre").complete("u").incidents() == []


def test_what_is_not_there_is_said() -> None:
    run = play().start({"dossier": "d1"}, message="lettre")
    with pytest.raises(NotFound, match="Tâches ouvertes"):
        run.complete("v")
    with pytest.raises(Conflict):
        run.retry("u")
    with pytest.raises(NotFound):
        play().start(message="autre")
    with pytest.raises(NotFound):
        Rehearsal(define(MODEL), CALENDAR, process="q", clock=ManualClock(MORNING))


def test_a_stuck_rehearsal_says_where_and_can_go_on() -> None:
    model = document(
        process("p", start(), script("s", '=assert(x, x = 1, "x manque")', "v"), end(), chain("start", "s", "end"))
    )
    run = Rehearsal(define(model), CALENDAR, process="p", clock=ManualClock(MORNING)).start({"x": 0})
    assert [stop.element for stop in run.incidents()] == ["s"]
    assert not run.ended
    run.run.data.put("x", 1)
    assert run.retry("s").incidents() == [] or run.ended


def test_a_definition_tells_its_elements_lanes_starts_and_steps() -> None:
    found = define(MODEL)
    assert found.starts() == [("p", "s", "lettre")]
    assert found.process_name("p") == "Parcours"
    assert [lane.role for lane in found.lanes("p")] == ["ide"]
    assert [step.id for step in found.steps("p")] == ["u", "c", "v", "fin"]
    element = found.element("p", "u")
    assert element is not None
    assert (element.name, element.type, element.lane, element.roles) == ("Appeler", "userTask", "Infirmière", ("ide",))


def test_elements_of_sub_processes_say_where_they_are() -> None:
    inner = sub(
        "outer",
        start("s1"),
        sub("inner", start("s2"), user("u"), end("e2"), chain("s2", "u", "e2")),
        end("e1"),
        chain("s1", "inner", "e1"),
    )
    found = define(document(process("p", start(), inner, end(), chain("start", "outer", "end"))))
    element = found.element("p", "u")
    assert element is not None
    assert (element.within, element.process) == ("inner", "p")
    assert found.element("p", "nothing") is None


def test_the_digest_names_the_files_whatever_their_order() -> None:
    files = {"a.bpmn": MODEL, "notice.md": b"x"}
    from engine.definition import digest

    assert digest(files) == digest(dict(reversed(files.items())))
    assert digest(files) != digest({**files, "notice.md": b"y"})
