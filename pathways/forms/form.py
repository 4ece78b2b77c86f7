"""A whole form: what is shown, what is filled in beforehand, and what an answer is worth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

import orjson

from base.errors import Invalid, PathwayError
from engine.feel import Budget, FeelError, compile, from_feel, to_feel
from engine.feel.values import FeelValue
from pathways.forms import words
from pathways.forms.answers import Answer, Posted, Reading, decimal, read_answer
from pathways.forms.fields import Field, Option, read_field, read_options

Values = Mapping[str, FeelValue]
HOUR = "__heure"
MOST_ROWS = 50


@dataclass(frozen=True)
class Form:
    """A form-js form. Its answers are posted under each field's dotted key; the hour of a date and time under
    `<key>__heure`; a row of a repeated list under `<list>.<n>.<key>`."""

    id: str
    fields: tuple[Field, ...]

    @classmethod
    def read(cls, content: bytes, file: str = "") -> "Form":
        """Raises PathwayError naming the field that cannot be taken."""
        return _read(content, file)

    def walk(self) -> Iterator[Field]:
        """Every field in the order of the page, groups before what they hold."""
        for field in self.fields:
            yield from field.walk()

    def options(self, field: Field, known: Values) -> tuple[Option, ...]:
        """The choices of a field, its own or those that the case holds."""
        if not field.options_from:
            return field.options
        return read_options(from_feel(_feel(field.options_from, known)))

    def hidden(self, known: Values) -> frozenset[str]:
        """The ids of the fields whose condition hides them, with all that hidden groups hold."""
        return frozenset(id for field in self.fields for id in _hidden(field, known, False))

    def hidden_by(self, answers: Mapping[str, Posted], known: Values, *, timezone: str = "Europe/Paris") -> frozenset[str]:
        """The ids of the fields that these answers hide, as they stand so far, right or wrong."""
        read = {field.key: self._read(field, answers, known, timezone, None) for field in self.walk() if _asked(field)}
        said = _nested({key: _value(read[key]) for key in self._visible(read, known)})
        return self.hidden(_merged(known, said, ()))

    def text(self, field: Field, known: Values) -> str:
        """The words of a text field, with its `{{expressions}}` in place."""
        if field.text.startswith("="):
            return _shown(_feel(field.text[1:], known))
        parts = field.text.split("{{")
        filled = [parts[0]]
        for part in parts[1:]:
            expression, closed, rest = part.partition("}}")
            filled.append(_shown(_feel(expression.strip().removeprefix("="), known)) + rest if closed else "{{" + part)
        return "".join(filled)

    def prefill(self, known: Values) -> dict[str, str | list[str]]:
        """What stands in each box before the person types, as texts an HTML form would post."""
        filled: dict[str, str | list[str]] = {}
        for field in self.walk():
            if field.type == "dynamiclist":
                filled |= _prefill_rows(field, _at(known, field.key))
            elif field.key:
                filled |= _prefilled(field, field.key, _at(known, field.key))
        return filled

    def rows(self, field: Field, answers: Mapping[str, Posted]) -> list[int]:
        """The numbers of a list's rows that are posted."""
        start = field.key + "."
        numbers = {key[len(start) :].split(".", 1)[0] for key in answers if key.startswith(start)}
        return sorted(int(number) for number in numbers if number.isdigit() and len(number) < 4)[:MOST_ROWS]

    def check(
        self,
        answers: Mapping[str, Posted],
        known: Values,
        *,
        timezone: str = "Europe/Paris",
        today: date | None = None,
    ) -> dict[str, FeelValue]:
        """The values the pathway gets; raises Invalid with each wrong field's key and what to do about it.

        `known` are the case's variables, which conditions and limits may read. Hidden fields are left out.
        """
        read = {field.key: self._read(field, answers, known, timezone, today) for field in self.walk() if _asked(field)}
        visible = self._visible(read, known)
        problems = {
            key: problem for key in visible for key, problem in _problems(key, read[key]) if problem
        }
        if problems:
            raise Invalid(words.summary(len(problems)), problems, code="answers-invalid")
        return _nested({key: _value(read[key]) for key in visible})

    def _visible(self, read: "Mapping[str, Answer | Rows]", known: Values) -> list[str]:
        """The keys that stay once conditions are applied; a hidden answer may itself hide another, so look again."""
        keys = {field.id: field.key for field in self.walk() if _asked(field)}
        kept = list(keys.values())
        for _ in range(5):
            data = _merged(known, _nested({key: _value(read[key]) for key in kept}), keys.values())
            hidden = self.hidden(data)
            now = [key for id, key in keys.items() if id not in hidden]
            if now == kept:
                break
            kept = now
        return kept

    def _read(
        self, field: Field, answers: Mapping[str, Posted], known: Values, timezone: str, today: date | None
    ) -> "Answer | Rows":
        if field.type == "dynamiclist":
            return [
                {
                    (number, inner.key): self._one(inner, f"{field.key}.{number}.{inner.key}", answers, known, timezone, today)
                    for one in field.components
                    for inner in one.walk()
                    if inner.is_answered
                }
                for number in self.rows(field, answers)
                if _is_filled(answers, f"{field.key}.{number}.")
            ]
        return self._one(field, field.key, answers, known, timezone, today)

    def _one(
        self,
        field: Field,
        key: str,
        answers: Mapping[str, Posted],
        known: Values,
        timezone: str,
        today: date | None,
    ) -> Answer:
        reading = Reading(
            timezone,
            today,
            self.options(field, known),
            _limit(field.validate.get("min"), known),
            _limit(field.validate.get("max"), known),
        )
        hour = answers.get(key + HOUR, "")
        return read_answer(field, answers.get(key), hour if isinstance(hour, str) else "", reading)


Rows = list[dict[tuple[int, str], Answer]]


@lru_cache(maxsize=256)
def _read(content: bytes, file: str) -> Form:
    try:
        schema = orjson.loads(content)
        components = schema["components"]
        return Form(str(schema.get("id") or ""), tuple(read_field(one, "", file) for one in components))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as cause:
        raise PathwayError(
            "Ce formulaire ne se lit pas.",
            file=file,
            hint="Un fichier form-js est attendu\u00a0: du JSON avec une liste « components ».",
            code="form-unreadable",
        ) from cause


def _asked(field: Field) -> bool:
    return field.is_answered or field.type == "dynamiclist"


def _is_filled(answers: Mapping[str, Posted], start: str) -> bool:
    return any(any(part.strip() for part in ([v] if isinstance(v, str) else v)) for k, v in answers.items() if k.startswith(start))


def _problems(key: str, read: Answer | Rows) -> list[tuple[str, str]]:
    if isinstance(read, Answer):
        return [(key, read.problem)]
    return [(f"{key}.{number}.{name}", one.problem) for row in read for (number, name), one in row.items()]


def _value(read: Answer | Rows) -> FeelValue:
    if isinstance(read, Answer):
        return None if read.problem else read.value
    return [_nested({name: one.value for (_, name), one in row.items()}) for row in read]


def _hidden(field: Field, known: Values, inherited: bool) -> Iterator[str]:
    hides = inherited or (field.hide is not None and _is_true(field, known))
    if hides:
        yield field.id
    for component in field.components:
        yield from _hidden(component, known, hides)


def _is_true(field: Field, known: Values) -> bool:
    try:
        return field.hide is not None and field.hide.evaluate(known, budget=Budget()) is True
    except FeelError:
        return False


def _feel(text: str, known: Values) -> FeelValue:
    try:
        return compile(text).evaluate(known, budget=Budget())
    except FeelError:
        return None


def _limit(bound: object, known: Values) -> Decimal | None:
    if isinstance(bound, str) and bound.startswith("="):
        value = _feel(bound[1:], known)
        return value if isinstance(value, Decimal) else None
    return None if bound is None or bound == "" else decimal(bound)


def _at(values: Values, key: str) -> FeelValue:
    value: FeelValue = dict(values)
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _nested(values: Values) -> dict[str, FeelValue]:
    nested: dict[str, FeelValue] = {}
    for key, value in values.items():
        *outer, last = key.split(".")
        place = nested
        for part in outer:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place[last] = value
    return nested


def _merged(known: Values, data: Values, keys: object) -> dict[str, FeelValue]:
    """The case's variables with the answers over them; a group's answers join the variable of that name."""
    merged = dict(known)
    for name, value in data.items():
        before = merged.get(name)
        merged[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _prefill_rows(field: Field, value: FeelValue) -> dict[str, str | list[str]]:
    filled: dict[str, str | list[str]] = {}
    for number, row in enumerate(value if isinstance(value, list) else []):
        for one in field.components:
            for inner in one.walk():
                if inner.key and isinstance(row, dict):
                    filled |= _prefilled(inner, f"{field.key}.{number}.{inner.key}", _at(row, inner.key))
    return filled


def _prefilled(field: Field, key: str, value: FeelValue) -> dict[str, str | list[str]]:
    if value is None:
        value = to_feel(field.default)
    if value is None or value == "":
        return {}
    if isinstance(value, list):
        return {key: [_boxed(one) for one in value]}
    if field.subtype == "datetime":
        day, _, hour = str(from_feel(value)).partition("T")
        return {key: day, key + HOUR: hour[:5]}
    if field.subtype == "time":
        return {key: str(from_feel(value))[:5]}
    return {key: words.plain(value) if isinstance(value, Decimal) and field.type == "number" else _boxed(value)}


def _boxed(value: FeelValue) -> str:
    return Option(from_feel(value), "").text


def _shown(value: FeelValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return words.plain(value) if isinstance(value, Decimal) else str(from_feel(value))
