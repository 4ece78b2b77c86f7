"""From files to a definition, or to the list of everything that is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from base.calendars import Calendar
from base.errors import PathwayError
from engine import decisions, reader
from engine.decisions import Decisions
from engine.definition import Builder, Definition, form_id
from engine.dialect import XML, line_of
from engine.findings import Finding, Refused, finding
from engine.refusals import EXECUTABLE, OURS, Rule
from engine.refusals.diagram import Diagram, Surroundings

Findings = list[Finding]


def inspect(files: Mapping[str, bytes], calendar: Calendar, rules: Sequence[Rule] = EXECUTABLE + OURS) -> Definition:
    """The definition of a bundle. Raises Refused with all findings."""
    definition, findings = examine(files, calendar, rules)
    if definition is None:
        raise Refused(findings)
    return definition


def examine(
    files: Mapping[str, bytes], calendar: Calendar, rules: Sequence[Rule] = EXECUTABLE + OURS
) -> tuple[Definition | None, Findings]:
    """The definition, or None when it is refused; and all findings, warnings included."""
    findings: Findings = []
    roots = _read(files, ".bpmn", reader.read, findings)
    models = _read(files, ".dmn", _decisions, findings)
    if not any(path.endswith(".bpmn") for path in files):
        findings.append(finding("no-process", "Ce parcours n’a pas de diagramme."))
    around = Surroundings(
        processes=frozenset(_processes(roots, findings)),
        decisions=frozenset(key for model in models.values() for key in model.ids),
        forms=frozenset(form_id(path, content) for path, content in files.items() if path.endswith(".form")),
        calendar=calendar,
    )
    for file, root in roots.items():
        diagram = Diagram(file, root, around)
        for rule in rules:
            findings += rule(diagram)
    if any(found.severity == "error" for found in findings):
        return None, findings
    return _build(files, roots, models, findings), findings


def _build(
    files: Mapping[str, bytes], roots: Mapping[str, XML], models: Mapping[str, Decisions], findings: Findings
) -> Definition | None:
    try:
        return Definition(files, roots, models)
    except PathwayError as error:
        findings.append(_as_finding(error, error.file))
        return None


def _read(files: Mapping[str, bytes], ending: str, read: Callable[..., Any], findings: Findings) -> dict[str, Any]:
    """The files of one kind, each read; what is wrong with one does not hide the others."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in files if path.endswith(ending)):
        try:
            found[path] = read(files[path], path)
        except Refused as error:
            findings += error.findings
        except PathwayError as error:
            findings.append(_as_finding(error, path))
    return found


def _decisions(content: bytes, file: str) -> Decisions:
    """Raises Refused for what is wrong inside a readable file."""
    model = decisions.read(content)
    if model.problems:
        raise Refused(
            [finding("bad-decision", p.message, file=file, element=p.element, line=p.line) for p in model.problems]
        )
    return model


def _processes(roots: Mapping[str, XML], findings: Findings) -> list[str]:
    """The processes of all files: a name stands for one only."""
    found: dict[str, str] = {}
    for file, root in roots.items():
        for process in Builder.processes_of(root):
            key = process.get("id") or ""
            if key in found and found[key] != file:
                message = f"Le processus « {key} » est déjà dans {found[key]}."
                findings.append(finding("duplicate-id", message, file=file, element=key, line=line_of(process)))
            found[key] = file
    return list(found)


def _as_finding(error: PathwayError, file: str) -> Finding:
    return finding(
        error.code, error.message, hint=error.hint, file=error.file or file, element=error.element, line=error.line
    )
