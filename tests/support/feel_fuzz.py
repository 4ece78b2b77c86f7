"""Random FEEL: texts made from a grammar, and texts spoilt character by character or word by word."""

import re
from random import Random

from engine.feel import to_feel
from engine.feel.builtins import BUILTINS
from engine.feel.parser import COMPARISONS

SEEDS = (
    'if score >= 5 and not(refus) then "haut" else "bas"',
    "for lit in lits, i in 1..3 return {lit: lit, rang: i, partiel: count(partial)}",
    "some x in [1, 2, 3] satisfies x > n and x != null",
    'date and time("2026-03-29T01:59:59@Europe/Paris") + duration("PT1H") > @"2026-03-29"',
    "{f: function(n: number) if n <= 1 then 1 else n * f(n - 1), r: f(10)}.r",
    'patient.adresse.ville in ("Lyon", "Paris") or count(lits[item.libre = true]) between 1 and 3',
    'string join(for m in mots return upper case(substring(m, 1, 1)) + substring(m, 2), ", ")',
    "x instance of context<a: list<number>, b: function<string> -> date>",
    "sort(list: lits, precedes: function(a, b) a.rang < b.rang)[1].nom",
    'replace(texte, "(\\\\w+) (\\\\w+)", "$2 $1", "i") // fin\n /* et encore */ + "\\u00e9\\n"',
    "overlaps([1..5], (3..8)) and ([1..3) = ]0..3[) and (> 5)(n)",
    'context put(patient, ["adresse", "ville"], "Nice").adresse',
    "decimal(1/3, 2) + modulo(-12, 5) - sqrt(16) ** -2 * 1.5e3",
    "years and months duration(debut, fin).months + week of year(debut)",
    "get or else(patient.absent, [1, [2, [3]]]) = flatten([[1], [[2], 3]])",
)
PRODUCTIONS = (
    *("$e", "($e)", "-$e", "$e $o $e", "$e $o $e", "$e and $e", "$e or $e", "[$e, $e]", "[$e]", "[]", "{}"),
    *("{$w: $e, $w: $e}", '{"$w $w": $e}.$w', "$e.$w", "$e.$w.$w", "$e[$e]", "$e[item $o $e]", "$e[$k]", "$e($e)"),
    *("if $e then $e else $e", "for $w in $e return $e", "for $w in $k..$k return $e", "for $w in $e return partial"),
    *("for i in $e, $w in $e return [i, $w]", "some $w in $e satisfies $e", "every $w in $e satisfies $w $o $e"),
    *("$e between $e and $e", "$e in ($t, $t)", "$e in $e", "$e in [$e..$e)", "$e instance of $y"),
    *("[$e..$e]", "($e..$e)", "]$e..$e[", "($c $e)", "$b($e)", "$b($e, $e)", "$b($e, $e, $e)", "$b()", "$b($a: $e)"),
    *("function($w) $e", "function($w: $y, b) $e", "(function($w) $e)($e)", "{f: function($w) $e, r: f($e)}.r"),
    *("{f: function($w) f($w $o $e), r: f($e)}", "$b($a: $e, $a: $e)", "$b($e, function($w) $e)", "@$s", "$b($s, $s)"),
)
TESTS = ("$e", "$c $e", "[$k..$k]", "not($e)", "? $o $e", "-")
TYPES = (
    "number",
    "string",
    "list<$y>",
    "context<a: $y>",
    "range<$y>",
    "function<$y> -> $y",
    "date and time",
    "Any",
    "x",
)
OPERATORS = ("+", "-", "*", "/", "**", *COMPARISONS)
NUMBERS = ("0", "1", "2", "-1", "0.1", "1e34", "9" * 34, "1e6144", "1e-6143", "1e6145", "3.14159", "1e17", "1e18", "-0")
WORDS = (
    "a",
    "b",
    "n",
    "x",
    "i",
    "item",
    "partial",
    "patient",
    "lits",
    "score élevé",
    "?",
    "date",
    "debut",
    "mots",
    "f",
)
TEXTS = (
    *(
        "",
        "a",
        "é😀",
        "2026-02-29",
        "2026-03-29T02:30:00@Europe/Paris",
        "-999999999-12-31",
        "24:00:00",
        "P1Y2M",
        "PT36H",
    ),
    *(
        "-P999999999999Y",
        "P20000000000000D",
        "12:00:00+18:00",
        "(a+)+$",
        "[^a-z&&[b]]",
        "\\\\p{L}",
        "$1",
        "[1..5)",
        "1,5",
    ),
    *(
        "yyyy",
        "\\\\",
        "\\n",
        "\\uD83D",
        "\\uD83D\\uDE00",
        "Europe/Paris",
        "../../etc/passwd",
        "2026-06-01T12:00:00Z",
        "x" * 99,
    ),
)
NASTY = [
    *"()[]{}<>=!+-*/.,:;\"'?@#&|~^%$§°\\\n\t ",
    "\x00",
    "\u200b",
    "\u0301",
    "\ud800",
    "😀",
    "\u202e",
    "İ",
    "ſ",
    "٣",
    "é",
]
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|\*\*|\.\.|[<>!]=|\S')
PARTS = re.compile(r"\$(\w)")
CONTEXT = {
    "a": to_feel(1),
    "b": [to_feel(n) for n in (3, 1, 2)],
    "n": to_feel(7),
    "x": "texte",
    "score élevé": True,
    "texte": "un deux trois",
    "mots": ["un", "deux", None],
    "lits": [{"rang": to_feel(n), "nom": f"lit {n}", "libre": n % 2 == 0} for n in range(4)],
    "patient": {"adresse": {"ville": "Lyon"}, "age": to_feel(80), "a": None},
}


class Fuzz:
    """An endless source of texts; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def expression(self, depth: int = 4) -> str:
        """A text that follows the grammar."""
        if depth <= 0 or self.random.random() < 0.12:
            return self._atom()
        return self._filled(self._one(PRODUCTIONS), depth)

    def cell(self) -> str:
        return ", ".join(self._filled(self._one(TESTS), 2) for _ in range(self.random.choice((1, 1, 1, 2, 3))))

    def spoilt(self, text: str) -> str:
        """The text with a few characters or words moved, doubled, dropped or replaced."""
        spoil = self._spoilt_characters if self.random.random() < 0.5 else self._spoilt_words
        for _ in range(self.random.randint(1, 4)):
            text = spoil(text)
        return text

    def seed_text(self) -> str:
        return self._one(SEEDS)

    def _one(self, choices):
        return self.random.choice(choices)

    def _atom(self) -> str:
        return self._one(
            (self._one(NUMBERS), self._one(WORDS), self._one(WORDS), self._text(), "true", "false", "null")
        )

    def _text(self) -> str:
        return f'"{self._one(TEXTS)}"'

    def _filled(self, production: str, depth: int) -> str:
        return PARTS.sub(lambda part: self._part(part[1], depth - 1), production)

    def _part(self, kind: str, depth: int) -> str:
        if kind == "e":
            return self.expression(depth)
        if kind == "t":
            return self._filled(self._one(TESTS), depth)
        if kind == "y":
            return self._filled(self._one(TYPES if depth > 0 else TYPES[:2]), depth)
        if kind == "a":
            return self._one(self._one(list(BUILTINS.values())).parameters or ("list",))
        choices = {"o": OPERATORS, "c": COMPARISONS, "w": WORDS, "k": NUMBERS}
        return self._text() if kind == "s" else self._one(list(BUILTINS) if kind == "b" else choices[kind])

    def _spoilt_characters(self, text: str) -> str:
        start = self.random.randint(0, len(text))
        end = min(len(text), start + self._one((0, 1, 1, 2, 9)))
        piece = self._one(("", self._one(NASTY), self._one(NASTY) * 3, text[start:end] * 2, text[end:start:-1]))
        return text[:start] + piece + text[end:]

    def _spoilt_words(self, text: str) -> str:
        words = TOKEN.findall(text) or [""]
        at, other = self.random.randrange(len(words)), self.random.randrange(len(words))
        change = self.random.randrange(5)
        if change == 0:
            words[at], words[other] = words[other], words[at]
        elif change == 1:
            del words[at]
        else:
            new = (self._atom(), words[other], self._one(TOKEN.findall(self.seed_text())))[change - 2]
            words.insert(at, new)
        return " ".join(words)
