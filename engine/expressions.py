"""FEEL as diagrams write it: `=expression`, or a text that stands for itself. No Python is ever evaluated."""

from collections.abc import Mapping
from typing import Any

from base.errors import RunError
from engine import feel
from engine.scopes import View


class ExpressionFailed(RunError):
    """An expression that cannot be evaluated, or that gives nothing usable."""

    code = "expression"


def evaluate(text: str, view: View) -> Any:
    """The value of a text: FEEL behind `=`, else the text itself. Raises ExpressionFailed."""
    return formula(text[1:], view) if text.startswith("=") else text


def formula(text: str, view: View) -> Any:
    """The value of a FEEL expression. Raises ExpressionFailed."""
    try:
        return feel.compile(text.strip()).evaluate(view, now=view.now, functions=view.functions)
    except feel.FeelError as error:
        raise ExpressionFailed(f"L’expression « {text.strip()} » n’a pas pu être calculée : {error}") from error


def condition(text: str, view: View) -> bool:
    """True or false. Raises ExpressionFailed for anything else: a missing answer must not choose a path."""
    value = formula(text.removeprefix("="), view)
    if value is True or value is False:
        return value
    shown = "rien (null)" if value is None else f"« {feel.from_feel(value)} »"
    raise ExpressionFailed(f"La condition « {text.strip()} » donne {shown} au lieu de vrai ou faux.")


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
