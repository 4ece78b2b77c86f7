"""Decision tables answer every case, and one answer at a time: no gap, no clash, no rule that never serves."""

from collections.abc import Iterator

from base.errors import PathwayError
from engine import decisions
from engine.findings import Finding, finding
from pathways.checks.subject import Subject

CODES = {
    "gap": "table-gap",
    "overlap": "table-overlap",
    "dead-rule": "rule-never-applies",
    "masked-rule": "rule-never-answers",
    "output-not-allowed": "rule-output-not-allowed",
    "unchecked": "table-unchecked",
}
CERTAIN = frozenset({"output-not-allowed"})


def check(subject: Subject) -> Iterator[Finding]:
    """Warnings, since other checks may keep such a case from ever coming in; an answer that is not allowed is an error:
    the case that gets it stops."""
    for path in subject.decisions:
        if path in subject.package.files:
            yield from _of_file(path, subject)


def _of_file(path: str, subject: Subject) -> Iterator[Finding]:
    others = [content for other, content in subject.package.bundle.items() if other.endswith(".dmn") and other != path]
    try:
        model = decisions.read(subject.package.files[path], others)
    except PathwayError:
        return  # the engine's own findings tell it
    names = model.names
    for remark in model.remarks():
        yield finding(
            CODES[remark.code],
            f"Table « {names.get(remark.table) or remark.table} » : {remark.message[:1].lower()}{remark.message[1:]}",
            hint=remark.hint,
            file=path,
            element=remark.element,
            line=remark.line,
            severity="error" if remark.code in CERTAIN else "warning",
        )
