"""What was already answered in a case, in the words of the forms that asked."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from base.days import say_day
from care.sharing.visibility import hidden_words
from engine.definition import Definition
from engine.expressions import to_values
from engine.pictures import Entry
from inbox import pathway
from inbox.case.authors import author
from pathways.forms import Field, Form
from pathways.forms.categories import by_key, shown
from pathways.forms.prefilled import Boxes
from people.persons import Person

OF_CASE = "Repris du dossier, à vérifier."


@dataclass(frozen=True)
class Said:
    """One earlier answer: who, when, each question with what was answered; `boxes` hold the same as forms do.

    `hidden` holds the category of each answer that the reader's lane leaves out.
    """

    title: str
    by: str
    at: datetime
    lines: tuple[tuple[str, str], ...]
    boxes: Boxes
    hidden: tuple[str, ...] = ()

    @property
    def unseen(self) -> str:
        """« 3 réponses ne vous sont pas montrées (santé). »; empty when all are."""
        return hidden_words(len(self.hidden), self.hidden)


def said(
    definition: Definition, answers: Sequence[Entry], people: Mapping[str, Person], seen: Collection[str]
) -> list[Said]:
    """The answers of a case as given by its `task_completed` entries, the latest first; `seen` are categories."""
    return [_said(definition, entry, people, seen) for entry in reversed(answers)]


def sources(earlier: Sequence[Said], filled: Boxes, moment: Callable[[datetime], str]) -> dict[str, str]:
    """Where what stands in each box comes from: who answered just that last, and when; else the case itself."""
    return {key: _source(earlier, key, box, moment) for key, box in filled.items()}


def _source(earlier: Sequence[Said], key: str, box: str | list[str], moment: Callable[[datetime], str]) -> str:
    answer = next((one for one in earlier if one.boxes.get(key) == box), None)
    return OF_CASE if answer is None else f"{answer.by or answer.title}, {moment(answer.at)}"


def _said(definition: Definition, entry: Entry, people: Mapping[str, Person], seen: Collection[str]) -> Said:
    element = pathway.elements(definition).get(entry.element)
    form = pathway.form(definition, element.form) if element is not None and element.form else None
    values = entry.detail.get("variables") or {}
    by = author(entry, {key: one.display for key, one in people.items()})
    title = element.name if element is not None else entry.element
    if form is None:
        return Said(title, by, entry.at, (), {})
    kinds = by_key(form)
    given = list(_given(form, values))
    lines = tuple((field.label, words) for field, words in given if kinds[field.key] in seen)
    hidden = tuple(kinds[field.key] for field, _ in given if kinds[field.key] not in seen)
    filled = {key: box for key, box in form.prefill(to_values(values)).items() if _at(values, key) is not None}
    return Said(title, by, entry.at, lines, shown(form, filled, seen), hidden)


def _given(form: Form, values: Mapping[str, object]) -> Iterator[tuple[Field, str]]:
    for field in form.walk():
        words = _words(field, _at(values, field.key)) if field.key else ""
        if words:
            yield field, words


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
            return say_day(date.fromisoformat(text[:10]))
        if subtype == "datetime":
            return f"{say_day(date.fromisoformat(text[:10]))} à {text[11:16]}"
    except ValueError:
        return text
    return text[:5]


def _at(values: Mapping[str, object], key: str) -> object:
    value: object = values
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
