"""FEEL as diagrams write it: `=expression`, or a text that stands for itself. No Python is ever evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from base.errors import RunError
from engine import feel
from engine.scopes import View

LONGEST_SHOWN = 60
FUNCTION = "function"
"""An expression without it makes no function."""


class ExpressionFailed(RunError):
    """An expression that cannot be evaluated, or that gives nothing usable."""

    code = "expression"


class Undecided(ExpressionFailed):
    """A condition that is neither true nor false."""

    code = "condition"


def evaluate(text: str, view: View) -> Any:
    """The value of a text: FEEL behind `=`, else the text itself. Raises ExpressionFailed."""
    return formula(text[1:], view) if text.startswith("=") else text


def formula(text: str, view: View) -> Any:
    """The value of a FEEL expression. Raises ExpressionFailed, also for a function: it could not be stored."""
    value = _outcome(text, view).value
    if FUNCTION in text:
        _check_is_data(text, value)
    return value


def _check_is_data(text: str, value: Any) -> None:
    try:
        feel.dump(value)
    except feel.FeelError as error:
        raise ExpressionFailed(f"L’expression « {text.strip()} » ne donne pas de valeur : {error}") from error


def _outcome(text: str, view: View) -> feel.Outcome:
    try:
        return feel.compile(text.strip()).explain(view, now=view.now, functions=view.functions)
    except feel.FeelError as error:
        said = f"L’expression « {text.strip()} » n’a pas pu être calculée : {error}"
        raise ExpressionFailed(said + _values(text, view)) from error


def condition(text: str, view: View) -> bool:
    """True or false. Raises Undecided for anything else: a missing answer must not choose a path."""
    found = _outcome(text.removeprefix("="), view)
    if found.value is True or found.value is False:
        return found.value
    raise _undecided(text, found, view)


def turned_true(text: str, view: View) -> bool:
    """Whether a conditional event happens: what is not known yet is waited for. Raises Undecided, ExpressionFailed."""
    found = _outcome(text.removeprefix("="), view)
    if found.value is None or found.value is True or found.value is False:
        return found.value is True
    raise _undecided(text, found, view)


def _undecided(text: str, found: feel.Outcome, view: View) -> Undecided:
    """In words: what came out, why, and from which values."""
    why = "".join(f" : {warning}" for warning in found.warnings[:1])
    said = f"La condition « {text.strip()} » donne {_shown(found.value)} au lieu de vrai ou faux{why}."
    return Undecided(said + _values(text.removeprefix("="), view))


def _values(text: str, view: View) -> str:
    """The variables that an expression read, for whoever must correct one; '' for an expression that does not read."""
    try:
        read = feel.compile(text.strip()).names
    except feel.FeelError:
        return ""
    known = [f"{name} = {_shown(view.get(name))}" for name in sorted(read)]
    return f" Valeurs : {', '.join(known)}." if known else ""


def _shown(value: Any) -> str:
    if value is None:
        return "rien (null)"
    text = str(feel.from_feel(value))
    return f"« {text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + '…'} »"


def expression(text: str) -> str | None:
    """The FEEL within a text, or None when the text stands for itself."""
    return text[1:].strip() if text.startswith("=") else None


def to_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain Python values as FEEL values."""
    return {name: feel.to_feel(value) for name, value in values.items()}


def to_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """FEEL values as plain JSON-able ones, for people and partners."""
    return {name: feel.from_feel(value) for name, value in values.items()}


def to_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """FEEL values in their exact storage form (JSON-able)."""
    return {name: feel.dump(value) for name, value in values.items()}


def from_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: feel.load(value) for name, value in values.items()}
