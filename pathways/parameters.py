"""The parameters of a pathway: what a committee decides, kept beside the diagram and versioned with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from base.calendars import Duration, read_duration
from base.errors import Invalid

NUMBER = re.compile(r"\d{1,9}([.,]\d{1,6})?", re.ASCII)
SAID = re.compile(r"(\d{1,4}(?:[.,]\d{1,6})?)\s+(mois|semaine|jour|heure|minute)s?(?:\s+(ouvré)e?s?)?")
UNITS = {"mois": ("P", "M"), "semaine": ("P", "W"), "jour": ("P", "D"), "heure": ("PT", "H"), "minute": ("PT", "M")}
WORKED = {"jour": ("P", "JO"), "heure": ("PT", "HO")}
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True)
class Parameter:
    """A delay, a number or a word: its value, what it means, where it comes from."""

    value: object
    label: str
    source: str


def read_parameters(said: object) -> dict[str, Parameter]:
    """The `parametres` of `parcours.json`: `{name: {valeur, libelle, source}}`."""
    if not isinstance(said, dict):
        return {}
    return {str(name): _parameter(one) for name, one in said.items()}


def values(parameters: Mapping[str, Parameter]) -> dict[str, object]:
    """What the run knows of them."""
    return {name: parameter.value for name, parameter in parameters.items()}


def stored(parameters: Mapping[str, Parameter]) -> str:
    """The parameters as a version keeps them."""
    said = {name: {"valeur": one.value, "libelle": one.label, "source": one.source} for name, one in parameters.items()}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def _parameter(said: object) -> Parameter:
    if not isinstance(said, dict):
        return Parameter(said, "", "")
    return Parameter(said.get("valeur"), str(said.get("libelle") or ""), str(said.get("source") or ""))


def settle(manifest: bytes, said: Mapping[str, tuple[str, str]]) -> bytes:
    """A `parcours.json` with other values and sources; each value stays of its kind. Raises Invalid naming each."""
    content = orjson.loads(manifest)
    kept, wrong = content.get("parametres") or {}, {}
    for name, (text, source) in said.items():
        if not isinstance(kept.get(name), dict):
            wrong[name] = "Ce parcours n’a pas ce réglage."
            continue
        try:
            kept[name] |= {"valeur": _like(kept[name].get("valeur"), text.strip()), "source": source.strip()}
        except Invalid as refused:
            wrong[name] = refused.message
    if wrong:
        raise Invalid("Des valeurs sont à revoir.", wrong, code="parameters")
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def in_words(value: object) -> str:
    """A delay as people say it: « 4 heures ouvrées »; nothing for what is no delay."""
    try:
        delay = read_duration(value) if isinstance(value, str) else Duration()
    except Invalid:
        return ""
    hours, rest = divmod(delay.exact.total_seconds(), 3600)
    parts = (
        (delay.months, "mois", "mois"), (delay.days, "jour", "jours"), (hours, "heure", "heures"),
        (rest / 60, "minute", "minutes"), (delay.working_days, "jour ouvré", "jours ouvrés"),
        (delay.working.total_seconds() / 3600, "heure ouvrée", "heures ouvrées"),
    )  # fmt: skip
    return ", ".join(
        f"{number:g} {many if number >= 2 else one}".replace(".", ",") for number, one, many in parts if number
    )


def _like(before: object, text: str) -> object:
    """`text` read as what stood there: a number, a delay, an hour of the day or words. Raises Invalid."""
    if isinstance(before, int | float) and not isinstance(before, bool):
        return _number(text)
    if in_words(before):
        return before if in_words(before) == text else _delay(text)
    elif isinstance(before, str) and HOUR.fullmatch(before) and not HOUR.fullmatch(text):
        raise Invalid("Écrivez une heure, par exemple 12:00.")
    if not text:
        raise Invalid("Écrivez une valeur.")
    return text


def _delay(text: str) -> str:
    """« 4 heures ouvrées » or PT4HO, as the latter. Raises Invalid."""
    said = SAID.fullmatch(text)
    written = _written(*said.groups()) if said else text
    try:
        read_duration(written)
    except Invalid as refused:
        raise Invalid("Écrivez un délai, par exemple 2 jours, 3 mois ou 4 heures ouvrées.") from refused
    return written


def _written(number: str, unit: str, worked: str | None) -> str:
    """Working time is written so: P2JO, PT4HO."""
    before, after = (WORKED if worked else UNITS).get(unit, ("", ""))
    return f"{before}{number}{after}" if before else ""


def _number(text: str) -> int | float:
    if not NUMBER.fullmatch(text):
        raise Invalid("Écrivez un nombre, par exemple 3 ou 0,5.")
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() else number
