"""A whole form: what is shown, what is filled in beforehand, and what an answer is worth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import orjson

from base.errors import Invalid, PathwayError
from engine.feel.values import FeelValue
from pathways.forms import checking, expressions, nesting, prefilled, words
from pathways.forms.answers import Posted
from pathways.forms.checking import Checking
from pathways.forms.fields import Field, Option, read_field
from pathways.forms.nesting import Values


@dataclass(frozen=True)
class Form:
    """A form-js form.

    Answers are posted under each field's dotted key; the hour of a date and time under `<key>__heure`;
    a row of a repeated list under `<list>.<n>.<key>`.
    """

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
        return checking.options(field, known)

    def hidden(self, known: Values) -> frozenset[str]:
        """The ids of the fields whose condition hides them, with all that hidden groups hold."""
        return frozenset(hidden for field in self.fields for hidden in expressions.hidden_ids(field, known))

    def text(self, field: Field, known: Values) -> str:
        """The words of a text field, with its `{{expressions}}` in place."""
        return expressions.filled_text(field.text, known)

    def prefill(self, known: Values) -> dict[str, str | list[str]]:
        """What stands in each box before the person types, as texts an HTML form would post."""
        filled: dict[str, str | list[str]] = {}
        for field in self.walk():
            filled |= prefilled.prefill(field, known)
        return filled

    def rows(self, field: Field, answers: Mapping[str, Posted]) -> list[int]:
        """The numbers of a repeated list's rows among the answers."""
        return checking.rows(field, answers)

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
        answer = Checking(self.fields, answers, known, timezone, today)
        answer.run()
        if answer.problems:
            raise Invalid(words.summary(len(answer.problems)), answer.problems, code="answers-invalid")
        return nesting.nested(answer.values)


@lru_cache(maxsize=256)
def _read(content: bytes, file: str) -> Form:
    try:
        schema = orjson.loads(content)
        return Form(str(schema.get("id") or ""), tuple(read_field(one, "", file) for one in schema["components"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as cause:
        raise PathwayError(
            "Ce formulaire ne se lit pas.",
            file=file,
            hint="Un fichier form-js est attendu\u00a0: du JSON avec une liste « components ».",
            code="form-unreadable",
        ) from cause
