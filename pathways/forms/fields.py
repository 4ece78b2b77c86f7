"""One field of a form: what form-js says of it, in the few words the product needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from base.errors import PathwayError
from engine import feel
from engine.feel import Expression, FeelError

Json = Mapping[str, object]

ANSWERED = ("textfield", "textarea", "number", "select", "radio", "checkbox", "checklist", "taglist", "datetime")
SHOWN = ("text", "html", "separator", "spacer", "expression", "button", "image", "table")
NESTED = ("group", "dynamiclist")
TYPES = (*ANSWERED, *SHOWN, *NESTED)


@dataclass(frozen=True)
class Option:
    """One choice; `value` is what the pathway gets, `text` what an HTML form posts for it."""

    value: object
    label: str

    @property
    def text(self) -> str:
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


@dataclass(frozen=True)
class Field:
    """A field, a group or a text. `key` is the whole dotted name of its value, empty for what is only shown."""

    id: str
    type: str
    key: str
    label: str
    description: str
    subtype: str = ""
    required: bool = False
    disabled: bool = False
    options: tuple[Option, ...] = ()
    options_from: str = ""
    validate: Json = field(default_factory=dict)
    decimals: int | None = None
    prefix: str = ""
    suffix: str = ""
    text: str = ""
    default: object = None
    hide: Expression | None = None
    rows: int = 1
    properties: Mapping[str, str] = field(default_factory=dict)
    components: "tuple[Field, ...]" = ()
    use_row: str = ""
    columns: int | None = None

    @property
    def is_answered(self) -> bool:
        return self.type in ANSWERED and not self.disabled

    @property
    def unit(self) -> str:
        """What is glued to the number, for example `mmHg`."""
        return self.suffix

    def walk(self) -> "Iterator[Field]":
        """This field and those inside it, but not those inside a repeated list, which have a key per row."""
        yield self
        if self.type != "dynamiclist":
            for component in self.components:
                yield from component.walk()


def read_field(component: Json, path: str, file: str) -> Field:
    """Raises PathwayError naming the field."""
    kind = str(component.get("type", ""))
    name = str(component.get("key") or component.get("path") or "")
    key = ".".join(part for part in (path, name) if part)
    element = str(component.get("id") or key)  # answers are told apart by it
    if kind not in TYPES:
        raise PathwayError(
            f"Le formulaire contient un champ « {kind} », qui n’est pas pris en charge.",
            file=file,
            element=element,
            hint="Choisissez un champ texte, nombre, date, liste, cases ou groupe.",
            code="form-field-unsupported",
        )
    if kind in ANSWERED and not component.get("key"):
        raise PathwayError(
            "Un champ du formulaire n’a pas de nom.",
            file=file,
            element=element,
            hint="Remplissez « Key ».",
            code="form-field-nameless",
        )
    appearance, validate = _object(component, "appearance"), _object(component, "validate")
    return Field(
        id=element,
        type=kind,
        key=key if kind in ANSWERED or kind == "dynamiclist" else "",
        label=str(component.get("label") or component.get("dateLabel") or component.get("timeLabel") or ""),
        description=str(component.get("description") or ""),
        subtype=str(component.get("subtype") or ("date" if kind == "datetime" else "")),
        required=bool(validate.get("required")),
        disabled=bool(component.get("disabled") or component.get("readonly")),
        options=read_options(component.get("values")),
        options_from=_options_from(component),
        validate=validate,
        decimals=_whole(component.get("decimalDigits")),
        prefix=str(appearance.get("prefixAdorner") or ""),
        suffix=str(appearance.get("suffixAdorner") or ""),
        text=str(component.get("text") or component.get("content") or component.get("expression") or ""),
        default=component.get("defaultValue"),
        hide=_hide(component, element, file),
        rows=_whole(component.get("defaultRepetitions")) or 1,
        properties={str(name): str(value) for name, value in _object(component, "properties").items()},
        components=_components(component, "" if kind == "dynamiclist" else _inner(component, path), file),
        use_row=str(_object(component, "layout").get("row") or ""),
        columns=_whole(_object(component, "layout").get("columns")),
    )


def read_options(values: object) -> tuple[Option, ...]:
    """Choices as form-js writes them, or a plain list of values."""
    if not isinstance(values, list):
        return ()
    return tuple(
        Option(value.get("value"), str(value.get("label") or value.get("value")))
        if isinstance(value, Mapping)
        else Option(value, str(value))
        for value in values
    )


def _inner(component: Json, path: str) -> str:
    return ".".join(part for part in (path, str(component.get("path") or "")) if part)


def _components(component: Json, path: str, file: str) -> tuple[Field, ...]:
    inside = component.get("components")
    if not isinstance(inside, list):
        return ()
    return tuple(read_field(one, path, file) for one in inside if isinstance(one, Mapping))


def _options_from(component: Json) -> str:
    if key := component.get("valuesKey"):
        return str(key)
    return str(component.get("valuesExpression") or "").removeprefix("=")


def _hide(component: Json, element: str, file: str) -> Expression | None:
    text = str(_object(component, "conditional").get("hide") or "").removeprefix("=").strip()
    if not text:
        return None
    try:
        return feel.compile(text)
    except FeelError as cause:
        raise PathwayError(
            f"La condition d’affichage d’un champ ne se lit pas\u00a0: {cause}",
            file=file,
            element=element,
            hint="Corrigez l’expression « Hide if ».",
            code="form-condition-unreadable",
        ) from cause


def _object(component: Json, name: str) -> Json:
    value = component.get(name)
    return value if isinstance(value, Mapping) else {}


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None
