"""What the engine does with each BPMN element in each place, found by deploying and running a small model of each.

`python -m tests.engine.coverage` writes docs/bpmn-coverage.md anew; a test fails when the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from base.calendars import Calendar
from base.clock import ManualClock
from engine import steps
from engine.definition import Definition
from engine.findings import Refused
from engine.inspection import inspect
from engine.refusals import EXECUTABLE
from engine.rehearsal import Rehearsal
from tests.engine.driver import MORNING
from tests.support.models import (
    DECISION,
    boundary,
    call,
    catch,
    chain,
    definition,
    document,
    element,
    end,
    flow,
    gateway,
    message,
    process,
    rule,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)

PAGE = Path(__file__).parents[2] / "docs" / "bpmn-coverage.md"
CALENDAR = Calendar()
ROOTS = (
    message("m", "news", None)
    + '<bpmn:signal id="S" name="crisis"/><bpmn:error id="E" errorCode="E1"/>'
    + '<bpmn:escalation id="X" escalationCode="X1"/>'
)
CALLED = process("q", start("qs"), user("qu"), end("qe"), chain("qs", "qu", "qe"))
OPENS, CLOSES = "<!-- tables -->", "<!-- end of tables -->"
EXECUTED, REFUSED, SILENT, NOTHING = "executed", "refused", "SILENT", "–"


@dataclass(frozen=True)
class Model:
    """The parts of a process, what must complete in it, and what has to happen to it."""

    parts: Sequence[str]
    wanted: Sequence[str]
    begins: str = ""


CONDITION = element("conditionalEventDefinition", "", element("condition", "", "=go"))
KINDS = {
    "none": "",
    "message": definition("message", "m"),
    "timer": timer("timeDuration", "PT1H"),
    "signal": definition("signal", "S"),
    "conditional": CONDITION,
    "error": definition("error", "E"),
    "escalation": definition("escalation", "X"),
    "cancel": definition("cancel"),
    "compensation": definition("compensate"),
    "link": definition("link", name="L"),
    "terminate": definition("terminate"),
    "multiple": definition("message", "m") + definition("signal", "S"),
    "parallel multiple": definition("message", "m") + definition("signal", "S"),
}
THROWS = {
    "error": end("bang", KINDS["error"]),
    "escalation": throw("bang", KINDS["escalation"]) + end("e0") + chain("bang", "e0"),
    "cancel": end("bang", KINDS["cancel"]),
}


def said(kind: str, **more: str) -> dict[str, str]:
    return more | ({"parallelMultiple": "true"} if kind == "parallel multiple" else {})


# --- the models -------------------------------------------------------------------------------------------------------


def a_process_start(kind: str) -> Model:
    return Model((start("x", KINDS[kind], **said(kind)), user("go"), end(), chain("x", "go", "end")), ("x", "end"), "x")


def a_sub_process_start(kind: str) -> Model:
    inner = sub("A", start("x", KINDS[kind], **said(kind)), user("go"), end("e1"), chain("x", "go", "e1"))
    return Model((start(), inner, end(), chain("start", "A", "end")), ("x", "A", "end"))


def an_event_sub_process(interrupts: bool) -> Callable[[str], Model]:
    def model(kind: str) -> Model:
        begin = start("x", KINDS[kind], **said(kind, isInterrupting=str(interrupts).lower()))
        handler = sub("H", begin, end("he"), chain("x", "he"), triggeredByEvent="true")
        thrown = THROWS.get(kind, element("task", "bang") + end("e0") + chain("bang", "e0"))
        tag = "transaction" if kind == "cancel" else "subProcess"
        inner = element(tag, "A", start("s1"), user("go"), thrown, handler, chain("s1", "go", "bang"))
        if kind != "compensation":
            return Model((start(), inner, end(), chain("start", "A", "end")), ("x", "he", "H"))
        undo = throw("t", KINDS[kind])
        return Model((start(), inner, undo, end(), chain("start", "A", "t", "end")), ("x", "he", "H", "t", "end"))

    return model


def a_catch(kind: str) -> Model:
    leads = throw("t", KINDS["link"]) if kind == "link" else element("task", "t") + chain("t", "x")
    parts = (start(), user("go"), leads, catch("x", KINDS[kind], **said(kind)), end())
    return Model((*parts, chain("start", "go", "t"), chain("x", "end")), ("x", "end"))


def after_a_gateway(kind: str) -> Model:
    parts = (start(), user("go"), gateway("eventBased", "g"), catch("x", KINDS[kind], **said(kind)), end(), end("e2"))
    other = catch("other", timer("timeDuration", "P9D"))
    return Model((*parts, other, chain("start", "go", "g", "x", "end"), chain("g", "other", "e2")), ("g", "x", "end"))


def a_boundary(interrupts: bool) -> Callable[[str], Model]:
    def model(kind: str) -> Model:
        thrown = THROWS.get(kind, element("task", "bang") + end("e0") + chain("bang", "e0"))
        tag = "transaction" if kind == "cancel" else "subProcess"
        host = element(tag, "A", start("s1"), user("go"), thrown, chain("s1", "go", "bang"))
        event = element(
            "boundaryEvent", "x", KINDS[kind], **said(kind, attachedToRef="A", cancelActivity=str(interrupts).lower())
        )
        if kind == "compensation":
            undo = user("h", isForCompensation="true") + element("association", "as", sourceRef="x", targetRef="h")
            parts = (start(), host, event, undo, throw("t", KINDS[kind]), end(), chain("start", "A", "t", "end"))
            return Model(parts, ("h", "t", "end"))
        parts = (start(), host, event, end("ex"), end(), chain("start", "A", "end"), chain("x", "ex"))
        return Model(parts, ("x", "ex"))

    return model


def a_throw(kind: str) -> Model:
    lands = catch("l", KINDS["link"]) + chain("l", "end") if kind == "link" else chain("x", "end")
    return Model((start(), user("go"), throw("x", KINDS[kind]), lands, end(), chain("start", "go", "x")), ("x", "end"))


def an_end(kind: str) -> Model:
    tag = "transaction" if kind == "cancel" else "subProcess"
    inner = element(tag, "A", start("s1"), user("go"), end("x", KINDS[kind]), chain("s1", "go", "x"))
    caught = boundary("b", "A", KINDS[kind]) + end("eb") + chain("b", "eb") if kind in ("cancel", "error") else ""
    wanted = {"error": ("b", "eb"), "cancel": ("x", "b", "eb")}.get(kind, ("x", "A", "end"))
    return Model((start(), inner, caught, end(), chain("start", "A", "end")), wanted)


POSITIONS: dict[str, Callable[[str], Model]] = {
    "process start": a_process_start,
    "sub-process start": a_sub_process_start,
    "event sub-process, interrupting": an_event_sub_process(True),
    "event sub-process, not interrupting": an_event_sub_process(False),
    "intermediate catch": a_catch,
    "after an event-based gateway": after_a_gateway,
    "boundary, interrupting": a_boundary(True),
    "boundary, not interrupting": a_boundary(False),
    "intermediate throw": a_throw,
    "end": an_end,
}
THROWING = frozenset({"intermediate throw", "end"})

MARKERS = {
    "once": "",
    "standard loop": element(
        "standardLoopCharacteristics", "", element("loopCondition", "", "=loopCounter &lt; 2"), testBefore="true"
    ),
    "multi-instance, sequential": element(
        "multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "2"), isSequential="true"
    ),
    "multi-instance, parallel": element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "2")),
}
TIMES = {"once": 1, "standard loop": 2, "multi-instance, sequential": 2, "multi-instance, parallel": 2}


def inside(tag: str, *more: str) -> str:
    return element(tag, "x", start("s1"), user("go"), end("e1"), chain("s1", "go", "e1"), *more)


ACTIVITIES: dict[str, Callable[[str], str]] = {
    "task": lambda marker: element("task", "x", marker),
    "manual task": lambda marker: element("manualTask", "x", marker),
    "user task": lambda marker: user("x", marker),
    "script task": lambda marker: _with(script("x", "=1", "v"), marker),
    "service task": lambda marker: _with(service("x", "op"), marker),
    "send task": lambda marker: element("sendTask", "x", marker, messageRef="m"),
    "receive task": lambda marker: element("receiveTask", "x", marker, messageRef="m"),
    "business rule task": lambda marker: _with(rule("x", "urgence", "v"), marker),
    "sub-process": lambda marker: inside("subProcess", marker),
    "transaction": lambda marker: inside("transaction", marker),
    "ad-hoc sub-process": lambda marker: element("adHocSubProcess", "x", user("go"), marker),
    "call activity": lambda marker: _with(call("x", "q"), marker),
}


def _with(made: str, marker: str) -> str:
    head, _, tail = made.rpartition("</")
    return f"{head}{marker}</{tail}"


def an_activity(made: str, times: int) -> Model:
    return Model((start(), made, end(), chain("start", "x", "end")), (*["x"] * times, "end"))


def undone(made: str) -> Model:
    undo = boundary("c", "x", definition("compensate")) + user("h", isForCompensation="true")
    undo += element("association", "as", sourceRef="c", targetRef="h")
    return Model(
        (start(), made, undo, throw("t", definition("compensate")), end(), chain("start", "x", "t", "end")),
        ("x", "h", "end"),
    )


BOTH = user("a") + user("b")
GATEWAYS: dict[str, Model] = {
    "exclusive: split and merge": Model(
        (start(), gateway("exclusive", "x", default="d"), BOTH, gateway("exclusive", "j"), end(), chain("start", "x"),
         flow("x", "a", "=false"), flow("x", "b", id="d"), chain("a", "j", "end"), chain("b", "j")), ("x", "b", "j",
         "end")),
    "parallel: split and join": Model(
        (start(), gateway("parallel", "x"), BOTH, gateway("parallel", "j"), end(), chain("start", "x", "a", "j", "end"),
         chain("x", "b", "j")), ("x", "a", "b", "j", "end")),
    "inclusive: split and join": Model(
        (start(), gateway("inclusive", "x", default="d"), BOTH, gateway("inclusive", "j"), end(), chain("start", "x"),
         flow("x", "a", "=true"), flow("x", "b", id="d"), chain("a", "j", "end"), chain("b", "j")), ("x", "a", "j",
         "end")),
    "complex: activationCondition": Model(
        (start(), gateway("parallel", "s"), BOTH, end(), chain("start", "s", "a", "x", "end"), chain("s", "b", "x"),
         element("complexGateway", "x", element("activationCondition", "", "=activationCount &gt;= 1"))), ("x", "end")),
    "event-based: first event": after_a_gateway("message"),
    "event-based: begins a run (exclusive)": Model(
        (gateway("eventBased", "x", instantiate="true"), catch("c", KINDS["message"]), catch("d", KINDS["signal"]),
         end(), chain("x", "c", "end"), chain("x", "d", "end")), ("c", "end"), "c"),
    "event-based: begins a run (parallel)": Model(
        (gateway("eventBased", "x", instantiate="true", eventGatewayType="Parallel"), catch("c", KINDS["message"]),
         catch("d", KINDS["signal"]), end(), chain("x", "c", "end"), chain("x", "d", "end")), ("c", "d", "end",
         "end"), "c"),
    "flows out of an activity: implicit split": Model(
        (start(), element("task", "x"), BOTH, end(), chain("start", "x", "a", "end"), chain("x", "b", "end")),
        ("x", "a", "b", "end", "end")),
    "flows out of an activity: conditional and default": Model(
        (start(), element("task", "x", default="d"), BOTH, end(), chain("start", "x"), flow("x", "a", "=false"),
         flow("x", "b", id="d"), chain("a", "end"), chain("b", "end")), ("x", "b", "end")),
}  # fmt: skip


# --- trying them ------------------------------------------------------------------------------------------------------


def outcome(model: Model) -> str:
    """Executed as wanted, refused by name, or neither."""
    content = document(ROOTS, process("p", *model.parts), CALLED)
    try:
        found = inspect({"x.bpmn": content, "u.dmn": DECISION}, CALENDAR, EXECUTABLE)
    except Refused as refused:
        codes = sorted({finding.code for finding in refused.findings if finding.severity == "error"})
        return f"{REFUSED} ({', '.join(codes)})"
    return EXECUTED if runs(found, model) else SILENT


def runs(found: Definition, model: Model) -> bool:
    played = Rehearsal(found, CALENDAR, process="p", clock=ManualClock(MORNING))
    begin(found, played, model)
    for _ in range(12):
        done = played.completed()
        if all(done.count(name) >= model.wanted.count(name) for name in model.wanted):
            return not played.incidents()
        happen(played)
    return False


def begin(found: Definition, played: Rehearsal, model: Model) -> None:
    node = found.containers["p"].task_specs[model.begins] if model.begins else None
    waits = node is not None and bool(node.triggers)
    played.do(lambda: steps.start(played.run, {"nihss": Decimal(3), "go": False}, node if waits else None))


def happen(played: Rehearsal) -> None:
    """All that the model could wait for: what comes from outside first, then people's answers, then time."""
    heard = played.correlate("news", {})
    played.signal("crisis")
    played.do(lambda: turn_true(played))
    if not heard and played.due() is not None and not played.ended:
        played.advance()
    if "go" not in played.completed():
        choose_once(played)
    if played.tasks():
        played.complete(played.tasks()[-1].id)


def choose_once(played: Rehearsal) -> None:
    if any("choice" in token.internal_data for token in played.run.tokens.values()):
        played.choose("go")


def turn_true(played: Rehearsal) -> None:
    played.run.undo.clear()
    played.run.data.put("go", True)
    steps.settle(played.run)


# --- the page ---------------------------------------------------------------------------------------------------------


def events() -> list[tuple[str, list[str]]]:
    def cell(kind: str, position: str) -> str:
        if kind == "parallel multiple" and position in THROWING:
            return NOTHING
        return outcome(POSITIONS[position](kind))

    return [(kind, [cell(kind, position) for position in POSITIONS]) for kind in KINDS]


def activities() -> list[tuple[str, list[str]]]:
    def row(make: Callable[[str], str]) -> list[str]:
        cells = [outcome(an_activity(make(marker), TIMES[name])) for name, marker in MARKERS.items()]
        return [*cells, outcome(undone(make("")))]

    return [(name, row(make)) for name, make in ACTIVITIES.items()]


def gateways() -> list[tuple[str, list[str]]]:
    return [(name, [outcome(model)]) for name, model in GATEWAYS.items()]


def table(head: Iterable[str], rows: Iterable[tuple[str, list[str]]]) -> str:
    names = ["", *head]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    return "\n".join([*lines, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows)])


def tables() -> str:
    parts = [
        "## Events\n",
        table(POSITIONS, events()),
        "\n## Activities\n",
        table([*MARKERS, "undone by a handler"], activities()),
        "\n## Gateways and flows\n",
        table(["what it does"], gateways()),
    ]
    return "\n".join(parts)


def page() -> str:
    """The page with its tables made anew; the words around them stay."""
    before, _, rest = PAGE.read_text("utf-8").partition(OPENS)
    after = rest.partition(CLOSES)[2]
    return f"{before}{OPENS}\n{tables()}\n{CLOSES}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
