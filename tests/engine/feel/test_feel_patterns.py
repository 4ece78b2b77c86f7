"""Regular expressions are XPath's: every notation, flag and error of it (XQuery and XPath Functions, clause 5.6)."""

import time
import unicodedata
from contextlib import suppress
from itertools import pairwise

import pytest

from engine.feel import FeelBudgetError, compile
from engine.feel.errors import Impossible
from engine.feel.patterns import pattern
from engine.feel.patterns.blocks import BLOCKS
from engine.feel.patterns.charsets import CATEGORIES, LAST, category, holds


class Free:
    """A meter that costs nothing."""

    def spend(self, steps: int = 1) -> None: ...

    def look(self) -> None: ...


def found(expression: str, text: str, flags: str = "") -> list[str | None]:
    return [match.group(0) for match in pattern(expression, flags).find(text, Free())]


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("", "a", ["", ""]),
        ("a|bc|", "xbc", ["", "bc", ""]),
        ("[a-c]+", "abcd", ["abc"]),
        ("[^a-c]+", "abcd", ["d"]),
        ("[a-z-[aeiou]]+", "bonjour", ["b", "nj", "r"]),
        ("[a-z-[b-y-[m-n]]]+", "amnzb", ["amnz"]),
        ("[\\p{L}-[\\p{Lu}]]+", "Été", ["té"]),
        ("[\\d-[5]]+", "4567", ["4", "67"]),
        ("[-a]+", "a-b", ["a-"]),
        ("[a-]+", "a-b", ["a-"]),
        ("[\\]\\[\\-\\^\\\\]+", "a]-[^\\", ["]-[^\\"]),
        ("\\i\\c*", "été-1 2x", ["été-1", "x"]),
        ("\\I+", "a-1b", ["-1"]),
        ("\\C+", "a b!", [" ", "!"]),
        ("\\d+", "a١٢b3", ["١٢", "3"]),
        ("\\w+", "une idée, n°1 €", ["une", "idée", "n°1", "€"]),
        ("\\W+", "a, b", [", "]),
        ("\\s+", "a \t\u00a0b", [" \t"]),
        ("\\S+", "a b", ["a", "b"]),
        ("\\p{IsGreek}+", "aαβb", ["αβ"]),
        ("\\P{IsBasicLatin}+", "aéb", ["é"]),
        ("\\p{IsLatin-1Supplement}", "é", ["é"]),
        ("\\p{Lu}\\p{Ll}+", "Avc avc", ["Avc"]),
        ("\\p{Cn}", "\u0378", ["\u0378"]),
        ("\\n\\r\\t\\.\\$", "\n\r\t.$", ["\n\r\t.$"]),
        ("a{2}", "aaaaa", ["aa", "aa"]),
        ("a{2,}", "aaaaa", ["aaaaa"]),
        ("a{1,2}?", "aaa", ["a", "a", "a"]),
        ("a??b", "ab", ["ab"]),
        ("(?:ab)+", "ababa", ["abab"]),
        ("^a", "aa", ["a"]),
        ("a$", "aa", ["a"]),
        (".", "a\n\rb", ["a", "b"]),
        ("(a)\\1", "aab", ["aa"]),
        ("(.)(.)\\2\\1", "abba", ["abba"]),
        ("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10", "abcdefghijj", ["abcdefghijj"]),
        ("(a)\\10", "aa0", ["aa0"]),
        ("(a|ab)(c|bcd)\\1?", "abcd", ["abcd"]),
        ("(x)?(a)\\1b", "ab", ["ab"]),
        ("('|\").*?\\1", '\'a"b\' "c"', ["'a\"b'", '"c"']),
        ("(a*?)b\\1", "aabaa", ["aabaa"]),
        ("(?:(a)|b)*\\1", "abaa", ["abaa", ""]),
        ("^(a)\\1$", "aa", ["aa"]),
    ],
)
def test_a_notation_finds_what_xpath_finds(expression, text, expected):
    assert found(expression, text) == expected


@pytest.mark.parametrize(
    ("expression", "flags", "text", "expected"),
    [
        ("É", "i", "éÉ", ["é", "É"]),
        ("[a-z-[o]]+", "i", "FooBar", ["F", "Bar"]),
        ("[^a]+", "i", "bAc", ["b", "c"]),
        ("\\p{Lu}+", "i", "aBc", ["B"]),
        ("[\\p{Lu}c]+", "i", "aBcC", ["BcC"]),
        ("(a)\\1", "i", "aA", ["aA"]),
        (".+", "s", "a\nb", ["a\nb"]),
        ("^.", "m", "a\nb", ["a", "b"]),
        (".$", "m", "a\nb", ["a", "b"]),
        ("(.)\\1$", "m", "aa\nbb", ["aa", "bb"]),
        ("a b [ ]", "x", "ab ", ["ab "]),
        ("a.b", "q", "a.b axb", ["a.b"]),
        ("A.B", "qi", "a.b", ["a.b"]),
        ("a b", "qx", "a b", ["a b"]),
    ],
)
def test_a_flag_means_what_xpath_says(expression, flags, text, expected):
    assert found(expression, text, flags) == expected


@pytest.mark.parametrize(
    "expression",
    [
        *("[", "]", "[]", "a{", "}", "a{,3}", "a{2,1}", "*", "a**", "(", ")", "(?=a)", "(?i)a", "\\", "\\y", "\\_"),
        *("[z-a]", "[a-\\d]", "[[a]]", "[a-[b]c]", "\\p{}", "\\p{Xx}", "\\p{IsNowhere}", "\\pL", "\\1", "(a\\1)"),
        *("\\0", "(a)\\2", "a{99999}", "(" * 60 + ")" * 60, "a" * 1_001, "\\w{1000}", "((a{100}){100}){100}"),
    ],
)
def test_what_xpath_refuses_is_refused(expression):
    with pytest.raises(Impossible):
        pattern(expression)


def test_every_character_has_one_category():
    minors = [name for name in CATEGORIES if len(name) == 2]
    for point in (*range(0, 0x32400, 7), *range(0x32400, LAST, 997), 0xD800, 0xF0000, 0xFFFFE, 0x10FFFD, LAST):
        told = [name for name in minors if holds(category(name), point)]
        assert told == [name for name in minors if name == unicodedata.category(chr(point))]  # XPath has no Cs
        assert len(told) == 1 or unicodedata.category(chr(point)) == "Cs"


def test_blocks_do_not_overlap():
    spans = sorted({span for name, span in BLOCKS.items() if name not in ("Greek", "PrivateUse")})
    assert len(spans) >= 320 - 1
    assert all(low[1] < high[0] for low, high in pairwise(spans))


@pytest.mark.parametrize(
    "expression",
    [
        'matches(t, "(x+x+)+y")',
        'matches(t, "^(a|x)*\\\\1y$")',
        'replace(t, "x.*y|x", "z")',
        'matches(t, "[a-x][^u-w]{40}z")',
        'for i in 1..90000 return matches("a", string join(["((a|b){1,40}){1,20}", string(i)]))',
    ],
)
def test_a_hostile_pattern_costs_its_budget_at_most(expression):
    started = time.thread_time()
    with suppress(FeelBudgetError):
        assert compile(expression).evaluate({"t": "x" * 200_000}) is not None
    assert time.thread_time() - started < 3
