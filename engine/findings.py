"""What is wrong with a pathway's files: every finding has its place, a French sentence and what to do about it."""

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

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line or "", self.element) if part)
        return f"{place}: {self.message}"


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
