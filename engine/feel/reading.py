"""What every rule of the parser uses: the tokens and where one stands in them, names, types and errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, DecimalException
from typing import TypeVar

from engine.feel.errors import FeelSyntaxError
from engine.feel.messages import told
from engine.feel.names import Names, canonical
from engine.feel.numbers import number
from engine.feel.syntax import TypeName
from engine.feel.tokens import END, NUMBER, STRING, SYMBOL, WORD, Token, tokenize

Item = TypeVar("Item")
DEEPEST = 60
CONSTANT_WORDS = frozenset({"true", "false", "null"})
OPENING_WORDS = frozenset({"if", "for", "some", "every"})
JOINING_WORDS = frozenset({"then", "else", "return", "in", "satisfies", "and", "or", "between", "instance", "external"})
KEYWORDS = CONSTANT_WORDS | OPENING_WORDS | JOINING_WORDS
TYPES = Names(["years and months duration", "days and time duration", "date and time"])


class Reading:
    """A position in the tokens of a text."""

    def __init__(self, text: str, names: Names) -> None:
        self.text, self.tokens, self.names = text, tokenize(text), Names(base=names)
        self.index = self.depth = 0
        self.in_range = False

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def advance(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != END:
            self.index += 1
        return token

    def sees(self, said: str, ahead: int = 0) -> bool:
        token = self.tokens[min(self.index + ahead, len(self.tokens) - 1)]
        return token.text == said and token.kind in (WORD, SYMBOL)

    def accept(self, said: str) -> bool:
        seen = self.sees(said)
        if seen:
            self.index += 1
        return seen

    def expect(self, said: str) -> None:
        if not self.accept(said):
            raise self.error("expected", what=said)

    def expect_end(self) -> None:
        if self.token.kind != END:
            raise self.error("expected-end")

    def error(self, code: str, token: Token | None = None, **values: object) -> FeelSyntaxError:
        return FeelSyntaxError(told(code, **values), source=self.text, position=(token or self.token).at)

    def separated(self, read: Callable[[], Item]) -> tuple[Item, ...]:
        """One item or several, between commas."""
        items = [read()]
        while self.accept(","):
            items.append(read())
        return tuple(items)

    def said(self, word: str, start: int) -> bool:
        """Whether a word stands in what was read since a token."""
        return any(token.kind == WORD and token.text == word for token in self.tokens[start : self.index])

    # ---- names

    def name(self) -> str:
        """A known name of any shape, or words up to the next keyword or sign."""
        known = self.names.longest(self.tokens, self.index)
        count = self._words()
        if known and known[1] >= count:
            self.index += known[1]
            return known[0]
        if not count:
            raise self.error("expected-name")
        return self._take(self.index + count)

    def member(self) -> str:
        """The name behind a dot; there, a keyword is a name too."""
        token = self.token
        return self.advance().text if token.kind == WORD and token.text in KEYWORDS else self.name()

    def _words(self) -> int:
        count = 0
        while self._continues(self.tokens[self.index + count], first=not count):
            count += 1
        return count

    def _continues(self, token: Token, *, first: bool) -> bool:
        if token.kind == NUMBER:
            return not first and token.text.isdigit()
        return token.kind == WORD and token.text not in KEYWORDS and (first or token.text[0] != "?")

    def name_before(self, *ends: str) -> str:
        """A name being declared, signs included: all up to one of the ends."""
        end = self._end_of_name(ends)
        if end is None or end == self.index:
            raise self.error("expected-name")
        return self._take(end)

    def names_argument(self) -> bool:
        """Whether the next argument is named: `start position: 2`."""
        end = self._end_of_name((":",))
        if end is None or self.token.kind != WORD or end == self.index:
            return False
        return not any(token.text == "instance" for token in self.tokens[self.index : end])  # of context<key: type>

    def _end_of_name(self, ends: tuple[str, ...]) -> int | None:
        index = self.index
        while self.tokens[index].text not in ends or self.tokens[index].kind == STRING:
            token = self.tokens[index]
            if token.kind in (END, STRING) or (token.kind == SYMBOL and token.text in ",:()[]{}"):
                return None
            index += 1
        return index

    def _take(self, end: int) -> str:
        name = canonical(self.text[self.token.at : self.tokens[end - 1].end])
        self.index = end
        return name

    # ---- ranges: is `[` a filter or the outward end of a range?

    @contextmanager
    def inside_range(self) -> Iterator[None]:
        before, self.in_range = self.in_range, True
        try:
            yield
        finally:
            self.in_range = before

    @contextmanager
    def outside_range(self) -> Iterator[None]:
        before, self.in_range = self.in_range, False
        try:
            yield
        finally:
            self.in_range = before

    def closes_range(self) -> bool:
        """In `[1..10[`, nothing that could be a filter follows the bracket."""
        after = self.tokens[self.index + 1]
        if not self.in_range:
            return False
        if after.kind == WORD:
            return after.text in JOINING_WORDS
        return after.kind == END or (after.kind == SYMBOL and after.text not in "([{@-")

    # ---- types and numbers

    def type_name(self) -> TypeName:
        at = self.token.at
        known = TYPES.longest(self.tokens, self.index)
        if known:
            self.index += known[1]
            return TypeName(at, known[0])
        name = self.name()
        while self.accept("."):
            name += "." + self.name()
        return self._parameterized(at, name) if self.accept("<") else TypeName(at, name)

    def _parameterized(self, at: int, name: str) -> TypeName:
        if name == "context":
            entries = self.separated(self._typed_entry)
            self.expect(">")
            return TypeName(at, name, tuple(inner for _, inner in entries), tuple(key for key, _ in entries))
        if name in ("list", "range"):
            inner: tuple[TypeName, ...] = (self.type_name(),)
        else:
            inner = () if self.sees(">") else self.separated(self.type_name)
        self.expect(">")
        if name == "function":
            self.expect("->")
            self.type_name()
        return TypeName(at, name, inner)

    def _typed_entry(self) -> tuple[str, TypeName]:
        key = self.name_before(":")
        self.expect(":")
        return key, self.type_name()

    def number_of(self, token: Token) -> Decimal:
        try:
            return number(token.text)
        except DecimalException as error:
            raise self.error("number-too-large", token) from error
