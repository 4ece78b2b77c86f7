"""What can go wrong with a FEEL text: it cannot be read, it costs too much, or the host refuses it."""

from base.errors import RunError

EXTRACT = 40


class FeelError(RunError):
    """A FEEL text failed; says what, where (a character position from 0) and in which text."""

    code = "feel"

    def __init__(self, message: str, *, text: str = "", position: int | None = None) -> None:
        self.reason, self.text, self.position = message, text, position
        super().__init__(message[:1].upper() + message[1:] + place(text, position))


class FeelSyntaxError(FeelError):
    """The text is not FEEL."""

    code = "feel-syntax"


class FeelBudgetError(FeelError):
    """The evaluation would take more steps, memory, depth or time than it is allowed."""

    code = "feel-budget"


def place(text: str, position: int | None) -> str:
    """The end of a message: where in the text, with the characters found there."""
    if position is None:
        return f" (expression : « {shortened(text)} »)" if text else ""
    found = shortened(text[position:])
    where = f"devant « {found} »" if found else "à la fin"
    return f" (caractère {position + 1}, {where}, dans « {shortened(text)} »)"


def shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= EXTRACT else one_line[: EXTRACT - 1] + "…"
