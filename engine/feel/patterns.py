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
        translated = _Translation(expression, "x" in flags).text()
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

    def __init__(self, expression: str, extended: bool) -> None:
        self.expression, self.extended, self.at = expression, extended, 0

    def text(self) -> str:
        if "(?" in self.expression and re.search(r"\(\?(?!:)", self.expression):
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
        return "" if self.extended and character.isspace() else character

    def _take(self) -> str:
        if self.at >= len(self.expression):
            raise ValueError("expression régulière incomplète")
        self.at += 1
        return self.expression[self.at - 1]

    def _escape(self, classes: dict[str, str]) -> str:
        character = self._take()
        if character in "pP":
            return "\\" + character + self._category()
        if character in classes:
            return classes[character]
        if character.isalnum() and character not in "nrt":
            raise ValueError(f"« \\{character} » refusé")
        return "\\" + character

    def _category(self) -> str:
        found = re.compile(r"\{([A-Za-z]{1,30})\}").match(self.expression, self.at)
        if not found:
            raise ValueError("catégorie Unicode refusée")
        self.at = found.end()
        return found[0]

    def _class(self) -> str:
        inner = "^" if self.expression[self.at : self.at + 1] == "^" else ""
        self.at += len(inner)
        while (character := self._take()) != "]":
            if character == "\\":
                inner += self._escape(INSIDE)
            elif character == "[":
                raise ValueError("soustraction de classes refusée")
            elif not (self.extended and character.isspace()):
                inner += character
        return f"[{inner}]"
