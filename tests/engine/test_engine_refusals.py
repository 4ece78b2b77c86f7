"""What is not executed is refused by name: the code, the element and the line of each finding; all of them at once."""

import pytest

from base.calendars import Calendar
from engine.findings import Refused
from engine.inspection import examine, inspect
from tests.support.models import (
    call,
    catch,
    chain,
    definition,
    document,
    element,
    end,
    extensions,
    flow,
    gateway,
    io,
    message,
    process,
    rule,
    script,
    service,
    start,
    timer,
    user,
    zeebe,
)

CALENDAR = Calendar()
GOOD = (start(), user("u"), end(), chain("start", "u", "end"))


def codes(content: bytes, **files: bytes) -> list[tuple[str, str]]:
    _, findings = examine({"test.bpmn": content, **files}, CALENDAR)
    return [(found.code, found.element) for found in findings if found.severity == "error"]


def of(*parts: str, given: str = "") -> list[tuple[str, str]]:
    return codes(document(given, process("p", *parts)))


def between(part: str, id: str = "x", given: str = "") -> list[tuple[str, str]]:
    """One element between a start and an end."""
    return of(start(), part, end(), chain("start", id, "end"), given=given)


def test_a_plain_pathway_is_accepted() -> None:
    assert of(*GOOD) == []
    assert inspect({"test.bpmn": document(process("p", *GOOD))}, CALENDAR).processes == ("p",)


def test_all_findings_are_said_at_once_each_in_its_place() -> None:
    broken = document(
        process("p", start(), user("u", role=None), script("s", "=1 +", "v"), end(), chain("start", "u", "s", "end"))
    )
    with pytest.raises(Refused) as refused:
        inspect({"test.bpmn": broken}, CALENDAR)
    found = refused.value.findings
    assert {(f.code, f.element) for f in found} == {("task-without-role", "u"), ("bad-expression", "s")}
    assert all(f.file == "test.bpmn" and f.line == 1 and f.message and f.hint for f in found)
    assert refused.value.element in ("u", "s")


def python_script(body: str = "import os; os.system('id')", **attributes: str) -> str:
    return element("scriptTask", "x", element("script", "", body), **attributes)


@pytest.mark.parametrize(
    "part",
    [
        python_script(),
        python_script(scriptFormat="python"),
        python_script(body="", scriptFormat="text/javascript"),
        element("scriptTask", "x"),
        element("scriptTask", "x", extensions(zeebe("script", expression="=1"))),
    ],
)
def test_a_script_that_is_not_feel_is_refused(part: str) -> None:
    assert {"script-not-feel", "script-missing"} & {code for code, element in between(part) if element == "x"}


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os').system('id')",
        "[x for x in ().__class__.__bases__]",
        "lambda: 1",
        "= exec(1)",
        "= open(chemin)",
    ],
)
def test_python_in_a_condition_is_refused(condition: str) -> None:
    found = of(
        start(),
        gateway("exclusive", "g", default="f"),
        end("a"),
        end("b"),
        chain("start", "g"),
        flow("g", "a", condition, id="c"),
        flow("g", "b", id="f"),
    )
    assert found[0][0] in ("bad-expression", "unknown-function")
    assert found[0][1] == "c"


@pytest.mark.parametrize("text", ["timedelta(hours=1)", "PT", "1 heure", "=__import__('os')", "R0/P1D", "=eval(1)"])
def test_a_timer_that_does_not_parse_is_refused(text: str) -> None:
    form = "timeCycle" if text.startswith("R") else "timeDuration"
    assert between(catch("x", timer(form, text)))[0][1] == "x"


@pytest.mark.parametrize("text", ["PT4H", "P2D", "P2JO", "PT4HO", "=parametres.relance", '=duration("P1D")'])
def test_calendar_and_business_durations_are_accepted(text: str) -> None:
    assert between(catch("x", timer("timeDuration", text))) == []


def test_another_expression_language_is_refused() -> None:
    condition = element("conditionExpression", "", "x &gt; 1", language="python")
    there = element("sequenceFlow", "c", condition, sourceRef="g", targetRef="a")
    found = of(
        start(),
        gateway("exclusive", "g", default="f"),
        end("a"),
        end("b"),
        chain("start", "g"),
        there,
        flow("g", "b", id="f"),
    )
    assert ("language-not-feel", "c") in found


def test_code_of_other_engines_is_refused() -> None:
    foreign = '<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">import os</s:preScript>'
    assert between(user("x", extensions(foreign)).replace("<bpmn:extensionElements>", "", 0)) == [("foreign-code", "x")]


def test_the_host_is_out_of_reach_of_every_extension() -> None:
    assert between(user("x", more=io({"v": "=open(chemin)"}))) == [("unknown-function", "x")]
    assert between(service("x", "=concat(")) == [("bad-expression", "x")]


def test_what_leads_nowhere_or_is_never_reached_is_refused() -> None:
    assert of(*GOOD, user("v")) == [("dead-end", "v"), ("unreachable", "v")]
    assert of(*GOOD, user("v"), chain("v", "end")) == [("unreachable", "v")]
    assert of(
        start(), gateway("parallel", "g"), user("a"), user("b"), end(), chain("start", "g", "a", "end"), chain("g", "b")
    ) == [("dead-end", "b")]


def test_what_is_called_is_in_the_bundle() -> None:
    assert between(rule("x", "nulle_part", "v")) == [("unknown-decision", "x")]
    assert between(call("x", "nulle_part")) == [("unknown-called-element", "x")]
    assert between(user("x", more=zeebe("formDefinition", formId="nulle_part"))) == [("unknown-form", "x")]
    assert between(element("serviceTask", "x")) == [("missing-operation", "x")]
    assert between(element("businessRuleTask", "x")) == [("missing-decision", "x")]


def test_a_message_has_a_name_and_a_key() -> None:
    waits = catch("x", definition("message", "m"))
    assert between(waits) == [("unknown-reference", "x")]
    assert between(waits, given=element("message", "m")) == [
        ("message-without-name", "x"),
        ("message-without-key", "x"),
    ]
    assert between(waits, given=message("m", "lettre", None)) == [("message-without-key", "x")]
    assert between(waits, given=message("m", "lettre")) == []


def test_somebody_can_answer_a_task() -> None:
    assert between(user("x", role=None)) == [("task-without-role", "x")]


def test_ids_are_used_once() -> None:
    assert ("duplicate-id", "u") in of(*GOOD, user("u"))


def test_two_files_cannot_hold_the_same_process() -> None:
    content = document(process("p", *GOOD))
    assert codes(content, **{"other.bpmn": content}) == [("duplicate-id", "p")]


def test_a_broken_decision_is_a_finding() -> None:
    assert codes(document(process("p", *GOOD)), **{"d.dmn": b"<definitions/>"})[0][0] == "decisions-unreadable"


def test_a_bundle_without_a_diagram_is_refused() -> None:
    _, findings = examine({"notice.md": b""}, CALENDAR)
    assert [found.code for found in findings] == ["no-process"]
