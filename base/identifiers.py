"""The national numbers of professionals and structures: read, checked, told with their kind.

Rules and examples: ANS (RPPS, FINESS). Official samples themselves break some check digits, so a wrong key is a warning
unless `strict`; a wrong shape is always refused. Programs write some numbers with a digit before them that says their
kind (IDNPS for persons, IDNST for structures): both forms are read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from base.errors import Invalid

FINESS = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
RPPS = re.compile(r"\d{11}", re.ASCII)
ADELI = re.compile(r"(?:\d{2}|2[AB]|9[A-F])\d{7}", re.ASCII)
SIREN = re.compile(r"\d{9}", re.ASCII)
SIRET = re.compile(r"\d{14}", re.ASCII)
LA_POSTE = "356000000"
LOCAL_PART = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
MAILBOX = re.compile(rf"{LOCAL_PART}@(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{0,4}}mssante\.fr", re.ASCII)


@dataclass(frozen=True)
class Number:
    """A number in its bare form, and what is odd about it, in French."""

    value: str
    warning: str = ""


@dataclass(frozen=True)
class Typed:
    """A number with its kind: « 810002909371 » is the RPPS 10002909371."""

    kind: str
    number: Number


def read_rpps(text: str, *, strict: bool = False) -> Number:
    """An RPPS number, alone or with the 8 that exchanges put before it (IDNPS). Raises Invalid."""
    value = bare(text)
    value = value[1:] if len(value) == 12 and value[0] == "8" else value
    if not RPPS.fullmatch(value):
        raise Invalid("Un numéro RPPS compte 11 chiffres.", code="rpps")
    return checked(value, is_luhn(value), "La clé de ce numéro RPPS est fausse.", strict, "rpps")


def read_finess(text: str, *, strict: bool = False) -> Number:
    """A FINESS number, alone or with the 1 that exchanges put before it (IDNST). Raises Invalid.

    Corsican numbers hold a letter: their key is not checked.
    """
    value = bare(text)
    value = value[1:] if len(value) == 10 and value[0] == "1" else value
    if not FINESS.fullmatch(value):
        raise Invalid("Un numéro FINESS compte 9 caractères.", code="finess")
    right = not value.isdigit() or is_luhn(value)
    return checked(value, right, "La clé de ce numéro FINESS est fausse.", strict, "finess")


def tried(read: Callable[[str], Number], text: str) -> Number:
    """A number as a file writes it; an empty one when what is written is none."""
    try:
        return read(text)
    except Invalid:
        return Number("")


def read_adeli(text: str, *, strict: bool = False) -> Number:
    """An ADELI number, alone or with the 0 that exchanges put before it; its key has no known rule. Raises Invalid."""
    value = bare(text)
    value = value[1:] if len(value) == 10 and value[0] == "0" else value
    if not ADELI.fullmatch(value):
        raise Invalid("Un numéro ADELI compte 9 caractères.", code="adeli")
    return Number(value)


def read_siren(text: str, *, strict: bool = False) -> Number:
    """A SIREN number. Raises Invalid."""
    value = bare(text)
    if not SIREN.fullmatch(value):
        raise Invalid("Un numéro SIREN compte 9 chiffres.", code="siren")
    return checked(value, is_luhn(value), "La clé de ce numéro SIREN est fausse.", strict, "siren")


def read_siret(text: str, *, strict: bool = False) -> Number:
    """A SIRET number, alone or with the 3 that exchanges put before it (IDNST). Raises Invalid.

    The offices of La Poste follow a rule of their own: their digits add up to a multiple of five.
    """
    value = bare(text)
    value = value[1:] if len(value) == 15 and value[0] == "3" else value
    if not SIRET.fullmatch(value):
        raise Invalid("Un numéro SIRET compte 14 chiffres.", code="siret")
    of_the_post = value.startswith(LA_POSTE) and sum(map(int, value)) % 5 == 0
    return checked(value, of_the_post or is_luhn(value), "La clé de ce numéro SIRET est fausse.", strict, "siret")


def read_idnps(text: str, *, strict: bool = False) -> Typed:
    """The number of a professional as programs exchange it (TRE_G08): its first digit says its kind. Raises Invalid."""
    return _typed(bare(text), PROFESSIONALS, strict, "Ce numéro de professionnel n’a pas une forme connue.", "idnps")


def read_idnst(text: str, *, strict: bool = False) -> Typed:
    """The number of a structure as programs exchange it (TRE_G07): its first digits say its kind. Raises Invalid."""
    return _typed(bare(text), STRUCTURES, strict, "Ce numéro de structure n’a pas une forme connue.", "idnst")


def write_typed(typed: Typed) -> str:
    """The number as programs exchange it. Raises Invalid for a kind that is never written so."""
    for kinds in (PROFESSIONALS, STRUCTURES):
        for prefix, (kind, _) in kinds.items():
            if kind == typed.kind:
                return prefix + typed.number.value
    raise Invalid("Ce numéro ne s’écrit pas avec son type.", code="kind")


def read_mssante(text: str) -> str:
    """An address in the trusted mail of health (MSSanté), in small letters. Raises Invalid."""
    value = text.strip().lower()
    if len(value) > 254 or not MAILBOX.fullmatch(value):
        raise Invalid("Une adresse MSSanté finit par « mssante.fr ».", code="mssante")
    return value


def is_luhn(digits: str) -> bool:
    """True when the last digit is the Luhn key of those before it."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(value - 9 * (value > 9) for value in doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def bare(text: str) -> str:
    """Without spaces, dots and dashes, in capitals."""
    return re.sub(r"[\s.-]", "", text).upper()


def checked(value: str, right: bool, warning: str, strict: bool, code: str) -> Number:
    """The number, its wrong key told; or refused when it is read strictly. Raises Invalid."""
    if strict and not right:
        raise Invalid(warning, code=code)
    return Number(value, "" if right else warning)


def _registered(inner: Callable[..., Number], rest: re.Pattern[str], words: str) -> Callable[..., Number]:
    """A number with a rank in the register of a structure or a practice behind it: « 439990003/12 »."""

    def read(text: str, *, strict: bool = False) -> Number:
        found = rest.fullmatch(text)
        if found is None:
            raise Invalid(words, code="register")
        return Number(text, inner(found[1], strict=strict).warning)

    return read


def _national(text: str, *, strict: bool = False) -> Number:
    """A number of a national register, whose shape is not ours to know."""
    if not re.fullmatch(r"[0-9A-Z/]{1,30}", text):
        raise Invalid("Ce numéro de registre n’a pas la forme attendue.", code="register")
    return Number(text)


def _typed(
    value: str, kinds: Mapping[str, tuple[str, Callable[..., Number]]], strict: bool, refusal: str, code: str
) -> Typed:
    """The first kind whose prefix and shape are those of the number; « 4 » and 14 digits come before « 41 »."""
    for prefix, (kind, read) in kinds.items():
        if value.startswith(prefix):
            try:
                return Typed(kind, read(value.removeprefix(prefix), strict=strict))
            except Invalid as wrong:
                if wrong.message.startswith("La clé"):
                    raise
    raise Invalid(refusal, code=code)


REGISTER = "Ce numéro compte le numéro de la structure, « / », puis le rang dans son registre."
OF_FINESS = _registered(read_finess, re.compile(r"([^/]{9})/([0-9A-Z]{1,20})"), REGISTER)
OF_SIREN = _registered(read_siren, re.compile(r"([^/]{9})/([0-9A-Z]{1,20})"), REGISTER)
OF_SIRET = _registered(read_siret, re.compile(r"([^/]{14})/([0-9A-Z]{1,20})"), REGISTER)
OF_RPPS = _registered(read_rpps, re.compile(r"([0-9]{11})/([0-9A-Z]{1,20})"), REGISTER)
PRACTICE = _registered(read_rpps, re.compile(r"([0-9]{11})([0-9]{3})"), REGISTER)
PROFESSIONALS: Mapping[str, tuple[str, Callable[..., Number]]] = {
    "0": ("ADELI", read_adeli),
    "3": ("FINESS/registre", OF_FINESS),
    "4": ("SIREN/registre", OF_SIREN),
    "5": ("SIRET/registre", OF_SIRET),
    "6": ("RPPS/registre", OF_RPPS),
    "8": ("RPPS", read_rpps),
}
STRUCTURES: Mapping[str, tuple[str, Callable[..., Number]]] = {
    "0": ("Cabinet ADELI", read_adeli),
    "1": ("FINESS", read_finess),
    "2": ("SIREN", read_siren),
    "3": ("SIRET", read_siret),
    "4": ("Cabinet RPPS", PRACTICE),
    "40": ("Identifiant national", _national),
    "41": ("ROR", _national),
}
