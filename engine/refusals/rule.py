"""A rule: a constraint of the standard or of care, what is said when it is broken, and how to find who breaks it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from engine.dialect import XML, local
from engine.findings import Finding
from engine.refusals.diagram import Diagram

Hit = XML | tuple[XML, Mapping[str, object]]
Check = Callable[[Diagram], Iterable[Hit]]
LONGEST = 80
MOST = 100
"""Findings of one rule in one file: more are no help to a person, and a hostile file must not fill the memory."""


@dataclass(frozen=True)
class Rule:
    """`message` and `hint` are French; `{name}` is the element, other words come with the hit."""

    code: str
    constraint: str
    message: str
    hint: str
    severity: str
    check: Check

    def __call__(self, diagram: Diagram) -> Iterator[Finding]:
        """Those who break it, in the order of the file."""
        for hit in islice(self.check(diagram), MOST):
            node, words = hit if isinstance(hit, tuple) else (hit, {})
            said = {"name": name_of(node)} | {key: short(str(word)) for key, word in words.items()}
            message, hint = self.message.format(**said), self.hint.format(**said)
            yield diagram.finding(node, self.code, message, hint, self.severity)


def rule(code: str, message: str, hint: str, severity: str = "error") -> Callable[[Check], Rule]:
    """Makes a rule of a function; its docstring is the constraint, behind the paragraph of BPMN 2.0.2 or `Jalon`."""

    def make(check: Check) -> Rule:
        return Rule(code, " ".join((check.__doc__ or "").split()), message, hint, severity, check)

    return make


def name_of(node: XML) -> str:
    """What an author recognises an element by: its name, its id, or that of what it stands in."""
    holder: XML | None = node
    while holder is not None and not (holder.get("name") or holder.get("id")):
        holder = holder.getparent()
    return short(local(node) if holder is None else holder.get("name") or holder.get("id") or "")


def short(text: str) -> str:
    """On one line, and no longer than a person reads."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
