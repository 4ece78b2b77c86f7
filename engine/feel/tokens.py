"""The lexer: FEEL text cut into numbers, strings, words and symbols."""

import re
from dataclasses import dataclass
from typing import Final

from engine.feel.errors import FeelSyntaxError
from engine.feel.messages import told

NUMBER, STRING, WORD, SYMBOL, END = "number", "string", "word", "symbol", "end"
LONGEST: Final = 20_000
START = r"[^\W\d]|[?\u2070-\u218f\u2c00-\u2fef\U00010000-\U000effff]"
PART = r"\w|[\u00b7\u0300-\u036f\u203f-\u2040\u2070-\u218f\ufe0f\u200d\U00010000-\U000effff]"
BLANK: Final = re.compile(r"(?:[\s\u180e\u200b\ufeff]|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+")
PATTERNS: Final = (
    (NUMBER, re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)),
    (STRING, re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)),
    (WORD, re.compile(rf"(?:{START})(?:{PART})*")),
    (SYMBOL, re.compile(r"\*\*|\.\.|<=|>=|!=|->|[^\s\"]")),
)
ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, from character `at` up to `end`; of a string, `text` is what it says."""

    kind: str
    text: str
    at: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens, closed by one of kind END; raises FeelSyntaxError."""
    if len(text) > LONGEST:
        raise FeelSyntaxError(told("text-too-long", limit=LONGEST), source=text)
    tokens, at = [], _after_blank(text, 0)
    while at < len(text):
        token = _token(text, at)
        tokens.append(token)
        at = _after_blank(text, token.end)
    tokens.append(Token(END, "", len(text), len(text)))
    return tokens


def _after_blank(text: str, at: int) -> int:
    blank = BLANK.match(text, at)
    return blank.end() if blank else at


def _token(text: str, at: int) -> Token:
    for kind, pattern in PATTERNS:
        found = pattern.match(text, at)
        if found:
            said = _unescaped(text, found[0], at) if kind == STRING else found[0]
            return Token(kind, said, at, found.end())
    raise FeelSyntaxError(told("missing-quote"), source=text, position=at)


def _unescaped(text: str, literal: str, at: int) -> str:
    said = ESCAPE.sub(_character, literal[1:-1])
    try:
        return said.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError as error:
        raise FeelSyntaxError(told("broken-character"), source=text, position=at) from error


def _character(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) == 1:
        return ESCAPED.get(code, "\\" + code)
    point = int(code[1:], 16)
    return chr(point) if point <= 0x10FFFF else "\ufffd"
