"""From what a person typed to the value that the pathway gets: one reading per type of field."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import re2

from engine.feel import to_feel
from engine.feel.values import FeelValue
from pathways.forms import words
from pathways.forms.fields import Field, Option

Posted = str | Sequence[str]
TEXT_LIMIT = {"textfield": 2_000, "textarea": 20_000}
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,10})?")
SPACES = re.compile(r"[\s\u00a0\u202f]+")
DAY_FIRST = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})")
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
HOUR = re.compile(r"([0-9]{1,2})(?:[:hH]([0-9]{2})?)?(?::[0-9]{2}(?:\.[0-9]+)?)?")
PHONE = re.compile(r"(?:\+33|0)[1-9][0-9]{8}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
YES = frozenset({"on", "true", "1", "oui", "vrai"})
UNKNOWN = ("inconnu", "ne sait pas", "non renseigné")


@dataclass(frozen=True)
class Answer:
    """What one field says: its value, or what to do about it."""

    value: FeelValue = None
    problem: str = ""


@dataclass(frozen=True)
class Box:
    """What was posted for a field (`hour` is the second box of a date and time), and what its reading depends on."""

    given: Posted | None
    hour: str
    timezone: str
    today: date | None
    options: tuple[Option, ...]
    low: Decimal | None = None
    high: Decimal | None = None


def read_answer(field: Field, box: Box) -> Answer:
    """The value of one field, or what to do about it."""
    return READERS[field.type](field, box)


def decimal(text: object) -> Decimal | None:
    """A number as people write it: comma or point, spaces between thousands."""
    bare = SPACES.sub("", str(text)).replace("−", "-")
    return Decimal(bare.replace(",", ".")) if NUMBER.fullmatch(bare) else None


def _text(field: Field, box: Box) -> Answer:
    text = _one(box.given).replace("\r\n", "\n").strip()
    if not text:
        return Answer(problem=words.MISSING if field.required else "")
    most = _limit(field, "maxLength") or TEXT_LIMIT[field.type]
    if len(text) > most:
        return Answer(problem=words.longest(most, len(text)))
    if len(text) < (_limit(field, "minLength") or 0):
        return Answer(problem=words.shortest(_limit(field, "minLength") or 0))
    return Answer(text, _shape(field, text))


def _shape(field: Field, text: str) -> str:
    kind = field.validate.get("validationType")
    if kind == "email" and not EMAIL.fullmatch(text):
        return words.EMAIL
    if kind == "phone" and not PHONE.fullmatch(re.sub(r"[ .-]", "", SPACES.sub("", text))):
        return words.PHONE
    pattern = field.validate.get("pattern")
    if isinstance(pattern, str) and pattern and not re2.search(pattern, text):
        return str(field.validate.get("patternErrorMessage") or words.PATTERN)
    return ""


def _number(field: Field, box: Box) -> Answer:
    text = _one(box.given).strip()
    if not text:
        return Answer(problem=words.MISSING if field.required else "")
    value = decimal(text)
    if value is None:
        return Answer(problem=words.NUMBER)
    low, high = box.low, box.high
    if (low is not None and value < low) or (high is not None and value > high):
        return Answer(problem=words.bounds(value, low, high))
    if field.decimals is not None and value != round(value, field.decimals):
        return Answer(problem=words.decimals(field.decimals))
    return Answer(to_feel(value))


def _choice(field: Field, box: Box) -> Answer:
    text = _one(box.given)
    if not text and not field.required:
        return Answer()
    for option in box.options:
        if text and option.text == text:
            return Answer(to_feel(option.value))
    return Answer(problem=words.choice(_has_unknown(box.options)))


def _choices(field: Field, box: Box) -> Answer:
    wanted = [text for text in _all(box.given) if text]
    known = {option.text: option.value for option in box.options}
    if any(text not in known for text in wanted) or (field.required and not wanted):
        return Answer(problem=words.choice(_has_unknown(box.options)))
    return Answer([to_feel(known[text]) for text in dict.fromkeys(wanted)])


def _tick(field: Field, box: Box) -> Answer:
    ticked = _one(box.given).lower() in YES
    return Answer(ticked, words.UNTICKED if field.required and not ticked else "")


def _moment(field: Field, box: Box) -> Answer:
    text, hour = _one(box.given).strip(), box.hour
    if not text and not hour.strip():
        return Answer(problem=words.MISSING if field.required else "")
    if field.subtype == "time":
        moment = read_time(text or hour)
        return Answer(to_feel(moment)) if moment else Answer(problem=words.TIME)
    if field.subtype == "datetime" and not hour.strip():
        text, hour = _split(text)
    day = read_day(text)
    if day is None:
        return Answer(problem=words.DATE)
    if field.validate.get("disallowPassedDates") and box.today and day < box.today:
        return Answer(problem=words.PAST)
    if field.subtype != "datetime":
        return Answer(to_feel(day))
    moment = read_time(hour)
    if moment is None:
        return Answer(problem=words.TIME)
    return Answer(to_feel(datetime.combine(day, moment, ZoneInfo(box.timezone))))


def read_day(text: str) -> date | None:
    """« 8/12/2026 » or « 2026-12-08 »."""
    text = text.strip()
    if found := ISO_DAY.fullmatch(text):
        year, month, day = found.groups()
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day)) if 1850 <= int(year) <= 2200 else None
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """« 14:30 », « 14h30 », « 14 h »."""
    found = HOUR.fullmatch(SPACES.sub("", text))
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def _split(text: str) -> tuple[str, str]:
    day, _, hour = text.replace("T", " ", 1).strip().partition(" ")
    return day, hour.removeprefix("à ")


def _one(given: Posted | None) -> str:
    if given is None:
        return ""
    if isinstance(given, str):
        return given
    return given[-1] if given else ""


def _all(given: Posted | None) -> Sequence[str]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else given


def _limit(field: Field, name: str) -> int | None:
    value = field.validate.get(name)
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None


def _has_unknown(options: tuple[Option, ...]) -> bool:
    return any(option.label.strip().lower().startswith(UNKNOWN) for option in options)


READERS: Mapping[str, Callable[[Field, Box], Answer]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "select": _choice,
    "radio": _choice,
    "checkbox": _tick,
    "checklist": _choices,
    "taglist": _choices,
    "datetime": _moment,
}
