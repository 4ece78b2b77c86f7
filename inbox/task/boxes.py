"""JSON values as the texts that a form would post; an object's keys are joined by dots."""

from collections.abc import Mapping
from typing import Any


def boxes_of(answers: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """What the boxes of the form would hold with these answers."""
    boxes: dict[str, str | list[str]] = {}
    for key, value in answers.items():
        if isinstance(value, dict):
            boxes |= {f"{key}.{inner}": text for inner, text in boxes_of(value).items()}
        elif value is not None:
            boxes[key] = [_text(one) for one in value] if isinstance(value, list) else _text(value)
    return boxes


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
