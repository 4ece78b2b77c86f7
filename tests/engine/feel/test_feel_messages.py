"""Everything that FEEL says about a failure stands in one table, occurs, and is said in French and in English."""

import ast
from pathlib import Path

import pytest

from engine.feel import Budget, FeelError, FeelSyntaxError, compile, compile_unary, dump, from_feel, to_feel
from engine.feel import __file__ as feel_file
from engine.feel.messages import TEXTS, Told

NESTED: list = []
for _ in range(200):
    NESTED = [NESTED]
FUNCTION = compile("function(x) x").evaluate()

TEXTS_REFUSED = {
    "text-too-long": "1" * 30_000,
    "missing-quote": '"abc',
    "broken-character": r'"\uD83D"',
    "nested-text": "(" * 200 + "1",
    "long-chain": "1" + "+1" * 9_000,
    "expected": "if a then b",
    "expected-expression": "1 +",
    "expected-name": "a.",
    "expected-end": "1 2",
    "expected-range-end": "[1..2",
    "expected-at-text": "@5",
    "external-function": "function(a) external {}",
    "number-too-large": "1e99999",
}
EVALUATIONS_REFUSED = {
    "too-many-steps": "for a in 1..1000000 return a",
    "too-large": '{f: function(n, x) if n = 0 then x else f(n - 1, x + x), r: f(40, "ab")}.r',
    "too-deep": "{f: function(n) f(n + 1), r: f(1)}.r",
    "foreign-value": "foreign = [1]",
    "unreadable-variable": "object",
    "host-failed": "failing()",
    "host-names": "failing(a: 1)",
    "no-clock": "now()",
    "not-repeatable": "uuid()",
    "not-for-care": "fromAi(1)",
    "assertion": "assert(1, null)",
    "assertion-cause": 'assert(1, false, "parce que")',
}
WARNINGS = {
    "unknown-variable": "nobody",
    "unknown-function": "nothing(1)",
    "unknown-type": "1 instance of tMystery",
    "no-entry": "{a: 1}.b",
    "no-part": '@"2026-01-01".hour',
    "not-callable": "(1)(2)",
    "argument-count": "(function(a) a)()",
    "argument-names": "(function(a) a)(b: 1)",
    "argument-type": '(function(a: number) a)("x")',
    "arguments": 'substring("a")',
    "no-result": 'date("2026-02-30")',
    "function-failed": "sqrt(-1)",
    "overflow": "9e6144 * 10",
    "condition": "if null then 1 else 2",
    "incomparable": '1 < "a"',
    "not-boolean": "true and 1",
    "in": '"a" in [1..3]',
    "operation": '1 + "a"',
    "division-by-zero": "1 / 0",
    "negation": '-"a"',
    "range-ends": '[1.."a"]',
    "not-iterable": "for a in null return a",
    "steps": 'for a in 1.."z" return a',
    "satisfies": "some a in [1] satisfies a",
    "filter": '[1]["a"]',
    "index": "[1][2]",
    "fraction-index": "[1][1.5]",
    "same-entry": "{a: 1, a: 2}",
    "duration-too-large": '@"P999999999999Y" * 1e30',
    "unreadable": '@"2026-02-30"',
}
CAUSES = {
    "impossible-date": "date(2026, 2, 30)",
    "impossible-time": "time(25, 0, 0)",
    "impossible-offset": 'time(1, 0, 0, @"PT19H")',
    "unknown-zone": 'date and time(@"2026-01-01T00:00:00", "Mars")',
    "separators": 'number("1", "x")',
    "not-whole": "date(2026, 1.5, 1)",
    "scale": "floor(1, 1e5)",
    "rounding-mode": 'decimal(1, 0, "x")',
    "positive": "log(0)",
    "position": "remove([1], 2)",
    "length": "sublist([1], 1, 2)",
    "list-expected": "concatenate([1], null)",
    "numbers-only": 'sum(1, "a")',
    "empty-list": "max([])",
    "one-number": "stddev([1])",
    "no-order": 'max(1, "a")',
    "texts-only": "string join([1])",
    "entries": "context([1])",
    "no-inner-context": 'context put({}, ["a", "b"], 1)',
    "keys": "get value({}, [1])",
    "contexts-only": "context merge([1])",
    "two-parameters": "sort([1], function(a) true)",
    "match-answer": "sort([1, 2], function(a, b) 1)",
    "range-text": 'range("1")',
    "json": 'from json("{")',
    "no-json": "to json([1..2])",
    "pattern-flags": 'matches("a", "a", "z")',
    "pattern-long": 'matches("a", "a{9999}")',
    "pattern-syntax": 'matches("a", "*")',
    "pattern-end": 'matches("a", "(a")',
    "pattern-escape": 'matches("a", "\\\\y")',
    "pattern-category": 'matches("a", "\\\\p{IsKlingon}")',
    "pattern-range": 'matches("a", "[z-a]")',
    "pattern-reference": 'matches("a", "(a\\\\1)")',
    "pattern-empty": 'replace("a", "x*", "y")',
    "replacement": 'replace("a", "a", "$")',
}
HOST = {
    "no-equivalent": lambda: to_feel(object()),
    "nested-value": lambda: to_feel(NESTED),
    "no-number": lambda: to_feel(float("nan")),
    "function-sent": lambda: from_feel(FUNCTION),
    "function-kept": lambda: dump(FUNCTION),
    "too-much-time": lambda: compile("some a in 1..100000000 satisfies a < 0").evaluate(
        budget=Budget(steps=10**9, seconds=0.01)
    ),
    "recursion": lambda: compile('matches(t, "(a|b)*(c)\\\\2")').evaluate({"t": "ab" * 2_000}),
}
PLACES = {"place", "place-end", "place-before", "place-line", "place-text"}


def failing(*arguments: object) -> object:
    raise ValueError("panne")


def failure(text: str) -> FeelError:
    with pytest.raises(FeelError) as caught:
        compile(text).evaluate({"foreign": [1.5], "object": object()}, functions={"failing": failing})
    return caught.value


def speaks_both(said: Told) -> None:
    french, english = said.text("fr"), said.text("en")
    assert french == said
    assert french
    assert english
    assert (french == english) is (said.code == "assertion-cause")


@pytest.mark.parametrize(("code", "text"), TEXTS_REFUSED.items())
def test_a_text_that_is_no_feel_is_refused_in_both_languages(code, text):
    with pytest.raises(FeelSyntaxError) as caught:
        compile(text)
    assert caught.value.reason.code == code
    speaks_both(caught.value.reason)


@pytest.mark.parametrize(("code", "text"), EVALUATIONS_REFUSED.items())
def test_a_refused_evaluation_is_told_in_both_languages(code, text):
    assert failure(text).reason.code == code
    speaks_both(failure(text).reason)


@pytest.mark.parametrize(("code", "text"), WARNINGS.items())
def test_a_null_is_told_in_both_languages(code, text):
    found = next(said for said in compile(text).explain().warnings if said.code == code)
    speaks_both(found)


@pytest.mark.parametrize(("code", "text"), CAUSES.items())
def test_the_reason_of_a_builtin_is_told_in_both_languages(code, text):
    said = compile(text).explain().warnings[0]
    assert said.code in ("function-failed", "overflow")
    cause = said.values.get("cause", said)
    assert cause.code == code
    speaks_both(cause)
    assert cause in said


@pytest.mark.parametrize(("code", "act"), HOST.items())
def test_a_failure_of_the_host_is_told_in_both_languages(code, act):
    with pytest.raises(FeelError) as caught:
        act()
    assert caught.value.reason.code == code
    speaks_both(caught.value.reason)


def test_every_sentence_of_the_table_occurs():
    shown = {*TEXTS_REFUSED, *EVALUATIONS_REFUSED, *WARNINGS, *CAUSES, *HOST}
    assert shown | PLACES == TEXTS.keys()


def test_no_sentence_stands_outside_the_table():
    for path in Path(feel_file).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            if name in {"FeelError", "FeelSyntaxError", "FeelBudgetError", "FeelTypeError"}:
                assert isinstance(node.args[0], ast.Call), f"{path}:{node.lineno}"
            if name in {"told", "note", "Impossible"} and node.args and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in TEXTS, f"{path}:{node.lineno}"


def test_an_error_shows_its_place_in_both_languages():
    with pytest.raises(FeelSyntaxError) as caught:
        compile("if score > 3 then 1")
    error = caught.value
    assert str(error) == "« else » attendu (caractère 20, à la fin, dans « if score > 3 then 1 »)"
    assert error.text("en") == '"else" expected (character 20, at the end, in "if score > 3 then 1")'
    assert (error.line, error.column) == (1, 20)
    assert error.excerpt() == "if score > 3 then 1\n                   ^"


def test_an_error_in_a_text_of_several_lines_names_the_line():
    with pytest.raises(FeelSyntaxError) as caught:
        compile("{\n  a: 1,\n  b: * 2\n}")
    error = caught.value
    assert (error.line, error.column) == (3, 6)
    assert error.text("en").startswith('Expression expected (line 3, character 6, before "* 2 }"')
    assert error.excerpt() == "  b: * 2\n     ^"


def test_a_long_line_is_cut_around_its_fault():
    with pytest.raises(FeelSyntaxError) as caught:
        compile("1 + " * 60 + "* 2")
    line, caret = caught.value.excerpt().split("\n")
    assert line[len(caret) - 1 :].startswith("* 2")


def test_an_error_without_a_place_names_the_expression():
    assert failure("uuid()").text("en").endswith('another value (expression: "uuid()")')


def test_a_warning_knows_its_place_and_its_values():
    said = compile('  score + "ans"').explain({"score": 12}).warnings[0]
    assert said == "« + » impossible entre un nombre (12) et un texte (« ans »)"
    assert said.text("en") == '"+" is impossible between a number (12) and a text ("ans")'
    assert said.position == 8


def test_a_cell_says_what_was_wrong_too():
    with pytest.raises(FeelSyntaxError) as caught:
        compile_unary("< ")
    assert caught.value.text("en") == 'Expression expected (character 3, at the end, in "<")'
