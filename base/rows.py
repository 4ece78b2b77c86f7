"""Rows as the dataclasses that stand for them, field by field of the same name."""

from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def made(kind: type[T], row: Any) -> T:
    """The dataclass `kind` from a row that has a column for each of its fields, and perhaps more."""
    values = row._asdict()
    return kind(**{field.name: values[field.name] for field in fields(kind)})  # type: ignore[arg-type]
