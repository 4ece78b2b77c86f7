"""An export as its reader understands it: instants and days in words, roles by their names, messages laid out."""

import re
from datetime import date, datetime, tzinfo
from typing import Any

import orjson

from base.days import say_day
from people.roles import label

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def in_words(found: Any, zone: tzinfo, key: str = "") -> Any:
    """The same document, each value as it is said; what people wrote stays as they wrote it."""
    if isinstance(found, dict):
        return {name: in_words(value, zone, name) for name, value in found.items()}
    if isinstance(found, list):
        return [in_words(one, zone, key) for one in found]
    if not isinstance(found, str):
        return found
    if INSTANT.fullmatch(found):
        instant = datetime.fromisoformat(found).astimezone(zone)
        return f"{say_day(instant)} à {instant:%H:%M}"
    if DAY.fullmatch(found) and key.startswith("date"):
        return say_day(date.fromisoformat(found))
    if key == "role":
        return label(found)
    return _laid_out(found) if key == "texte" else found


def _laid_out(text: str) -> str:
    """A message of a program, a line for each of its values; any other text as it is."""
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() if isinstance(told, dict | list) else text
