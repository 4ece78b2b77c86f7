"""As much of JSON Schema 2020-12 as our OpenAPI document uses; a keyword that is not known here is an error."""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

Json = Mapping[str, Any]


def _with_offset(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise ValueError("no offset")


TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
FORMATS: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": lambda text: _with_offset(datetime.fromisoformat(text)),
    "byte": lambda text: base64.b64decode(text, validate=True),
}
SILENT = {"description", "examples"}


class Schema:
    """One document's schemas."""

    def __init__(self, document: Json) -> None:
        self.schemas = document["components"]["schemas"]

    def takes(self, schema: Json, value: object) -> bool:
        return all(self._one(word, said, schema, value) for word, said in schema.items() if word not in SILENT)

    def _one(self, word: str, said: Any, schema: Json, value: Any) -> bool:
        match word:
            case "$ref":
                return self.takes(self.schemas[said.rsplit("/", 1)[1]], value)
            case "type":
                return any(_is(value, one) for one in ([said] if isinstance(said, str) else said))
            case "enum":
                return value in said
            case "const":
                return value == said
            case "not":
                return not self.takes(said, value)
            case "allOf":
                return all(self.takes(one, value) for one in said)
            case "anyOf":
                return any(self.takes(one, value) for one in said)
            case "if":
                return not self.takes(said, value) or self.takes(schema["then"], value)
            case "then":
                return True
        if isinstance(value, str):
            return _text(word, said, value)
        if isinstance(value, list):
            return self._list(word, said, value)
        return self._object(word, said, schema, value) if isinstance(value, dict) else True

    def _list(self, word: str, said: Any, value: list[object]) -> bool:
        match word:
            case "items":
                return all(self.takes(said, one) for one in value)
            case "minItems":
                return len(value) >= said
            case "maxItems":
                return len(value) <= said
        return _foreign(word)

    def _object(self, word: str, said: Any, schema: Json, value: dict[str, object]) -> bool:
        match word:
            case "required":
                return all(name in value for name in said)
            case "properties":
                return all(self.takes(said[name], one) for name, one in value.items() if name in said)
            case "additionalProperties":
                others = [one for name, one in value.items() if name not in schema.get("properties", {})]
                return not others if said is False else all(self.takes(said, one) for one in others)
            case "maxProperties":
                return len(value) <= said
        return _foreign(word)


def _is(value: object, name: str) -> bool:
    return isinstance(value, TYPES[name]) and not (name == "number" and isinstance(value, bool))


def _text(word: str, said: Any, value: str) -> bool:
    match word:
        case "pattern":
            return re.search(said, value) is not None
        case "minLength":
            return len(value) >= said
        case "maxLength":
            return len(value) <= said
        case "format":
            return _has_format(said, value)
    return _foreign(word)


def _has_format(name: str, value: str) -> bool:
    try:
        FORMATS[name](value)
    except ValueError:
        return False
    return True


KNOWN = {
    "required", "properties", "additionalProperties", "maxProperties", "items", "minItems", "maxItems", "pattern",
    "minLength", "maxLength", "format",
}  # fmt: skip


def _foreign(word: str) -> bool:
    """A keyword for values of another type says nothing of this one."""
    assert word in KNOWN, f"{word} is not known here"
    return True
