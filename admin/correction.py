"""A value that somebody corrects by hand where a case is stuck: its name, and what is typed for it."""

import re
from decimal import Decimal

from base.errors import Invalid
from engine import feel
from engine.feel import FeelError, FeelValue

NAME = re.compile(r"[^\W\d]\w{0,79}")
NUMBER = re.compile(r"[+-]?\d{1,30}([.,]\d{1,30})?")
TRUTHS = {"vrai": True, "true": True, "faux": False, "false": False}
LONGEST = 2000


def corrected(name: str, text: str) -> dict[str, FeelValue]:
    """The variable with its new value: a number, vrai or faux, an expression behind `=`, else a text.

    Raises Invalid.
    """
    name, text = name.strip(), text.strip()
    if not NAME.fullmatch(name):
        raise Invalid("Écrivez le nom de la valeur comme dans le message, par exemple tension.", code="bad-name")
    if not text or len(text) > LONGEST:
        raise Invalid("Écrivez la nouvelle valeur.", code="bad-value")
    return {name: _value(text)}


def _value(text: str) -> FeelValue:
    if text.startswith("="):
        try:
            return feel.compile(text[1:]).evaluate({})
        except FeelError as error:
            raise Invalid(f"Cette expression ne donne pas de valeur : {error.message}", code="bad-value") from error
    if NUMBER.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return TRUTHS.get(text.casefold(), text)
