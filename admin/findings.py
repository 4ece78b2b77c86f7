"""The findings of the checks as the screens and the editor show them: errors first, counted in words."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from engine.findings import Finding


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Errors before remarks, each in the order of the checks."""
    return sorted(findings, key=lambda finding: finding.severity != "error")


def count_errors(findings: Sequence[Finding]) -> int:
    return sum(finding.severity == "error" for finding in findings)


def summary(findings: Sequence[Finding]) -> str:
    """« 1 erreur, 2 remarques »."""
    errors = count_errors(findings)
    words = [_counted(errors, "erreur"), _counted(len(findings) - errors, "remarque")]
    return ", ".join(word for word in words if word) or "Rien à corriger"


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    errors = count_errors(findings)
    shown = [asdict(finding) for finding in in_order(findings)]
    return {"errors": errors, "warnings": len(findings) - errors, "findings": shown}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""
