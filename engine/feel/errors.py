"""What can go wrong with a FEEL text: it cannot be read, it costs too much, or the host refuses it."""

from base.errors import RunError
from engine.feel.messages import Language, Told, told

EXTRACT = 40


class FeelError(RunError):
    """A FEEL text failed; says what, where (a character position from 0) and in which text, in French or English."""

    code = "feel"

    def __init__(self, reason: str, *, source: str = "", position: int | None = None) -> None:
        self.reason = reason if isinstance(reason, Told) else Told(reason)
        self.source, self.position = source, position
        super().__init__(self.text())

    def text(self, language: Language = "fr") -> str:
        """The whole message."""
        said = self.reason.text(language)
        return " ".join([said[:1].upper() + said[1:], *place(self.source, self.position, language)])

    @property
    def line(self) -> int:
        """The line of the text, from 1; 0 when it is not known."""
        return 0 if self.position is None else self.source.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int:
        """The character of that line, from 1; 0 when it is not known."""
        return 0 if self.position is None else self.position - self.source.rfind("\n", 0, self.position)

    def excerpt(self) -> str:
        """The line of the text, with a caret below the place; empty when the place is not known."""
        if self.position is None:
            return ""
        start = max(0, self.column - 1 - EXTRACT)
        shown = self.source.split("\n")[self.line - 1][start : start + 2 * EXTRACT].replace("\t", " ")
        return f"{shown}\n{' ' * (self.column - 1 - start)}^"


class FeelSyntaxError(FeelError):
    """The text is not FEEL."""

    code = "feel-syntax"


class FeelBudgetError(FeelError):
    """The evaluation would take more steps, memory, depth or time than it is allowed."""

    code = "feel-budget"


class FeelTypeError(FeelError, TypeError):
    """Python gave what FEEL cannot hold."""

    code = "feel-type"


class Impossible(ValueError):
    """An operation has no result: it becomes null, and this sentence says why."""

    def __init__(self, code: str, **values: object) -> None:
        self.reason = told(code, **values)
        super().__init__(self.reason)


def reason(error: Exception) -> Told:
    """Why an operation has no result."""
    return error.reason if isinstance(error, Impossible) else told("overflow")


def place(source: str, position: int | None, language: Language) -> list[str]:
    """The end of a message: where in the text, with the characters found there."""
    if position is None:
        return [told("place-text", text=shortened(source)).text(language)] if source else []
    found = shortened(source[position:])
    where = told("place-before", found=found) if found else told("place-end")
    line, start = source.count("\n", 0, position) + 1, source.rfind("\n", 0, position)
    code = "place-line" if "\n" in source.strip() else "place"
    return [told(code, line=line, column=position - start, where=where, text=shortened(source)).text(language)]


def shortened(text: str, longest: int = EXTRACT) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= longest else one_line[: longest - 1] + "…"
