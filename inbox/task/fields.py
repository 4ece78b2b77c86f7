"""A form as a page shows it: each field with its value, its width, its remarks and its mistake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pathways.forms import Field as FormField
from pathways.forms import Form, Option
from pathways.forms.checking import Checking
from pathways.forms.nesting import Values, at, merged, nested
from pathways.forms.prefilled import HOUR

Boxes = Mapping[str, str | list[str]]
MOST_SEGMENTS = 7
LEGIBLE_SEGMENT = 34
KINDS = {
    "textfield": "line", "textarea": "textarea", "number": "number", "checkbox": "check", "checklist": "checklist",
    "taglist": "checklist", "group": "group", "text": "text", "html": "text", "expression": "text",
}  # fmt: skip
FOLDED = "replie"
HINTS = {"date": "jj/mm/aaaa", "time": "hh:mm"}


@dataclass(frozen=True)
class Field:
    """One field of the page. `kind` chooses its markup; `value` is what its boxes hold.

    A group that `folds` may be closed; it is `open` when something in it is wanted, filled or wrong.
    """

    id: str
    key: str
    kind: str
    label: str
    width: str = "w6"
    hint: str = ""
    source: str = ""
    error: str = ""
    required: bool = False
    optional: bool = False
    unit: str = ""
    decimals: bool = False
    options: tuple[Option, ...] = ()
    value: str | list[str] = ""
    hour: str | None = None
    placeholder: str = ""
    max_length: int = 0
    tight: bool = False
    conditional: bool = False
    hidden: bool = False
    folds: bool = False
    open: bool = True
    fields: "tuple[Field, ...]" = ()


@dataclass(frozen=True)
class Sheet:
    """What a form is shown with: the case's values, what the boxes hold, what is wrong, where values come from.

    `untold` are texts that would tell what the reader's lane leaves out.
    """

    form: Form
    known: Values
    boxes: Boxes
    errors: Mapping[str, str]
    sources: Mapping[str, str]
    hidden: frozenset[str]
    untold: frozenset[str] = frozenset()


def lay_out(sheet: Sheet) -> tuple[Field, ...]:
    """The fields of the page, in the form's order."""
    return _fields(sheet, sheet.form.fields)


def hidden_by(form: Form, boxes: Boxes, known: Values, timezone: str) -> frozenset[str]:
    """The ids of the fields that these answers hide as they stand, right or wrong."""
    answer = Checking(form.fields, boxes, known, timezone, None)
    answer.run()
    return form.hidden(merged(known, nested(answer.values)))


def flat(fields: Sequence[Field], *, hidden: bool = False) -> list[Field]:
    """Every field that stands on the page, those of groups included; with `hidden`, also those that could."""
    kept = [field for field in fields if hidden or not field.hidden]
    return [one for field in kept for one in (field, *flat(field.fields, hidden=hidden))]


def _fields(sheet: Sheet, fields: Sequence[FormField], start: str = "") -> tuple[Field, ...]:
    rows = Counter(field.use_row for field in fields if field.use_row)
    shown = (_field(sheet, field, rows.get(field.use_row, 1), start) for field in fields)
    return tuple(field for field in shown if field is not None)


def _field(sheet: Sheet, field: FormField, beside: int, start: str) -> Field | None:
    """`beside` is how many fields share the row; `start` is the key of the list's row that this one stands in."""
    shown = _shown(sheet, field, beside, start)
    if shown is None:
        return None
    return replace(shown, conditional=field.hide is not None, hidden=field.id in sheet.hidden)


def _shown(sheet: Sheet, field: FormField, beside: int, start: str) -> Field | None:
    if field.type == "dynamiclist":
        return Field(_id(field.id), field.key, "group", field.label, fields=_list_rows(sheet, field))
    if field.type == "group":
        return _group(field, _fields(sheet, field.components, start))
    if field.id in sheet.untold:
        return None
    if KINDS.get(field.type) == "text":
        words = sheet.form.text(field, sheet.known)
        return Field(_id(field.id), "", "text", words) if words else None
    return _answered(sheet, field, beside, start + field.key) if field.is_answered else None


def _group(field: FormField, inner: tuple[Field, ...]) -> Field:
    """The author folds what is seldom needed (`replie` = « oui »); what must be seen opens it."""
    folds = field.properties.get(FOLDED, "").casefold() == "oui"
    seen = any(one.required or one.error or one.value for one in flat(inner))
    return Field(_id(field.id), "", "group", field.label, folds=folds, open=seen or not folds, fields=inner)


def _answered(sheet: Sheet, field: FormField, beside: int, key: str) -> Field:
    options = sheet.form.options(field, sheet.known)
    kind = _kind(field, options)
    empty: str | list[str] = [] if kind == "checklist" else ""
    value = sheet.boxes.get(key, empty)
    low, high = field.validate.get("min"), field.validate.get("max")
    numbers = all(isinstance(bound, int) for bound in (low, high))
    return Field(
        id=_id(key),
        key=key,
        kind=kind,
        label=field.label,
        width=_width(kind, field, beside, options),
        hint=field.description,
        source=sheet.sources.get(key, "") if value and at(sheet.known, key) is not None else "",
        error=sheet.errors.get(key, ""),
        required=field.required,
        optional=not field.required and kind != "check",
        unit=field.unit,
        decimals=field.decimals != 0,
        options=options,
        value=([value] if value else []) if kind == "checklist" and isinstance(value, str) else value,
        hour=str(sheet.boxes.get(key + HOUR, "")) if field.subtype == "datetime" else None,
        placeholder=HINTS.get(field.subtype, f"{low} à {high}" if kind == "number" and numbers else ""),
        max_length=_whole(field.validate.get("maxLength")),
        tight=kind == "choice" and all(len(option.label) <= 2 for option in options),
    )


def _list_rows(sheet: Sheet, field: FormField) -> tuple[Field, ...]:
    """The rows of a repeated list: those that hold something, and the empty ones that the form asks for."""
    filled = sheet.form.rows(field, sheet.boxes)
    numbers = range(max(field.rows, *(number + 2 for number in filled), 1))
    return tuple(
        Field(_id(f"{field.key}.{number}"), "", "group", f"{field.label} {number + 1}",
              fields=_fields(sheet, field.components, f"{field.key}.{number}."))
        for number in numbers
    )  # fmt: skip


def _kind(field: FormField, options: Sequence[Option]) -> str:
    if field.type == "datetime":
        return "datetime" if field.subtype == "datetime" else "line"
    if field.type not in ("select", "radio"):
        return KINDS[field.type]
    few = len(options) <= MOST_SEGMENTS and all(len(option.label) <= LEGIBLE_SEGMENT for option in options)
    return "choice" if few or field.type == "radio" else "select"


def _width(kind: str, field: FormField, beside: int, options: Sequence[Option]) -> str:
    """Of the sheet's six columns: as the form says (of its sixteen), else what the field needs."""
    if field.columns:
        return "w2" if field.columns <= 5 else "w3" if field.columns <= 8 else "w4" if field.columns <= 11 else "w6"
    if beside > 1:
        return "w3" if beside == 2 else "w2"
    if kind in ("choice", "checklist"):
        return "w6" if sum(len(option.label) + 5 for option in options) > 40 else "w4"
    return {"number": "w2", "select": "w4", "datetime": "w4"}.get(kind, "w6")


def _id(name: str) -> str:
    return "c-" + "".join(letter if letter.isalnum() else "-" for letter in name)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0
