"""A stranger’s diagram: nothing in it is fetched, expanded, evaluated or printed as it stands; nothing is endless."""

import time

import pytest

from base.calendars import Calendar
from engine import reader
from engine.findings import finding
from engine.inspection import examine
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    document,
    element,
    end,
    flow,
    gateway,
    process,
    start,
    throw,
    timer,
    user,
)

CALENDAR = Calendar()
LATER = timer("timeDuration", "P1D")
LONGEST_SECONDS = 20  # of the processor
ANY = range(3000)
BOMB = (
    b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9))
    + b"]><d>&j;</d>"
)
EXTERNAL = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'


def codes(content: bytes) -> list[str]:
    return [found.code for found in examine({"test.bpmn": content}, CALENDAR)[1]]


def attributes(count: int) -> bytes:
    return b"<a %s/>" % b" ".join(b"a%d='1'" % n for n in range(count))


def whole(*parts: str) -> bytes:
    return document(process("p", *parts))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB, "xml-doctype"),
        (EXTERNAL, "xml-doctype"),
        (EXTERNAL.decode().encode("utf-16"), "xml-doctype"),
        (EXTERNAL.decode().encode("utf-16-be"), "xml-doctype"),
        (b'<!DOCTYPE d SYSTEM "http://example.org/d.dtd"><d/>', "xml-doctype"),
        (b"<a>" * 5000, "xml-unreadable"),
        (b"", "xml-unreadable"),
        (b"\x00\xff\xfe", "xml-unreadable"),
        (b"<html/>", "not-bpmn"),
        (document(), "no-process"),
    ],
)
def test_hostile_and_broken_files_are_refused_and_never_crash(content: bytes, code: str) -> None:
    assert codes(content) == [code]


@pytest.mark.parametrize(
    ("code", "over", "under"),
    [
        ("file-too-large", b"<a>" + b" " * reader.BYTES + b"</a>", b"<a>" + b" " * 9 + b"</a>"),
        ("xml-too-deep", b"<a>" * 101 + b"</a>" * 101, b"<a>" * 100 + b"</a>" * 100),
        ("xml-too-many", b"<a>" + b"<b/>" * 20_000 + b"</a>", b"<a>" + b"<b/>" * 19_999 + b"</a>"),
        ("xml-attributes", attributes(101), attributes(100)),
        ("xml-name", b"<a %s='1'/>" % (b"n" * 201), b"<a %s='1'/>" % (b"n" * 200)),
        ("xml-name", b"<%s/>" % (b"n" * 201), b"<%s/>" % (b"n" * 200)),
        ("xml-attribute", b"<a b='%s'/>" % (b"n" * 32_769), b"<a b='%s'/>" % (b"n" * 32_768)),
        ("xml-text", b"<a>%s</a>" % (b"n" * 524_289), b"<a>%s</a>" % (b"n" * 524_288)),
    ],
)
def test_each_limit_holds_and_what_is_just_within_it_is_read(code: str, over: bytes, under: bytes) -> None:
    assert codes(over) == [code]
    assert codes(under) == ["not-bpmn"]


def test_an_entity_in_an_encoding_that_hides_it_is_refused_too() -> None:
    hidden = ('<?xml version="1.0" encoding="UTF-7"?>' + EXTERNAL.decode()).encode("utf-7")
    assert codes(hidden) in (["xml-unreadable"], ["xml-doctype"])


@pytest.mark.parametrize(
    "name", ["{0.__class__}", "{name}", "%s%n", "{", "{}" * 50, "$(id)", "`id`", "\u0085\u009b31m"]
)
def test_a_name_is_said_and_never_understood(name: str) -> None:
    content = whole(start(), user("u", name=name), end(), chain("start", "end"))
    found = examine({"test.bpmn": content}, CALENDAR)[1]
    assert {"dead-end", "unreachable"} <= {one.code for one in found}
    assert all(one.message.replace("\u00a0", " ").isprintable() for one in found)
    assert not any("class '" in one.message for one in found)


def test_what_is_said_of_a_file_cannot_steer_a_terminal() -> None:
    said = finding("code", "avant\x1b[31m après\u202e fin\n", file="f\x07", element="e\u2028", hint="\u00a0: là")
    assert said.message == "avant�[31m après� fin�"
    assert (said.file, said.element, said.hint) == ("f�", "e�", "\u00a0: là")


HUGE = {
    "joins in a loop": [gateway("inclusive", f"g{n}") + flow(f"g{n}", f"g{n + 1}") + flow(f"g{n + 1}", f"g{n}")
                        for n in ANY],
    "events on one border": [user("u"), *(boundary(f"b{n}", "u", LATER) for n in ANY)],
    "links": [throw(f"t{n}", definition("link", name=f"L{n}")) + catch(f"c{n}", definition("link", name=f"L{n}"))
              for n in ANY],
    "ties": [user(f"u{n}", isForCompensation="true") + f'<bpmn:association id="a{n}" sourceRef="u" targetRef="u{n}"/>'
             for n in ANY],
    "flows between two": [user("u"), *(flow("start", "u") + flow("u", "end") for _ in ANY)],
    "sets": [element("ioSpecification", "", *(element("dataInput", f"d{n}") + element("inputSet", f"s{n}")
                                              for n in ANY))],
    "scopes": ["".join(f'<bpmn:subProcess id="s{n}">' for n in range(95)) + "</bpmn:subProcess>" * 95],
}  # fmt: skip


@pytest.mark.parametrize("parts", HUGE.values(), ids=HUGE.keys())
def test_a_file_made_to_be_slow_is_answered_in_time_and_with_few_words(parts: list[str]) -> None:
    content = whole(start(), end(), chain("start", "end"), *parts)
    begun = time.process_time()
    found = examine({"test.bpmn": content}, CALENDAR)[1]
    assert len(found) < 2000
    assert time.process_time() - begun < LONGEST_SECONDS
