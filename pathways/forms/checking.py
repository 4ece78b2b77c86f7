"""Checks one answer to a form: reads every field, leaves out what is hidden, names all that must be seen again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.feel import from_feel
from engine.feel.values import FeelValue
from pathways.forms.answers import Answer, Box, Posted, read_answer
from pathways.forms.expressions import evaluate, hidden_ids, limit
from pathways.forms.fields import Field, Option, read_options
from pathways.forms.nesting import Values, merged, nested
from pathways.forms.prefilled import HOUR

MOST_ROWS = 50
PASSES = 5


@dataclass
class Checking:
    """One answer to one form. `known` are the case's variables, `today` and `timezone` those of its readers."""

    fields: tuple[Field, ...]
    answers: Mapping[str, Posted]
    known: Values
    timezone: str
    today: date | None
    values: dict[str, FeelValue] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        asked = [one for part in self.fields for one in part.walk() if one.is_answered or one.type == "dynamiclist"]
        read = {one.id: list(self._read(one)) for one in asked}
        for one in self._shown(asked, read):
            self.values[one.key] = _value(one, read[one.id])
            self.problems |= {key: answer.problem for key, _, answer in read[one.id] if answer.problem}

    def _shown(self, asked: list[Field], read: "Mapping[str, list[Told]]") -> list[Field]:
        """A hidden answer may itself hide another: look again until nothing changes."""
        shown = asked
        for _ in range(PASSES):
            data = merged(self.known, nested({one.key: _value(one, read[one.id]) for one in shown}))
            hidden = {hidden for part in self.fields for hidden in hidden_ids(part, data)}
            now = [one for one in asked if one.id not in hidden]
            if now == shown:
                break
            shown = now
        return shown

    def _read(self, one: Field) -> "Iterator[Told]":
        if one.type != "dynamiclist":
            yield one.key, -1, self._answer(one, one.key)
            return
        inner = [inside for part in one.components for inside in part.walk() if inside.is_answered]
        for number in rows(one, self.answers):
            if self._is_filled(f"{one.key}.{number}."):
                for inside in inner:
                    key = f"{one.key}.{number}.{inside.key}"
                    yield key, number, self._answer(inside, key)

    def _answer(self, one: Field, key: str) -> Answer:
        low, high = (limit(one.validate.get(name), self.known) for name in ("min", "max"))
        given, hour = self.answers.get(key), self.answers.get(key + HOUR, "")
        choices, second = options(one, self.known), hour if isinstance(hour, str) else ""
        return read_answer(one, Box(given, second, self.timezone, self.today, choices, low, high))

    def _is_filled(self, start: str) -> bool:
        given = (value for key, value in self.answers.items() if key.startswith(start))
        return any(part.strip() for value in given for part in ([value] if isinstance(value, str) else value))


Told = tuple[str, int, Answer]


def options(one: Field, known: Values) -> tuple[Option, ...]:
    """The choices of a field, its own or those that the case holds."""
    return read_options(from_feel(evaluate(one.options_from, known))) if one.options_from else one.options


def rows(one: Field, answers: Mapping[str, Posted]) -> list[int]:
    """The numbers of a repeated list's rows among the answers."""
    start = one.key + "."
    numbers = {key[len(start) :].split(".", 1)[0] for key in answers if key.startswith(start)}
    return sorted(int(number) for number in numbers if number.isdecimal() and len(number) < 4)[:MOST_ROWS]


def _value(one: Field, told: list[Told]) -> FeelValue:
    if one.type != "dynamiclist":
        return told[0][2].value
    numbers = dict.fromkeys(number for _, number, _ in told)
    return [
        nested({key.split(".", one.key.count(".") + 2)[-1]: answer.value for key, at, answer in told if at == number})
        for number in numbers
    ]
