"""Damages BPMN files the way strangers, broken tools and attackers do; the same seed makes the same damage."""

import copy
import random
from collections.abc import Callable, Sequence

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
TAGS = (
    "task", "userTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity",
    "subProcess", "transaction", "adHocSubProcess", "startEvent", "endEvent", "intermediateCatchEvent",
    "intermediateThrowEvent", "boundaryEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
    "complexGateway", "eventBasedGateway", "sequenceFlow", "association", "laneSet", "lane", "process",
    "messageEventDefinition", "timerEventDefinition", "signalEventDefinition", "errorEventDefinition",
    "linkEventDefinition", "escalationEventDefinition", "cancelEventDefinition", "compensateEventDefinition",
    "conditionalEventDefinition", "terminateEventDefinition", "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics", "loopCardinality", "completionCondition", "conditionExpression", "timeDuration",
    "timeCycle", "timeDate", "dataObject", "dataObjectReference", "extensionElements", "documentation",
    "choreographyTask", "globalUserTask", "incoming", "flowNodeRef", "ioSpecification",
)  # fmt: skip
ATTRIBUTES = (
    "id", "name", "sourceRef", "targetRef", "attachedToRef", "cancelActivity", "default", "isInterrupting",
    "triggeredByEvent", "isForCompensation", "parallelMultiple", "startQuantity", "completionQuantity",
    "isSequential", "behavior", "testBefore", "loopMaximum", "calledElement", "processId", "messageRef",
    "signalRef", "errorRef", "escalationRef", "activityRef", "instantiate", "ordering", "isExecutable", "source",
    "target", "inputCollection", "inputElement", "outputCollection", "outputElement", "expression",
    "resultVariable", "type", "candidateGroups", "dueDate", "correlationKey", "decisionId", "formId",
    "activeElementsCollection", "priority", "errorCode",
)  # fmt: skip
EXPRESSIONS = (
    "=null",
    "=1/0",
    '="a" + 1',
    "=[]",
    "={}",
    "=-1",
    "=0.5",
    "=nobody",
    "=",
    "=(",
    "=" + "(" * 400 + "1" + ")" * 400,
    "=" + "-" * 5000 + "1",
    "=for i in 1..1000000000 return i",
    "=for i in 1..100000, j in 1..100000 return [i, j]",
    "=2**100000000",
    '=matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")',
    '=duration("P999999999999Y")',
    '=date("9999-12-31") + duration("P99999Y")',
    '=date and time("0000-00-00T99:99:99")',
    '=__import__("os").system("false")',
    "=parametres.__class__.__mro__",
    '=string join(for i in 1..5000 return "aaaaaaaaaaaaaaaaaaaa")',
    "=some x in 1..100000000 satisfies x < 0",
    "=function(f) f(f)",
    '="\u202e\U0001f600\u0000"'.replace("\0", ""),
    '=["x", "x", null, 3]',
    "=append(log, log)",
    "=now()",
    "=true",
    "=1000000000",
)
VALUES = (
    "",
    " ",
    "0",
    "-1",
    "1000000000",
    "99999999999999999999",
    "1e9",
    "NaN",
    "true",
    "TRUE",
    "None",
    "One",
    "Complex",
    "$Start",
    "$End",
    "%compseq",
    "$items",
    "loopCounter",
    "R/PT0S",
    "R3/PT0S",
    "R/PT1S",
    "R999999/PT1H",
    "R-1/PT1S",
    "PT0S",
    "-PT1H",
    "P999999999Y",
    "PT99999999999999H",
    "P1M",
    "P2JO",
    "2026-11-24",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+23:59",
    "2026-13-45T00:00:00@Mars/Olympus",
    "../../../etc/passwd",
    "{0.__class__}",
    "%s%n%d",
    "é\u202e\u0301\U0001f600",
    "a" * 300,
    "a" * 70_000,
    "a:b:c",
    "<&>\"'",
    "\t\r\n",
    "x" + "-" * 250,
)
Tree = etree._Element
Damage = Callable[[Tree, random.Random], None]


def mutate(content: bytes, chosen: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """One to four kinds of damage in a readable file; in one of ten, the bytes themselves are broken afterwards."""
    root = etree.fromstring(content)
    for _ in range(chosen.choice((1, 1, 1, 2, 3, 4))):
        if others and chosen.random() < 0.05:
            graft(root, etree.fromstring(chosen.choice(others)), chosen)
        else:
            chosen.choice(DAMAGES)(root, chosen)
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return chosen.choice(BREAKS)(written, chosen) if chosen.random() < 0.1 else written


def nodes(root: Tree) -> list[Tree]:
    return [node for node in root.iter() if isinstance(node.tag, str)]


def inner(root: Tree) -> list[Tree]:
    """Every element but the root, which would leave nothing to look at; never empty for a diagram."""
    return nodes(root)[1:] or [etree.SubElement(root, f"{{{BPMN}}}process", id="left")]


def hostile(chosen: random.Random) -> str:
    return chosen.choice(EXPRESSIONS if chosen.random() < 0.5 else VALUES)


# --- damage to the tree -----------------------------------------------------------------------------------------------


def drop(root: Tree, chosen: random.Random) -> None:
    node = chosen.choice(inner(root))
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def repeat(root: Tree, chosen: random.Random) -> None:
    """The same element twice, with the same id or another."""
    node = chosen.choice(inner(root))
    twin = copy.deepcopy(node)
    if chosen.random() < 0.5:
        for one in nodes(twin):
            if one.get("id"):
                one.set("id", one.get("id", "") + "_2")
    node.addnext(twin)


def shift(root: Tree, chosen: random.Random) -> None:
    """An element goes somewhere else."""
    node, place = chosen.choice(inner(root)), chosen.choice(nodes(root))
    if place not in nodes(node):
        place.append(node)


def retag(root: Tree, chosen: random.Random) -> None:
    chosen.choice(inner(root)).tag = f"{{{BPMN}}}{chosen.choice(TAGS)}"


def respace(root: Tree, chosen: random.Random) -> None:
    node = chosen.choice(nodes(root))
    space = chosen.choice(
        ["", "urn:other", "http://www.omg.org/spec/BPMN/20100524/DI", "http://camunda.org/schema/1.0/bpmn"]
    )
    name = etree.QName(node).localname
    node.tag = f"{{{space}}}{name}" if space else name


def drop_attribute(root: Tree, chosen: random.Random) -> None:
    node = chosen.choice(nodes(root))
    if node.attrib:
        del node.attrib[chosen.choice(sorted(node.attrib))]


def set_attribute(root: Tree, chosen: random.Random) -> None:
    node = chosen.choice(nodes(root))
    own = sorted(node.attrib)
    name = chosen.choice(own) if own and chosen.random() < 0.6 else chosen.choice(ATTRIBUTES)
    node.set(name, hostile(chosen))


def redirect(root: Tree, chosen: random.Random) -> None:
    """A reference leads to any other id."""
    ids = [node.get("id", "") for node in nodes(root) if node.get("id")]
    name = chosen.choice(("sourceRef", "targetRef", "attachedToRef", "default", "calledElement", "processId", "id"))
    holders = [node for node in nodes(root) if node.get(name)]
    if holders and ids:
        chosen.choice(holders).set(name, chosen.choice(ids))


def swap(root: Tree, chosen: random.Random) -> None:
    """Two elements exchange their ids."""
    one, other = chosen.choice(inner(root)), chosen.choice(inner(root))
    mine, theirs = one.get("id"), other.get("id")
    if mine and theirs:
        one.set("id", theirs)
        other.set("id", mine)


def retext(root: Tree, chosen: random.Random) -> None:
    chosen.choice(nodes(root)).text = hostile(chosen)


def reexpress(root: Tree, chosen: random.Random) -> None:
    """An expression of the file becomes a hostile one."""
    told = [(node, name) for node in nodes(root) for name, value in node.attrib.items() if value.startswith("=")]
    texts = [node for node in nodes(root) if (node.text or "").startswith("=")]
    if told and (not texts or chosen.random() < 0.6):
        node, name = chosen.choice(told)
        node.set(name, chosen.choice(EXPRESSIONS))
    elif texts:
        chosen.choice(texts).text = hostile(chosen)


def quantify(root: Tree, chosen: random.Random) -> None:
    """As many as one likes."""
    name = chosen.choice(("startQuantity", "completionQuantity", "loopMaximum"))
    chosen.choice(inner(root)).set(name, chosen.choice(("0", "3", "500", "1000000000", "²", "1" * 5000)))


def multiply(root: Tree, chosen: random.Random) -> None:
    """An activity is repeated, soberly or not."""
    made = etree.SubElement(chosen.choice(inner(root)), f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    made.set("isSequential", chosen.choice(("true", "false")))
    etree.SubElement(made, f"{{{BPMN}}}loopCardinality").text = chosen.choice(
        ("=3", "=-1", "=1000000000", "=2.5", "=null")
    )


def deepen(root: Tree, chosen: random.Random) -> None:
    """An element is wrapped in many sub-processes."""
    node = chosen.choice(inner(root))
    parent = node.getparent()
    if parent is None:
        return
    place = parent.index(node)
    for depth in range(chosen.choice((1, 3, 40, 300))):
        around = etree.Element(
            f"{{{BPMN}}}{chosen.choice(('subProcess', 'adHocSubProcess', 'transaction'))}", id=f"in{depth}"
        )
        around.append(node)
        node = around
    parent.insert(place, node)


def graft(root: Tree, other: Tree, chosen: random.Random) -> None:
    """A part of another file comes in."""
    chosen.choice(nodes(root)).append(copy.deepcopy(chosen.choice(inner(other))))


DAMAGES: Sequence[Damage] = (
    drop, repeat, shift, retag, respace, drop_attribute, set_attribute, set_attribute, redirect, redirect, swap, retext,
    reexpress, reexpress, quantify, multiply, deepen,
)  # fmt: skip


# --- damage to the bytes ----------------------------------------------------------------------------------------------


def cut(content: bytes, chosen: random.Random) -> bytes:
    return content[: chosen.randrange(len(content))]


def scramble(content: bytes, chosen: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chosen.randint(1, 20)):
        made[chosen.randrange(len(made))] = chosen.randrange(256)
    return bytes(made)


def declare(content: bytes, chosen: random.Random) -> bytes:
    """A DOCTYPE with entities, one that grows or one that reads a file."""
    body = content[content.index(b"?>") + 2 :]
    entity = chosen.choice(
        (
            b'<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">',
            b'<!ENTITY c SYSTEM "file:///etc/hostname">',
            b'<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;<!ENTITY c "c">',
        )
    )
    return b"<!DOCTYPE definitions [" + entity + b"]>" + body.replace(b'name="', b'name="&c;', 1)


def recode(content: bytes, chosen: random.Random) -> bytes:
    """The declaration says one encoding, the bytes another."""
    said = chosen.choice(("UTF-16", "ISO-8859-1", "UTF-7", "cp037", "UTF-32", "nothing"))
    text = content.decode().replace("UTF-8", said, 1)
    return text.encode(chosen.choice(("utf-8", "utf-16", "utf-32", "utf-8-sig")))


def interrupt(content: bytes, chosen: random.Random) -> bytes:
    """Comments, instructions and CDATA stand where a text is expected."""
    part = chosen.choice((b"<!-- -->", b"<?php echo 1 ?>", b"<![CDATA[=1]]>", b"&#0;", b"&#xD800;", b"&nbsp;"))
    ends = [place for place, byte in enumerate(content) if byte == ord(">")]
    place = chosen.choice(ends) + 1
    return content[:place] + part + content[place:]


BREAKS: Sequence[Callable[[bytes, random.Random], bytes]] = (cut, scramble, declare, recode, interrupt)
