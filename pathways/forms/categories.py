"""What kind of answer each field of a form is about: what lanes are told apart by."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from care.sharing.visibility import CATEGORIES, CLINICAL
from pathways.forms.fields import Field
from pathways.forms.form import Form
from pathways.forms.prefilled import HOUR

CATEGORY = "categorie"
Box = TypeVar("Box")


def by_id(form: Form) -> Mapping[str, str]:
    """The category of every field, by its id: its own, else that of the group around it, else clinical."""
    return dict(_each(form.fields, CLINICAL))


def by_key(form: Form) -> Mapping[str, str]:
    """The category of every answer, by its key."""
    found = by_id(form)
    return {field.key: found[field.id] for field in form.walk() if field.key}


def shown(form: Form, filled: Mapping[str, Box], seen: Collection[str]) -> dict[str, Box]:
    """Of what stands in a form's boxes, what somebody who sees these categories may read."""
    kinds = by_key(form)
    return {box: value for box, value in filled.items() if kinds.get(_question(form, box), CLINICAL) in seen}


def withheld(form: Form, filled: Mapping[str, Box], seen: Collection[str]) -> list[str]:
    """The category of each question that is answered in these boxes and that such a reader is not shown."""
    kinds, kept = by_key(form), shown(form, filled, seen)
    left_out = {_question(form, box) for box, value in filled.items() if value and box not in kept}
    return [kinds.get(question, CLINICAL) for question in sorted(left_out)]


def told(form: Form, seen: Collection[str]) -> frozenset[str]:
    """The ids of the texts that would tell, from the case, what these categories do not hold."""
    kinds = by_id(form)
    return frozenset(field.id for field in form.walk() if "{{" in field.text and kinds[field.id] not in seen)


def unmarked(form: Form) -> list[Field]:
    """The fields that people answer and that say no category of ours."""
    marked = dict(_each(form.fields, ""))
    return [field for field in form.walk() if field.is_answered and marked[field.id] not in CATEGORIES]


def _question(form: Form, box: str) -> str:
    """The key of the question that a box answers: all rows of a repeated list are one."""
    lists = (field.key for field in form.walk() if field.type == "dynamiclist")
    return next((key for key in lists if box.startswith(f"{key}.")), box.removesuffix(HOUR))


def _each(fields: Sequence[Field], around: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        own = field.properties.get(CATEGORY, "")
        category = own if own in CATEGORIES else around
        yield field.id, category
        yield from _each(field.components, category)
