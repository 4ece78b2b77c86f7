"""Names of several words or with signs (`date and time`, `Plan d'aide`), so that the parser knows where one ends."""

from collections.abc import Iterable, Sequence

from engine.feel.errors import FeelSyntaxError
from engine.feel.tokens import END, Token, tokenize

Parts = tuple[str, ...]
ByLength = dict[int, dict[Parts, str]]  # the longest first


class Names:
    """A set of known names, matched longest first; one-word names need not be known."""

    def __init__(self, names: Iterable[str] = (), base: "Names | None" = None) -> None:
        self._by_first = {first: _copied(found) for first, found in base._by_first.items()} if base else {}
        for name in names:
            self.add(name)

    _by_first: dict[str, ByLength]

    def add(self, name: str) -> None:
        parts = said(name)
        if len(parts) < 2:
            return
        known = self._by_first.setdefault(parts[0], {})
        if len(parts) not in known:
            known[len(parts)] = {}
            self._by_first[parts[0]] = dict(sorted(known.items(), reverse=True))
        self._by_first[parts[0]][len(parts)].setdefault(parts, canonical(name))

    def longest(self, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
        """The longest known name that starts at a token, with its number of tokens."""
        for length, names in self._by_first.get(tokens[index].text, {}).items():
            name = names.get(tuple([token.text for token in tokens[index : index + length]]))
            if name is not None:
                return name, length
        return None

    def opens(self, name: str, then: str) -> bool:
        """Whether a name, with this sign or word behind it, would be read as the start of a longer known one."""
        parts = (*said(name), then)
        known = self._by_first.get(parts[0], {})
        return bool(then) and any(parts == longer[: len(parts)] for names in known.values() for longer in names)


def _copied(found: ByLength) -> ByLength:
    return {length: dict(names) for length, names in found.items()}


def said(name: str) -> tuple[str, ...]:
    """The name as the lexer cuts it; nothing when no text can say it."""
    try:
        return tuple(token.text for token in tokenize(name) if token.kind != END)
    except FeelSyntaxError:
        return ()


def canonical(name: str) -> str:
    """The name with its blanks made single spaces."""
    return " ".join(name.split())
