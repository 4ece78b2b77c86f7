"""Files, ids, references and pools: each broken constraint is told, and its accepted neighbour is left alone."""

import pytest

from engine.refusals.references import REFERENCES
from engine.refusals.structure import COUNTS, REQUIRED, Count
from tests.support.constraints import Case, between, case, group, specification, whole
from tests.support.models import catch, chain, definition, document, element, end, lanes, process, start, throw, user

GOOD = between(user("x"))
PLAIN = whole(GOOD)
GIVEN = element("message", "m", name="lettre") + element("signal", "s", name="s")
NEWS = definition("message", "m")
SPEAKERS = start() + throw("t", NEWS) + catch("c", NEWS) + end() + chain("start", "t", "c", "end")


def file(*parts: str, inside: str = GOOD) -> bytes:
    return document(GIVEN, *parts, process("p", inside))


OTHER = process("q", start("start2") + user("y") + end("end2") + chain("start2", "y", "end2"))


def talking(source: str, target: str, inside: str = SPEAKERS, more: str = "", **flow: str) -> bytes:
    """The pool of the process, a black-box pool, and a message flow between them."""
    pools = element("participant", "own", processRef="p") + element("participant", "box")
    flows = element("messageFlow", "f", sourceRef=source, targetRef=target, **flow)
    return file(element("collaboration", "k", pools, flows, more), inside=inside)


def many(minimum: str, maximum: str) -> bytes:
    count = element("participantMultiplicity", "", minimum=minimum, maximum=maximum)
    return file(element("collaboration", "k", element("participant", "own", count, processRef="p")))


def laned(*rows: tuple[str, str, tuple[str, ...]]) -> bytes:
    inside = lanes(*rows) + GOOD
    return document(GIVEN, process("p", inside), OTHER)


def correlated(*bound: str) -> bytes:
    """A subscription to a key of two properties, of which these are bound."""
    ways = element("correlationPropertyRetrievalExpression", "", element("messagePath", "", "=id"), messageRef="m")
    made = "".join(element("correlationProperty", name, ways) for name in ("a", "b"))
    key = element("correlationKey", "key", *(element("correlationPropertyRef", "", name) for name in ("a", "b")))
    paths = [
        element("correlationPropertyBinding", "", element("dataPath", "", "=x"), correlationPropertyRef=name)
        for name in bound
    ]
    subscription = element("correlationSubscription", "cs", *paths, correlationKeyRef="key")
    return file(made, element("collaboration", "k", key), inside=subscription + GOOD)


def conversing(message: str) -> bytes:
    """A message flow whose key is read from the message `m` only."""
    ways = element("correlationPropertyRetrievalExpression", "", element("messagePath", "", "=id"), messageRef="m")
    made = element("correlationProperty", "a", ways) + element("message", "n", name="n")
    key = element("correlationKey", "key", element("correlationPropertyRef", "", "a"))
    pools = element("participant", "own", processRef="p") + element("participant", "box")
    flow = element("messageFlow", "f", sourceRef="box", targetRef="x", messageRef=message)
    return file(made, element("collaboration", "k", pools, flow, key))


FILES = [
    case("not-bpmn", "", b"<html/>", PLAIN),
    case("no-process", "definitions", document(element("process", "p", GOOD, isExecutable="false")), PLAIN),
    case("public-executable", "p", document(process("p", GOOD, processType="Public")),
         document(process("p", GOOD, processType="Private"))),
    case("duplicate-id", "x", GOOD + element("dataObject", "x"), GOOD + element("dataObject", "o")),
    case("missing-id", "p", start() + end() + '<bpmn:sequenceFlow sourceRef="start" targetRef="end"/>',
         start() + end() + chain("start", "end")),
    case("bad-id", "a b", between(user("a b"), "a b"), between(user("a-b.c_1é"), "a-b.c_1é")),
    case("bad-id", "1x", between(user("1x"), "1x"), between(user("_1x"), "_1x")),
    case("bad-id", "a/b", between(user("a/b"), "a/b"), GOOD),
    case("bad-id", "x" * 101, between(user("x" * 101), "x" * 101), between(user("x" * 100), "x" * 100)),
    case("import-missing", "definitions",
         file(element("import", "", importType="t", location="types.xsd", namespace="n")), PLAIN),
    case("extension-not-understood", "definitions",
         file(element("extension", "", definition="v:autre", mustUnderstand="true")),
         file(element("extension", "", definition="v:autre", mustUnderstand="false"))),
    case("text-format", "x", between(user("x", element("documentation", "", "…", textFormat="NON"))),
         between(user("x", element("documentation", "", "…", textFormat="text/html")))),
    case("missing-attribute", "f", talking("", "x", GOOD), talking("box", "x", GOOD)),
    case("bad-value", "x", between(user("x", isForCompensation="oui")), between(user("x", isForCompensation="0"))),
    case("bad-value", "x", between(element("adHocSubProcess", "x", user("u"), ordering="Libre")),
         between(element("adHocSubProcess", "x", user("u"), ordering="Parallel"))),
    case("bad-count", "x", between(element("task", "x", element("ioSpecification", "", group("inputSet")))),
         between(element("task", "x", specification()))),
    case("event-definition-reference", "start",
         start("start", element("eventDefinitionRef", "", "m")) + end() + chain("start", "end"),
         start("start", element("eventDefinitionRef", "", "top")) + end() + chain("start", "end"),
         GIVEN + element("signalEventDefinition", "top", signalRef="s")),
    case("event-definition-reference", "start",
         start("start", element("eventDefinitionRef", "", "inner")) + end("end", element(
             "signalEventDefinition", "inner", signalRef="s")) + chain("start", "end"),
         start("start", element("eventDefinitionRef", "", "top")) + end() + chain("start", "end"),
         GIVEN + element("signalEventDefinition", "top", signalRef="s")),
    case("unsupported-element", "z", GOOD + element("inconnu", "z"), GOOD + element("textAnnotation", "z")),
    case("unknown-reference", "x", between(throw("x", definition("signal", "nul"))),
         between(throw("x", definition("signal", "s"))), GIVEN),
    case("wrong-reference", "x", between(throw("x", definition("signal", "m"))),
         between(throw("x", definition("signal", "s"))), GIVEN),
]  # fmt: skip

POOLS = [
    case("message-flow-end", "f", talking("box", "note", GOOD + element("textAnnotation", "note")),
         talking("box", "x", GOOD)),
    case("message-flow-inside", "f", talking("t", "c"), talking("t", "box")),
    case("message-flow-inside", "f", talking("box", "box"), talking("box", "own")),
    case("message-flow-inside", "f", talking("own", "c"), talking("box", "c")),
    case("message-flow-source", "f", talking("c", "box"), talking("box", "c")),
    case("message-flow-target", "f", talking("box", "t"), talking("t", "box")),
    case("message-flow-trigger", "f", talking("box", "start"),
         talking("box", "start", SPEAKERS.replace(start(), start("start", NEWS)))),
    case("participant-multiplicity", "own", many("3", "2"), many("2", "3")),
    case("participant-multiplicity", "own", many("-1", "2"), many("0", "1")),
    case("conversation-content", "g", file(element("globalConversation", "g", element("conversation", "c"))),
         file(element("globalConversation", "g", element("participant", "box")))),
    case("lane-of-others", "l", laned(("l", "L", ("x", "y"))), laned(("l", "L", ("x", "start")))),
    case("two-lanes", "k", laned(("l", "L", ("x",)), ("k", "K", ("x",))),
         laned(("l", "L", ("x",)), ("k", "K", ("end",)))),
    case("correlation-binding", "cs", correlated("a"), correlated("a", "b")),
    case("correlation-binding", "cs", correlated("a", "b", "b"), correlated("b", "a")),
    case("correlation-message", "a", conversing("n"), conversing("m")),
]  # fmt: skip
CASES = FILES + POOLS


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.element[:20]}")
def test_a_file_that_breaks_a_constraint_is_told_and_its_neighbour_accepted(one: Case) -> None:
    one.hold()


REFERRING = [(tag, name) for reference in REFERENCES for tag in reference.elements for name in reference.names]


@pytest.mark.parametrize(("tag", "name"), REFERRING)
def test_every_reference_of_the_table_that_leads_nowhere_is_told(tag: str, name: str) -> None:
    """As an attribute and as a child, wherever the element stands."""
    for made in (element(tag, "z", **{name: "nulle_part"}), element(tag, "z", element(name, "", "nulle_part"))):
        told = case("unknown-reference", "z", file(made), PLAIN)
        found = [one for one in told.findings(told.broken) if one.code == "unknown-reference"]
        assert [(one.element, "nulle_part" in one.message, name in one.message) for one in found] == [("z", True, True)]


@pytest.mark.parametrize(("tag", "name"), [(tag, name) for tag, names in REQUIRED.items() for name in names])
def test_every_attribute_that_the_schema_asks_for_is_missed(tag: str, name: str) -> None:
    told = case("missing-attribute", "z", file(element(tag, "z")), PLAIN)
    found = [one.message for one in told.findings(told.broken) if one.code == "missing-attribute"]
    assert any(f"« {name} »" in message for message in found)


@pytest.mark.parametrize("count", COUNTS, ids=lambda count: f"{count.element}-{count.child}")
def test_every_number_of_children_outside_the_schema_is_told(count: Count) -> None:
    tag, child, least, most = count
    wrong = [least - 1] * (least > 0) + [most + 1] * (most < 3)
    assert wrong
    for number in wrong:
        told = case("bad-count", "z", file(element(tag, "z", element(child, "") * number)), PLAIN)
        assert any(one.code == "bad-count" and one.element == "z" for one in told.findings(told.broken))


def test_what_is_imported_may_be_referenced_by_its_prefix() -> None:
    imported = element("import", "", importType="t", location="types.xsd", namespace="urn:n")
    message = '<bpmn:message xmlns:n="urn:n" id="z" name="z" itemRef="n:Lettre"/>'
    told = Case("unknown-reference", "z", file(message), file(imported, message), {"types.xsd": b""})
    told.hold()
