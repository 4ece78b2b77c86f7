"""Built-in functions on texts; regular expressions are run in linear time."""

import pytest

from engine.feel import compile, from_feel


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 0)', None),
        ('upper case("été")', "ÉTÉ"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "ob")', "ar"),
        ('contains("AVC ischémique", "isch")', True),
        ('starts with("I63.9", "I6")', True),
        ('ends with("I63.9", ".9")', True),
        ('matches("I63.9", "^I6[0-4](\\\\.\\\\d)?$")', True),
        ('matches("FOO", "foo", "i")', True),
        ('matches("a b", "a b", "x")', False),
        ('matches("a\\nb", "a.b")', False),
        ('matches("a\\nb", "a.b", "s")', True),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("2026-03-01", "(\\\\d+)-(\\\\d+)-(\\\\d+)", "$3/$2/$1")', "01/03/2026"),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('extract("refs 12, 345", "[0-9]+")', ["12", "345"]),
        ('string join(["a", null, "b"], ", ")', "a, b"),
        ('string join(["a", "b"], ", ", "[", "]")', "[a, b]"),
        ('trim("  a ")', "a"),
        ('is blank(" ")', True),
        ("string(1.50)", "1.5"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ('number("1 000,5", " ", ",")', 1000.5),
        ('number("abc")', None),
        ('string length("😀")', 1),
    ],
)
def test_texts(text, expected):
    assert from_feel(compile(text).evaluate()) == expected


@pytest.mark.parametrize("pattern", ["(a\\\\1)", "(?=a)", "[", "a{99999}", "((a{100}){100}){100}"])
def test_a_refused_pattern_is_null_and_says_so(pattern):
    outcome = compile(f'matches("a", "{pattern}")').explain()
    assert outcome.value is None
    assert outcome.warnings[0].startswith("matches() : ")


def test_a_hostile_pattern_does_not_hang():
    assert compile('matches(t, "(a+)+$")').evaluate({"t": "a" * 5_000 + "!"}) is False
