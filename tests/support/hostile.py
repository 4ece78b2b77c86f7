"""Expressions and files that would cost a machine its time or its memory, run in a process that has little of it.

`python -m tests.support.hostile` prints one line of JSON for each: its name, what came of it, and its processor time.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import thread_time

from engine.decisions import DecisionError, UnreadableDecisions, read
from engine.feel import FeelError, compile
from tests.support.dmn import decision, file, input_data, literal, needs, table
from tests.support.dmn_fuzz import bomb

MEMORY = 400 * 1024 * 1024
REPEATED = "{f: function(n, x) if n = 0 then x else f(n - 1, STEP), s: f(TIMES, FIRST), r: LAST}.r"


def repeated(step: str, times: int, first: str, last: str = "s") -> str:
    """`step` done to `x` again and again, from `first`; the result is `s`."""
    parts = {"STEP": step, "TIMES": str(times), "FIRST": first, "LAST": last}
    text = REPEATED
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


LETTERS = repeated("x + x", 15, '"ab"', "LAST")
NUMBERS = repeated("concatenate(x, x)", 14, "[1, 2.5]", "LAST")
EXPRESSIONS = {
    "endless loop": "some a in 1..100000000000000 satisfies a < 0",
    "loops in loops": "for a in 1..1000000, b in 1..1000000, c in 1..1000000 return a",
    "long list": "for i in 1..100000000 return [i, i]",
    "partial results": "for i in 1..100000 return partial",
    "doubled text": repeated("x + x", 90, '"ab"'),
    "doubled list": repeated("concatenate(x, x)", 90, "[1]"),
    "doubled context": repeated("{a: x, b: x}", 90, "1"),
    "doubled context written": repeated("{a: x, b: x}", 60, "1", "string(s)"),
    "doubled context compared": repeated("{a: x, b: x}", 60, "1", "s = s"),
    "laughs": "{" + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}, a{n - 1}]" for n in range(1, 60)) + ", a0: 1}.a59",
    "laughs in order": "{a0: 1, " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}, a{n - 1}]" for n in range(1, 60)) + "}.a59",
    "recursion": "{f: function(n) f(n + 1), r: f(1)}.r",
    "mutual recursion": "{f: function(g, n) g(f, n), r: f(f, 1)}.r",
    "recursion in a sort": "{f: function(a, b) sort([2, 1], f) = [], r: f(1, 2)}.r",
    "two recursions": "{f: function(n) f(n - 1) + f(n - 2), r: f(50)}.r",
    "brackets": "[" * 9_000 + "]" * 9_000,
    "parentheses": "(" * 9_000 + "1" + ")" * 9_000,
    "negations": "not(" * 4_000 + "true" + ")" * 4_000,
    "minus signs": "-" * 19_000 + "1",
    "conditions": "if true then " * 1_000 + "1",
    "functions": "function(x) " * 1_500 + "1",
    "path": "a" + ".b" * 9_000,
    "filters": "a" + "[1]" * 6_000,
    "sum": "1" + "+1" * 9_000,
    "ranges in ranges": "1 in (" * 55 + "1" + "..2)" * 55,
    "open comment": "1 " + "/*" * 9_000,
    "many names": "{" + ", ".join(f"a {n}: 1" for n in range(1_800)) + "}",
    "types": "1 instance of " + "list<" * 3_000,
    "huge power": "9999999999 ** 99999999999",
    "huge exponent": "1" + "0" * 19_000,
    "huge loop bounds": "for i in 1e6144..-1e6144 return i",
    "huge index": "[1, 2][1e6144] = sublist([1], 1e6144)",
    "huge duration": '@"P1D" * 1e6000 + @"P1D"',
    "huge scale": "decimal(1, 1e6144) = round up(1e-6000, 6000)",
    "slow numbers": "for i in 1..99999 return exp(123.45 + i / 100) ** 1.000001",
    "slow modulo": "for i in 1..99999 return modulo(1e6000 + i, 3e-6000)",
    "slow statistics": NUMBERS.replace("LAST", "for i in 1..5000 return stddev(s) + median(s)"),
    "slow search": NUMBERS.replace("LAST", "for i in 1..5000 return index of(s, 9) = distinct values(s)"),
    "pieces of a long text": LETTERS.replace("LAST", "for i in 1..90000 return substring(s, 2)"),
    "ends of a long list": NUMBERS.replace("LAST", "for i in 1..90000 return sublist(s, 2)"),
    "the same long text": LETTERS.replace("LAST", "for i in 1..90000 return s"),
    "joined texts": LETTERS.replace("LAST", "string join(for i in 1..90000 return s)"),
    "exponential pattern": LETTERS.replace("LAST", 'matches(s + "c", "(a*)*b$") or matches(s, "(ab|a|b)*c")'),
    "references back": LETTERS.replace("LAST", 'matches(s, "(a.*)(b.*)\\\\1\\\\2c")'),
    "large pattern": LETTERS.replace("LAST", f'matches(s, "{"(a?b?){0,400}.{0,500}" * 8}z")'),
    "many patterns": 'for i in 1..20000 return matches("abababab", "[ab]*a[ab]{12}" + string(i))',
    "pattern in pattern": f'matches("a", "{"(" * 400}a{"*)" * 400}")',
    "replaced by more": repeated('replace(x, "a", "aaaaaaaaaa")', 40, '"a"'),
    "split to pieces": LETTERS.replace("LAST", 'for i in 1..5000 return split(s, "")'),
}  # fmt: skip


def bkm(name: str, parameter: str, body: str, requires: str = "") -> str:
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/><encapsulatedLogic>'
        f'<formalParameter name="{parameter}"/>{literal(body)}</encapsulatedLogic>{requires}</businessKnowledgeModel>'
    )


def asking(body: str, elements: str = "", requires: str = "") -> bytes:
    return file(elements + decision("d", body, requires=requires))


def nested(times: int) -> str:
    entry = "<contextEntry><variable name='a'/>"
    return f"<context>{entry}" * times + literal("1") + "</contextEntry></context>" * times


CHAIN = "".join(
    decision(f"a{n}", literal(f"[a{n - 1}, a{n - 1}, a{n - 1}]"), requires=needs(requiredDecision=f"#a{n - 1}"))
    for n in range(1, 50)
)
CYCLE = decision("e", literal("d + 1"), requires=needs(requiredDecision="#d"))
ENTITIES = '<!ENTITY z "ha">' + "".join(f'<!ENTITY a{n} "&z;&z;&z;&z;&z;">' for n in range(9)) + '<!ENTITY a "&a8;">'
ENDLESS = f"<in>{literal('[1..100000000000000]')}</in>"
UNWRAPPED = "{f: function(n, x) if n = 0 then x else f(n - 1, {a: x}), r: f(80, null)}.r"
GIVEN = (input_data("i", name="n"), needs(requiredInput="#i"))
FILES = {
    "entities": bomb(ENTITIES),
    "entity of the machine": bomb('<!ENTITY a SYSTEM "file:///etc/passwd">'),
    "deep elements": asking("<list>" * 5_000 + "</list>" * 5_000),
    "deep contexts": asking(nested(45)),
    "many elements": asking("<list/>" * 120_000),
    "long text": asking(literal("1" * 4_000_000)),
    "recursion": asking(literal("b(1)"), bkm("b", "n", "b(n + 1)"), needs(requiredKnowledge="#b")),
    "doubling": asking(literal("b([1])"), bkm("b", "n", "b([n, n])"), needs(requiredKnowledge="#b")),
    "laughs": asking(literal("a49"), decision("a0", literal("1")) + CHAIN, needs(requiredDecision="#a49")),
    "cycle": asking(literal("e"), CYCLE, needs(requiredDecision="#e")),
    "endless filter": asking(f"<filter>{ENDLESS}<match>{literal('item > 0')}</match></filter>"),
    "endless loop": asking(f"<for iteratorVariable='x'>{ENDLESS}<return>{literal('x')}</return></for>"),
    "endless cells": asking(table([("some i in 1..100000000 satisfies i < 0", "1")] * 50), *GIVEN),
    "types in a circle": file(
        '<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition><itemDefinition name="b"><typeRef>a</typeRef>'
        "</itemDefinition>" + decision("d", literal("1"), type_="a")
    ),
    "type that holds itself": file(
        '<itemDefinition name="a"><itemComponent name="a"><typeRef>a</typeRef></itemComponent></itemDefinition>'
        + decision("d", literal(UNWRAPPED), type_="a")
    ),
    "many rules": asking(table([(str(n), str(n)) for n in range(3_000)]), *GIVEN),
}  # fmt: skip


def expression(text: str) -> str:
    try:
        compile(text).evaluate({"a": {"b": 1}})
    except FeelError as error:
        return type(error).__name__
    return "value"


def decided(content: bytes) -> str:
    try:
        decisions = read(content)
        decisions.remarks()
        decisions.evaluate("d", {"n": -1}, strict=False)
    except (FeelError, DecisionError, UnreadableDecisions) as error:
        return type(error).__name__
    return "value"


def tell(name: str, run: Callable[[], str]) -> None:
    started = thread_time()
    try:
        found = run()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test is told
        found = f"! {type(error).__name__}: {error}"[:200]
    print(json.dumps({"name": name, "found": found, "seconds": round(thread_time() - started, 3)}), flush=True)


def main() -> None:
    virtual = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (virtual + MEMORY, virtual + MEMORY))
    wanted = sys.argv[1:]
    for name, text in EXPRESSIONS.items():
        if not wanted or name in wanted:
            tell(name, lambda text=text: expression(text))
    for name, content in FILES.items():
        if not wanted or f"file: {name}" in wanted:
            tell(f"file: {name}", lambda content=content: decided(content))


if __name__ == "__main__":
    main()
