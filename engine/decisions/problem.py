"""One fault of a file that can otherwise be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Which element, which line, what, and what to do, in French; `model` names the file when it is an imported one."""

    element: str
    line: int
    message: str
    hint: str = ""
    model: str = ""

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.model, f"ligne {self.line}" if self.line else "", self.element) if part
        )
        return f"{place} : {self.message}" if place else self.message
