"""What is wrong with a pathway's files: every finding has its place, a French sentence and what to do about it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from base.errors import PathwayError


@dataclass(frozen=True)
class Finding:
    """One thing to mend; `severity` is `error` (refused) or `warning` (allowed, and said)."""

    severity: str
    file: str
    element: str
    line: int
    message: str
    hint: str
    code: str

    def __post_init__(self) -> None:
        for name in ("file", "element", "message", "hint"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line or "", self.element) if part)
        return f"{place}: {self.message}"


def printable(text: str) -> str:
    """What can do no harm on a terminal or in a log: no control, no change of direction, no line but one."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if unicodedata.category(c) in UNPRINTABLE else c for c in text)


UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Refused(PathwayError):
    """The files cannot be executed; `findings` lists all that is wrong, not only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        first = errors[0]
        more = f" (et {len(errors) - 1} autre{'s' if len(errors) > 2 else ''})" if len(errors) > 1 else ""
        super().__init__(
            first.message + more,
            file=first.file,
            element=first.element,
            line=first.line,
            hint=first.hint,
            code=first.code,
        )
        self.findings = list(findings)


def finding(
    code: str,
    message: str,
    *,
    hint: str = "",
    file: str = "",
    element: str = "",
    line: int = 0,
    severity: str = "error",
) -> Finding:
    """A finding, said in the order in which an author thinks of it."""
    return Finding(severity, file, element, line, message, hint, code)
