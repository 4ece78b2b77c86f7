"""What was already answered in a case, in the words of the forms that asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.definition import Definition
from engine.pictures import Entry
from inbox import dates, pathway
from pathways.forms import Field, Form
from people.persons import Person


@dataclass(frozen=True)
class Said:
    """One earlier answer: who, when, and each question with what was answered; `keys` are the questions' keys."""

    title: str
    by: str
    at: datetime
    lines: tuple[tuple[str, str], ...]
    keys: frozenset[str]


def said(definition: Definition, answers: Sequence[Entry], people: Mapping[str, Person]) -> list[Said]:
    """The answers of a case as given by its `task_completed` entries, the latest first."""
    return [_said(definition, entry, people) for entry in reversed(answers)]


def sources(earlier: Sequence[Said], moment: Callable[[datetime], str]) -> dict[str, str]:
    """For each key that was answered before: who said so and when, the latest answer first."""
    found: dict[str, str] = {}
    for answer in earlier:
        for key in answer.keys:
            found.setdefault(key, f"{answer.by or answer.title}, {moment(answer.at)}")
    return found


def _said(definition: Definition, entry: Entry, people: Mapping[str, Person]) -> Said:
    element = pathway.elements(definition).get(entry.element)
    form = pathway.form(definition, element.form) if element is not None and element.form else None
    values = entry.detail.get("variables") or {}
    by = people[entry.actor].display if entry.actor in people else ""
    title = element.name if element is not None else entry.element
    return Said(title, by, entry.at, tuple(_lines(form, values)) if form else (), frozenset(_keys(form, values)))


def _lines(form: Form, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for field in form.walk():
        words = _words(field, _at(values, field.key)) if field.key else ""
        if words:
            yield field.label, words


def _keys(form: Form | None, values: Mapping[str, object]) -> Iterator[str]:
    for field in form.walk() if form else ():
        if field.key and _at(values, field.key) is not None:
            yield field.key


def _words(field: Field, value: object) -> str:
    """A value as a person reads it; nothing for what was left empty or not ticked."""
    if value is None or value == "" or value is False or value == []:
        return "non" if value is False and field.type != "checkbox" else ""
    if field.type == "dynamiclist" and isinstance(value, list):
        return str(len(value))
    if isinstance(value, list):
        return ", ".join(_words(field, one) for one in value)
    for option in field.options:
        if str(option.value) == str(value):
            return option.label
    if value is True:
        return "oui"
    if field.type == "datetime":
        return _day(str(value), field.subtype)
    number = str(value).replace(".", ",") if field.type == "number" else str(value)
    return f"{number} {field.unit}".strip()


def _day(text: str, subtype: str) -> str:
    try:
        if subtype == "date":
            return dates.birth_day(date.fromisoformat(text[:10]))
        if subtype == "datetime":
            return f"{dates.birth_day(date.fromisoformat(text[:10]))} à {text[11:16]}"
    except ValueError:
        return text
    return text[:5]


def _at(values: Mapping[str, object], key: str) -> object:
    value: object = values
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
