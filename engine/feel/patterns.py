"""Regular expressions as FEEL writes them (XPath's), run by RE2 in linear time, whatever the pattern."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

import re2

LONGEST = 1_000
FLAGS = frozenset("smix")
OUTSIDE = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"[\p{L}\p{M}\p{N}\p{S}]", "W": r"[\p{P}\p{Z}\p{C}]"}
OUTSIDE |= {"s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "i": r"[\p{L}_:]", "I": r"[^\p{L}_:]"}
OUTSIDE |= {"c": r"[-.\p{L}\p{Nd}_:]", "C": r"[^-.\p{L}\p{Nd}_:]"}
INSIDE = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"\p{L}\p{M}\p{N}\p{S}", "W": r"\p{P}\p{Z}\p{C}"}
INSIDE |= {"s": r" \t\n\r", "i": r"\p{L}_:", "c": r"\-.\p{L}\p{Nd}_:"}
CATEGORY = re.compile(r"\{([A-Za-z0-9-]{1,30})\}", re.ASCII)
BLOCKS = {"IsBasicLatin": r"\x00-\x7f", "IsLatin-1Supplement": r"\x{80}-\x{ff}"}
SIMPLE_CLASS = re.compile(r"(?:[^\\\[\]^-](?:-[^\\\[\]^-])?)+")
RANGE = re.compile(r"([^-])(?!-)|([^-])-([^-])", re.DOTALL)
MOST = 4_000
GROUP = re.compile(r"\$(\d+)|\\([\\$])")


class Match(Protocol):
    def group(self, index: int) -> str | None: ...
    def start(self) -> int: ...
    def end(self) -> int: ...


class Pattern(Protocol):
    groups: int

    def search(self, text: str) -> Match | None: ...
    def finditer(self, text: str) -> Iterator[Match]: ...


@lru_cache(maxsize=1_000)
def pattern(expression: str, flags: str) -> Pattern:
    """Raises ValueError for what XPath does not know and for what cannot be run in linear time (back-references)."""
    if len(expression) > LONGEST or set(flags) - FLAGS:
        raise ValueError("expression régulière trop longue, ou option inconnue")
    inline = "".join(sorted(set(flags) - {"x"}))
    try:
        translated = _Translation(expression, flags).text()
        compiled: Pattern = re2.compile(f"(?{inline})" * bool(inline) + translated, _options())
    except re2.error as error:
        raise ValueError("expression régulière refusée") from error
    return compiled


def _options() -> object:
    options = re2.Options()
    options.log_errors = False
    return options


def replacement(template: str, groups: int) -> Callable[[Match], str]:
    """What a match is replaced by: `$1`… are its groups; raises ValueError for a template that XPath refuses."""
    if re.search(r"(?<!\\)(?:\\\\)*(\$(?!\d)|\\(?![\\$]))", template):
        raise ValueError("texte de remplacement refusé")

    def group(found: re.Match[str], match: Match) -> str:
        if found[2]:
            return found[2]
        digits = found[1]
        while len(digits) > 1 and int(digits) > groups:
            digits = digits[:-1]
        rest = found[1][len(digits) :]
        return ((match.group(int(digits)) or "") if int(digits) <= groups else "") + rest

    return lambda match: GROUP.sub(lambda found: group(found, match), template)


class _Translation:
    """XPath's notation written again in RE2's."""

    def __init__(self, expression: str, flags: str) -> None:
        self.expression, self.at = without_blanks(expression) if "x" in flags else expression, 0
        self.point = "." if "s" in flags else r"[^\n\r]"

    def text(self) -> str:
        if re.search(r"\(\?(?!:)", self.expression):
            raise ValueError("groupe « (? » refusé")
        out = []
        while self.at < len(self.expression):
            out.append(self._next())
        return "".join(out)

    def _next(self) -> str:
        character = self._take()
        if character == "\\":
            return self._escape(OUTSIDE)
        if character == "[":
            return self._class()
        return self.point if character == "." else character

    def _take(self) -> str:
        if self.at >= len(self.expression):
            raise ValueError("expression régulière incomplète")
        self.at += 1
        return self.expression[self.at - 1]

    def _escape(self, classes: dict[str, str]) -> str:
        character = self._take()
        if character in "pP":
            return self._category(character)
        if character in classes:
            return classes[character]
        if character.isalnum() and character not in "nrt":
            raise ValueError(f"« \\{character} » refusé")
        return "\\" + character

    def _category(self, kind: str) -> str:
        found = CATEGORY.match(self.expression, self.at)
        if not found:
            raise ValueError("catégorie Unicode refusée")
        self.at = found.end()
        block = BLOCKS.get(found[1])
        if block is None:
            return "\\" + kind + found[0]
        return f"[{'^' if kind == 'P' else ''}{block}]"

    def _class(self) -> str:
        """A class `[…]`, its opening bracket read; `[A-Z-[OI]]` is the first less the second."""
        start, inner = self.at, "^" if self.expression[self.at : self.at + 1] == "^" else ""
        self.at += len(inner)
        while (character := self._take()) != "]":
            if character == "[":
                return self._difference(self.expression[start : self.at - 2])
            inner += self._escape(INSIDE) if character == "\\" else character
        return f"[{inner}]"

    def _difference(self, kept: str) -> str:
        end = self.expression.find("]]", self.at)
        if end < 0 or self.expression[self.at - 2] != "-":
            raise ValueError("classe de caractères refusée")
        taken, self.at = self.expression[self.at : end], end + 2
        left = sorted(code_points(kept) - code_points(taken))
        if not left:
            raise ValueError("classe de caractères vide")
        return "[" + "".join(f"\\x{{{point:X}}}" for point in left) + "]"


def code_points(simple: str) -> set[int]:
    """The characters of a class made of single ones and of ranges; raises ValueError for any other."""
    if not SIMPLE_CLASS.fullmatch(simple):
        raise ValueError("soustraction de classes refusée")
    found: set[int] = set()
    for single, low, high in RANGE.findall(simple):
        found |= {ord(single)} if single else set(range(ord(low), min(ord(high), ord(low) + MOST) + 1))
    return found


def without_blanks(expression: str) -> str:
    """The `x` flag: blanks outside classes do not count, not even after a backslash."""
    out, in_class, escaped = "", False, False
    for character in expression:
        if character.isspace() and not in_class:
            continue
        out += character
        if not escaped and character in "[]":
            in_class = character == "["
        escaped = character == "\\" and not escaped
    return out
