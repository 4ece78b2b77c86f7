"""Values given on the command line: JSON files, and in them FEEL where a text begins with `=`."""

import json
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from base.errors import Invalid, NotFound
from engine.feel import compile as compile_feel

Values = dict[str, Any]
STDIN = "-"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def read_values(place: Path, now: datetime) -> Values:
    """The values of a file (`-`: the standard input): an object of them, or a scenario of a pathway, whose `variables`
    are taken."""
    name = "l’entrée standard" if str(place) == STDIN else str(place)
    content = read_json(_text(place), name)
    if isinstance(content, dict) and {"variables", "etapes"} <= content.keys():
        content = content["variables"]
    return said_values(content, now, name)


def read_json(text: str, place: str) -> object:
    """Numbers stay exact; raises Invalid."""
    try:
        found: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise Invalid(f"{place} n’est pas du JSON lisible (ligne {error.lineno}, colonne {error.colno}).") from error
    except RecursionError as error:
        raise Invalid(f"{place} est trop imbriqué.") from error
    return found


def said_values(content: object, now: datetime, place: str) -> Values:
    """An object of values; a text that states an instant is one, a text that begins with `=` is a FEEL expression."""
    if not isinstance(content, dict):
        raise Invalid(f'{place} : un objet JSON est attendu, par exemple {{"age": 47}}.')
    return {name: _value(value, now) for name, value in content.items()}


def _value(value: Any, now: datetime) -> Any:
    if isinstance(value, str) and value.startswith("="):
        return compile_feel(value[1:]).evaluate({}, now=now)
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return _instant(value)
    if isinstance(value, Mapping):
        return {name: _value(inner, now) for name, inner in value.items()}
    return [_value(inner, now) for inner in value] if isinstance(value, list) else value


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"« {text} » n’est pas un instant possible.") from error


def _text(place: Path) -> str:
    if str(place) == STDIN:
        return sys.stdin.read()
    if not place.is_file():
        raise NotFound(f"Fichier introuvable : {place}")
    try:
        return place.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{place} n’est pas écrit en UTF-8.") from error


def _refuse(constant: str) -> NoReturn:
    raise Invalid(f"{constant} n’est pas un nombre.")
