"""From files to a definition, or to the list of everything that is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from base.calendars import Calendar
from base.errors import PathwayError
from engine import decisions, reader
from engine.decisions import Decisions
from engine.definition import Builder, Definition, form_id
from engine.dialect import DEFINITION, XML, kids, line_of, local, true
from engine.findings import Finding, Refused, finding
from engine.refusals import RULES
from engine.refusals.diagram import Diagram, Surroundings
from engine.refusals.rule import Rule

Findings = list[Finding]
IMPORTING = b"importType"
"""The attribute of every DMN import: files without it are read alone, and quicker."""


def inspect(files: Mapping[str, bytes], calendar: Calendar, rules: Sequence[Rule] = RULES) -> Definition:
    """The definition of a bundle. Raises Refused with all findings."""
    definition, findings = examine(files, calendar, rules)
    if definition is None:
        raise Refused(findings)
    return definition


def examine(
    files: Mapping[str, bytes], calendar: Calendar, rules: Sequence[Rule] = RULES
) -> tuple[Definition | None, Findings]:
    """The definition, or None when it is refused; and all findings, warnings included."""
    findings: Findings = []
    roots = _read(files, ".bpmn", reader.read, findings)
    tables = {path: content for path, content in files.items() if path.endswith(".dmn")}
    models = _read(files, ".dmn", partial(_decisions, tables, judged=bool(rules)), findings)
    if not any(path.endswith(".bpmn") for path in files):
        findings.append(finding("no-process", "Ce parcours n’a pas de diagramme."))
    processes = _processes(roots, findings)
    around = Surroundings(
        processes=frozenset(processes),
        callable=frozenset(key for key, process in processes.items() if _begins(process)),
        decisions=frozenset(key for model in models.values() for key in model.ids),
        forms=frozenset(form_id(path, content) for path, content in files.items() if path.endswith(".form")),
        files=frozenset(files),
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
        findings.append(_as_finding(error, _file_of(error.element, roots)))
        return None


def _file_of(element: str, roots: Mapping[str, XML]) -> str:
    """The file that holds an element."""
    holding = (file for file, root in roots.items() if any(node.get("id") == element for node in root.iter()))
    return next(holding, "")


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


def _decisions(tables: Mapping[str, bytes], content: bytes, file: str, *, judged: bool) -> Decisions:
    """A file, which may import the pathway's others. Raises Refused for what is wrong inside a readable one.

    What was accepted once is not judged: a decision that a stricter reader cannot take fails when it is asked, alone.
    """
    others = [other for path, other in tables.items() if path != file] if IMPORTING in content else []
    model = decisions.read(content, others)
    own = [problem for problem in model.problems if not problem.model]
    if judged and own:
        raise Refused(
            [finding("bad-decision", p.message, hint=p.hint, file=file, element=p.element, line=p.line) for p in own]
        )
    return model


def _processes(roots: Mapping[str, XML], findings: Findings) -> dict[str, XML]:
    """The processes of all files: a name stands for one only."""
    files: dict[str, str] = {}
    found: dict[str, XML] = {}
    for file, root in roots.items():
        for process in Builder.processes_of(root):
            key = process.get("id") or ""
            if key in files and files[key] != file:
                message = f"Le processus « {key} » est déjà dans {files[key]}."
                hint = "Donnez un autre identifiant à l’un des deux processus."
                findings.append(
                    finding("duplicate-id", message, hint=hint, file=file, element=key, line=line_of(process))
                )
            files[key], found[key] = file, process
    return found


def _begins(process: XML) -> bool:
    """Without a trigger: at a plain start event, or without one."""
    starts = kids(process, "startEvent")
    if not starts:
        return not any(true(child.get("instantiate")) for child in kids(process))
    return any(not _waits(start) for start in starts)


def _waits(start: XML) -> bool:
    return any(local(child).endswith((DEFINITION, "eventDefinitionRef")) for child in start)


def _as_finding(error: PathwayError, file: str) -> Finding:
    return finding(
        error.code, error.message, hint=error.hint, file=error.file or file, element=error.element, line=error.line
    )
