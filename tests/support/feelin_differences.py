"""Where feelin 8.2 answers otherwise than Jalon: each cause with its reason and the paragraph of DMN 1.5."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel.numbers import number_text
from tests.support.feelin import ERROR, Difference


@dataclass(frozen=True, slots=True)
class Cause:
    """`claims` says whether a difference has this cause; `example` is the one that docs/feel.md shows."""

    reason: str
    paragraph: str
    example: str
    claims: Callable[[Difference], bool]

    def row(self, found: Difference) -> str:
        """The line of docs/feel.md."""
        cells = (f"`{self.example}`", said(found.ours), said(found.theirs), f"{self.reason} (§ {self.paragraph})")
        return f"| {' | '.join(cells)} |"


def written(pattern: str) -> Callable[[Difference], bool]:
    """A difference whose text matches, wherever it comes from."""
    compiled = re.compile(pattern)
    return lambda found: compiled.search(found.question.text) is not None


def lacked(*names: str) -> Callable[[Difference], bool]:
    """feelin has no such function: it answers null, or fails, and Jalon answers."""
    called = written(rf"\b({'|'.join(names)})\s*\(")
    return lambda found: called(found) and found.theirs in (None, ERROR)


def nearly_equal(found: Difference) -> bool:
    """The same value but for what a binary number of 64 bits cannot hold."""
    return close(found.ours, found.theirs)


def close(ours: Any, theirs: Any) -> bool:
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, tuple) and isinstance(ours[1], Decimal):
        return theirs[1].is_finite() and abs(ours[1] - theirs[1]) <= abs(ours[1]) * Decimal("1e-12")
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(close, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(close(ours[key], theirs[key]) for key in ours)
    return bool(ours == theirs)


CAUSES = (
    Cause("34 chiffres décimaux exacts ; feelin compte en binaire", "10.3.2.3.1", "0.1 + 0.2", nearly_equal),
    Cause(
        "`decimal` et les arrondis partent du nombre décimal exact, avec un nombre entier de décimales",
        "10.3.4.5",
        "decimal(2.345, 2)",
        written(r"\b(decimal|round (up|down|half up|half down))\s*\("),
    ),
    Cause(
        "une durée se change de signe, se multiplie et se divise",
        "10.3.2.15",
        'duration("P10D") / 2',
        written(r'(^|[(,]\s*)-\s*(@"-?P|duration\()|(duration\([^)]*\)|@"P\w+")\s*[*/]|[*/]\s*(duration\(|@"P)'),
    ),
    Cause(
        "`years and months duration` compte des mois entiers, sans jours restants",
        "10.3.4.1",
        'years and months duration(date("2026-01-15"), date("2027-03-20"))',
        written(r"\byears and months duration\s*\("),
    ),
    Cause(
        "deux moments de fuseaux différents se soustraient comme des instants",
        "10.3.2.15",
        'date and time("2026-03-01T10:30:00+01:00") - date and time("2026-03-01T09:00:00Z")',
        written(r'date and time\("[^"]*"\)\s*-\s*date and time\("[^"]*"\)'),
    ),
    Cause(
        "les années vont de −999 999 999 à 999 999 999",
        "10.3.2.3.5",
        'string(date and time("99999-12-31T11:22:33"))',
        written(r'\bdate( and time)?\("(-\d{4,9}|\d{5,9})-'),
    ),
    Cause(
        "un décalage de plus de 18 heures, ou avec un nom de fuseau, n’est pas une heure",
        "10.3.4.1",
        'date and time("2026-03-01T10:30:00+19:00")',
        written(r'[+-]19:00"|[+-]\d\d:\d\d@'),
    ),
    Cause(
        "une durée en mois et une durée en jours ne se comparent pas",
        "10.3.2.15",
        'duration("P1Y") = duration("P365D")',
        lambda found: (
            found.ours in (None, False) and {"P\\d+[YM]", "P\\d+D"} == kinds_of_durations(found.question.text)
        ),
    ),
    Cause(
        "un intervalle d’un seul côté n’égale pas celui dont une borne est `null`",
        "10.3.2.15",
        "(< 10) = (null..10)",
        written(r"^\([<>]=? ?\d+\) = [\[(](null|\d+)\.\.(null|\d+)[\])]$"),
    ),
    Cause(
        "une borne `null` laisse la question sans réponse",
        "10.3.2.7",
        "5 in [1..null]",
        written(r"\bin [\[(](null\.\.|\d+\.\.null)"),
    ),
    Cause("`(=10)` et `(!=10)` sont des intervalles", "10.3.2.7", "(=10).start", written(r"^\(!?=\s*\d+\)")),
    Cause("l’exposant d’un nombre compte", "10.3.1.2", "1e3", written(r"\d[eE]\d")),
    Cause(
        "`number` refuse un texte vide ou entouré de blancs", "10.3.4.1", 'number("")', written(r'number\("\s*\d*"\)')
    ),
    Cause(
        "une position hors du texte, ou une longueur nulle, donne `null`",
        "10.3.4.3",
        'substring("abc", 0)',
        written(r"\bsubstring\("),
    ),
    Cause(
        "une date, une heure ou une durée s’écrit en entier, et rien de plus ; 24 heures est le lendemain",
        "10.3.4.1",
        'time("10:30")',
        written(r'^(date|time|date and time|duration)\("[^"]*"\)$'),
    ),
    Cause(
        "une date et une durée en heures donnent une date",
        "10.3.2.15",
        'date("2026-03-01") + duration("PT36H")',
        written(r'^date\("[^"]*"\) [+-] duration\("PT'),
    ),
    Cause(
        "des valeurs de types différents n’ont pas d’ordre",
        "10.3.2.15",
        'date("2026-03-01") < "2026-03-02"',
        written(r'^date\("[^"]*"\) < "'),
    ),
    Cause("`in` compare comme `=`", "10.3.2.15", "null in null", written(r"^null in null$")),
    Cause("`string` écrit aussi un intervalle", "10.3.4.1", "string([1..5])", written(r"^string\(\[\d\.\.\d\]\)$")),
    Cause(
        "un intervalle a un type",
        "10.3.2.9.2",
        "[1..3] instance of range<number>",
        written(r"instance of range<"),
    ),
    Cause("`for` descend jusqu’à zéro", "10.3.2.14", "for n in 1..0 return n", written(r"^for \w+ in \d+\.\.0\b")),
    Cause(
        "une valeur seule vaut la liste d’un élément",
        "10.3.2.9.4",
        "for n in 1 return n",
        written(r"^(union\(|for \w+ in \d+ return)"),
    ),
    Cause(
        "`every` et `some` suivent la logique à trois valeurs",
        "10.3.2.15",
        "every n in [true, null] satisfies n",
        written(r"^(every|some) .*\bnull\b"),
    ),
    Cause(
        "un filtre garde aussi `null` quand son test est vrai",
        "10.3.2.5",
        "[1, null, 3][item = null]",
        written(r"\[item = null\]$"),
    ),
    Cause(
        "un filtre qui n’est ni vrai ni faux ne répond pas",
        "10.3.2.5",
        '[{ a: "x" }][a]',
        written(r"[\]s]\[(a|minutes)\]$"),
    ),
    Cause(
        "un nom derrière une liste de listes se cherche dans chacune",
        "10.3.2.5",
        "[[{ a: 1 }], [{ a: 2 }]].a",
        written(r"^\[\[.*\]\]\.\w+$"),
    ),
    Cause("`if` ne suit `then` que pour `true`", "10.3.2.15", 'if "x" then 1 else 2', written(r"^if \"")),
    Cause(
        "`for` parcourt aussi des dates, jour après jour",
        "10.3.2.14",
        'for jour in @"2026-03-02"..@"2026-03-03" return jour.day',
        written(r'^for \w+ in (@"|date\()'),
    ),
    Cause(
        "ce qui n’est pas une liste se filtre comme une liste d’un élément",
        "10.3.2.5",
        "100[true]",
        written(r'^(true|\d+|"\w+")\[true\]$'),
    ),
    Cause("un contexte n’a pas deux fois le même nom", "10.3.2.6", "{ a: 1, a: 2 }", written(r"^\{.*\}$")),
    Cause(
        "`null` convient à chaque entrée d’un type de contexte",
        "10.3.2.9.2",
        "{ a: null } instance of context<a: string>",
        written(r"instance of context<"),
    ),
    Cause(
        "`min` et `max` acceptent tout ce qui a un ordre",
        "10.3.4.4",
        'max("a", "b")',
        lacked("min", "max"),
    ),
    Cause(
        "une position négative compte depuis la fin ; hors de la liste, ou pour ce qui ne convient pas : `null`",
        "10.3.4.4",
        "remove([1, 2, 3], -1)",
        written(r"\b(remove|list replace|sublist|insert before|concatenate)\s*\("),
    ),
    Cause(
        "relations entre intervalles que feelin n’a pas",
        "10.3.4.7",
        "during(5, [1..10])",
        lacked(
            *("overlaps before", "overlaps after", "finishes", "finished by"),
            *("during", "starts", "started by", "coincides"),
        ),
    ),
    Cause("`range` lit un intervalle", "10.3.4.1", 'range("[1..10]")', lacked("range")),
    Cause(
        "expressions rationnelles de XML Schema et XPath, avec leurs classes et l’option `x`",
        "10.3.4.3",
        'matches("12 34", "\\d{2} \\d{2}", "x")',
        written(r"\b(matches|replace)\("),
    ),
    Cause(
        "fonctions que Camunda 8 ajoute à la norme",
        "10.3.4",
        'is blank("  ")',
        lacked(
            *("is defined", "get or else", "assert", "trim", "is blank", "is empty", "extract", "partition"),
            *("duplicate values", "last day of month", "from json", "to json", "to base64"),
            *("random number", "uuid", "fromAi"),
        ),
    ),
)


def said(answer: Any) -> str:
    """An answer as the page shows it."""
    return "erreur" if answer == ERROR else f"`{shown(answer)}`"


def shown(answer: Any) -> str:
    if isinstance(answer, tuple):
        return number_text(answer[1])
    if isinstance(answer, list):
        return "[" + ", ".join(map(shown, answer)) + "]"
    if not isinstance(answer, dict):
        return json.dumps(answer, ensure_ascii=False)
    (mark, inside), *others = answer.items()
    if mark == "..":
        low, high, low_included, high_included, *_ = inside
        return f"{'[' if low_included else '('}{shown(low)}..{shown(high)}{']' if high_included else ')'}"
    entries = inside if mark == "\\" else dict([(mark, inside), *others])
    return str(inside) if mark == "@" else "{ " + ", ".join(f"{key}: {shown(entries[key])}" for key in entries) + " }"


def kinds_of_durations(text: str) -> set[str]:
    return {pattern for pattern in ("P\\d+[YM]", "P\\d+D") if re.search(pattern, text)}


def cause_of(found: Difference) -> Cause | None:
    return next((cause for cause in CAUSES if cause.claims(found)), None)
