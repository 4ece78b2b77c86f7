"""XPath's regular expressions read into a tree; raises Impossible for what XPath refuses."""

import re
from dataclasses import dataclass

from engine.feel.errors import Impossible
from engine.feel.patterns.charsets import LAST, Ranges, category, complement, difference, escape, folded, union

LONGEST, DEEPEST = 1_000, 40
MOST_REPEATS = 1_000
CLASS_ESCAPES, CHARACTERS = "sSiIcCdDwW", {"n": "\n", "r": "\r", "t": "\t"}
QUOTABLE = frozenset("\\|.?*+(){}[]-^$")
QUANTITY = re.compile(r"\{(\d{1,6})(,(\d{1,6})?)?\}", re.ASCII)
NAMED = re.compile(r"\{([A-Za-z0-9-]{1,60})\}", re.ASCII)
ENDS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
LINE_ENDS: Ranges = ((10, 10), (13, 13))


class Piece:
    """A part of a pattern."""


@dataclass(frozen=True, slots=True)
class Characters(Piece):
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Anchor(Piece):
    """`^` or `$`"""

    start: bool
    lines: bool


@dataclass(frozen=True, slots=True)
class Sequence(Piece):
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Choice(Piece):
    branches: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Group(Piece):
    number: int
    inner: Piece


@dataclass(frozen=True, slots=True)
class Repeat(Piece):
    inner: Piece
    low: int
    high: int | None
    lazy: bool


@dataclass(frozen=True, slots=True)
class Back(Piece):
    """`\\1`: what that group matched"""

    number: int
    any_case: bool


class Notation:
    """A position in a regular expression."""

    def __init__(self, expression: str, flags: str) -> None:
        if len(expression) > LONGEST:
            raise Impossible("pattern-long")
        self.expression = without_blanks(expression) if "x" in flags and "q" not in flags else expression
        self.at = self.depth = 0
        self.any_case, self.lines, self.dot_all = "i" in flags, "m" in flags, "s" in flags
        self.literal = "q" in flags
        self.groups, self.refers = 0, False
        self._closed: set[int] = set()

    def tree(self) -> Piece:
        if self.literal:
            return Sequence(tuple(self._one(character) for character in self.expression))
        piece = self._choice()
        if self.at < len(self.expression):
            raise self._unexpected()
        return piece

    def _choice(self) -> Piece:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Impossible("pattern-long")
        branches = [self._branch()]
        while self._accept("|"):
            branches.append(self._branch())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _branch(self) -> Piece:
        pieces = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._quantified(self._atom()))
        return Sequence(tuple(pieces))

    def _quantified(self, atom: Piece) -> Piece:
        sign = self._peek()
        if sign in ENDS and sign:
            self.at += 1
            low, high = ENDS[sign]
        elif sign == "{":
            low, high = self._quantity()
        else:
            return atom
        return Repeat(atom, low, high, self._accept("?"))

    def _quantity(self) -> tuple[int, int | None]:
        found = QUANTITY.match(self.expression, self.at)
        if found is None:
            raise self._unexpected()
        low = int(found[1])
        high = low if not found[2] else int(found[3]) if found[3] else None
        if high is not None and high < low:
            raise self._unexpected()
        if max(low, high or 0) > MOST_REPEATS:
            raise Impossible("pattern-long")
        self.at = found.end()
        return low, high

    def _atom(self) -> Piece:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return Characters(self._class())
        if character == "\\":
            return self._escaped()
        if character == ".":
            return Characters(((0, LAST),) if self.dot_all else complement(LINE_ENDS))
        if character in "^$":
            return Anchor(character == "^", self.lines)
        if character in "?*+{}]":
            raise self._unexpected(self.at - 1)
        return self._one(character)

    def _one(self, character: str) -> Characters:
        ranges = ((ord(character), ord(character)),)
        return Characters(folded(ranges) if self.any_case else ranges)

    def _group(self) -> Piece:
        number = 0
        if self._accept("?"):
            if not self._accept(":"):
                raise self._unexpected()
        else:
            self.groups += 1
            number = self.groups
        inner = self._choice()
        if not self._accept(")"):
            raise Impossible("pattern-end")
        self._closed.add(number)
        return Group(number, inner)

    def _escaped(self) -> Piece:
        if self._peek().isdigit() and self._peek().isascii():
            return self._back()
        single, ranges = self._escape()
        return self._one(single) if single else Characters(ranges)

    def _back(self) -> Piece:
        """As many digits as name a group that is open or closed so far."""
        number, digits = int(self._take()), 1
        while self._peek().isdigit() and number * 10 + int(self._peek()) <= self.groups and digits < 3:
            number, digits = number * 10 + int(self._take()), digits + 1
        if number not in self._closed or number == 0:
            raise Impossible("pattern-reference", number=number)
        self.refers = True
        return Back(number, self.any_case)

    def _escape(self) -> tuple[str, Ranges]:
        """Behind a backslash: a single character, or a set."""
        letter = self._take()
        if letter in CLASS_ESCAPES:
            return "", escape(letter)
        if letter in "pP":
            found = NAMED.match(self.expression, self.at)
            if found is None:
                raise self._unexpected()
            self.at = found.end()
            return "", category(found[1]) if letter == "p" else complement(category(found[1]))
        if letter not in CHARACTERS and letter not in QUOTABLE:
            raise Impossible("pattern-escape", escape=letter)
        return CHARACTERS.get(letter, letter), ()

    # ---- classes

    def _class(self) -> Ranges:
        """A class, its opening bracket read; `[A-Z-[OI]]` is the first less the second."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Impossible("pattern-long")
        negated, singles, sets = self._accept("^"), list[tuple[int, int]](), list[Ranges]()
        taken: Ranges | None = None
        first = True
        while first or self._peek() != "]":
            if not first and self.expression.startswith("-[", self.at):
                self.at += 2
                taken = self._class()
                break
            self._class_part(singles, sets)
            first = False
        if not self._accept("]"):
            raise self._unexpected() if self._peek() else Impossible("pattern-end")
        self.depth -= 1
        ranges = union(tuple(singles))
        ranges = union(folded(ranges) if self.any_case else ranges, *sets)
        kept = complement(ranges) if negated else ranges
        return kept if taken is None else difference(kept, taken)

    def _class_part(self, singles: list[tuple[int, int]], sets: list[Ranges]) -> None:
        low = self._class_character(sets)
        if low is None:
            return
        if self._peek() != "-" or self.expression[self.at + 1 : self.at + 2] in ("]", "["):
            singles.append((ord(low), ord(low)))
            return
        self.at += 1
        high = self._class_character(sets)
        if high is None:
            raise self._unexpected()
        if ord(high) < ord(low):
            raise Impossible("pattern-range")
        singles.append((ord(low), ord(high)))

    def _class_character(self, sets: list[Ranges]) -> str | None:
        """A single character of a class; None for an escape that is a set, which is added to `sets`."""
        character = self._take()
        if character in "[]":
            raise self._unexpected(self.at - 1)
        if character != "\\":
            return character
        single, ranges = self._escape()
        if not single:
            sets.append(ranges)
        return single or None

    # ---- characters

    def _peek(self) -> str:
        return self.expression[self.at : self.at + 1]

    def _accept(self, character: str) -> bool:
        seen = self._peek() == character
        self.at += seen
        return seen

    def _take(self) -> str:
        if self.at >= len(self.expression):
            raise Impossible("pattern-end")
        self.at += 1
        return self.expression[self.at - 1]

    def _unexpected(self, at: int | None = None) -> Impossible:
        return Impossible("pattern-syntax", at=(self.at if at is None else at) + 1)


def without_blanks(expression: str) -> str:
    """The `x` flag: blanks outside classes do not count, not even after a backslash."""
    out, depth, escaped = "", 0, False
    for character in expression:
        if character in " \t\n\r" and not depth:
            continue
        out += character
        if not escaped and character in "[]":
            depth = max(0, depth + (1 if character == "[" else -1))
        escaped = character == "\\" and not escaped
    return out
