"""What a pathway must be before it is published: the engine's findings, then one module per rule, one line here."""

from collections.abc import Callable, Iterable, Sequence

from base.errors import PathwayError
from engine.engine import Engine
from engine.findings import Finding, Refused, finding
from pathways.checks import (
    answered_outcomes,
    decision_inputs,
    diagram_positions,
    due_dates,
    end_names,
    field_categories,
    form_files,
    main_process,
    manifest_words,
    operation_names,
    patient_identity,
    table_coverage,
    task_roles,
    unwritten_variables,
)
from pathways.checks.subject import Subject, read_subject
from pathways.packages import Package

Rule = Callable[[Subject], Iterable[Finding]]

RULES: Sequence[Rule] = (
    main_process.check,
    task_roles.check,
    form_files.check,
    field_categories.check,
    answered_outcomes.check,
    decision_inputs.check,
    table_coverage.check,
    operation_names.check,
    patient_identity.check,
    diagram_positions.check,
    due_dates.check,
    end_names.check,
    unwritten_variables.check,
    manifest_words.check,
)
RANK = {"error": 0, "warning": 1}


def check(engine: Engine, package: Package) -> list[Finding]:
    """All that is wrong with a package, errors first; empty means that it may be published without remark."""
    _, found = engine.examine(package.bundle)
    try:
        subject = read_subject(package)
    except Refused as refused:
        return _sorted([*found, *refused.findings])
    except PathwayError as error:
        return _sorted([*found, _manifest(error)])
    for rule in RULES:
        found.extend(rule(subject))
    return _sorted(found)


def _manifest(error: PathwayError) -> Finding:
    return finding(error.code, error.message, hint=error.hint, file=error.file, line=error.line)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    """Each once, in the order in which an author mends them; the same place told twice by one code is one."""
    once = {(finding.code, finding.file, finding.element, finding.message): finding for finding in findings}
    return sorted(once.values(), key=lambda one: (RANK.get(one.severity, 2), one.file, one.line, one.element))
