"""The national numbers of patients, professionals and structures: read, checked, masked; and ages.

Rules and examples: ANS (INS, RPPS, FINESS). Official samples themselves break some check digits, so a wrong key is a
warning unless `strict`; a wrong shape is always refused.
"""

import re
from dataclasses import dataclass
from datetime import date

from base.errors import Invalid

INS = re.compile(r"[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{3}\d{3}\d{2}", re.ASCII)
FINESS = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
RPPS = re.compile(r"\d{11}", re.ASCII)
CORSICA = {"2A": "19", "2B": "18"}
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number in its bare form, and what is odd about it, in French."""

    value: str
    warning: str = ""


def read_ins(text: str, *, strict: bool = False) -> Number:
    """An INS (NIR or NIA): 13 signs and a key of 2. Raises Invalid."""
    value = _bare(text)
    if not INS.fullmatch(value):
        raise Invalid("Un INS compte 15 caractères : 13, puis une clé de 2.", code="ins")
    expected = ins_key(value[:13])
    return _checked(value, value[13:] == expected, f"La clé de cet INS devrait être {expected}.", strict, "ins")


def ins_key(number: str) -> str:
    """The key of the 13 first signs: 97 minus their remainder by 97; Corsica's 2A and 2B count as 19 and 18."""
    department = CORSICA.get(number[5:7], number[5:7])
    return f"{97 - int(number[:5] + department + number[7:]) % 97:02d}"


def read_rpps(text: str, *, strict: bool = False) -> Number:
    """An RPPS number, alone or with the 8 that exchanges put before it (IDNPS). Raises Invalid."""
    value = _bare(text)
    value = value[1:] if len(value) == 12 and value[0] == "8" else value
    if not RPPS.fullmatch(value):
        raise Invalid("Un numéro RPPS compte 11 chiffres.", code="rpps")
    return _checked(value, is_luhn(value), "La clé de ce numéro RPPS est fausse.", strict, "rpps")


def read_finess(text: str, *, strict: bool = False) -> Number:
    """A FINESS number, alone or with the 1 that exchanges put before it (IDNST). Raises Invalid.

    Corsican numbers hold a letter: their key is not checked.
    """
    value = _bare(text)
    value = value[1:] if len(value) == 10 and value[0] == "1" else value
    if not FINESS.fullmatch(value):
        raise Invalid("Un numéro FINESS compte 9 caractères.", code="finess")
    right = not value.isdigit() or is_luhn(value)
    return _checked(value, right, "La clé de ce numéro FINESS est fausse.", strict, "finess")


def is_luhn(digits: str) -> bool:
    """True when the last digit is the Luhn key of those before it."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(value - 9 * (value > 9) for value in doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def mask_ins(ins: str) -> str:
    """« 2 79 03 ** *** *** ** »: what may stand on a screen before anybody asks for the rest."""
    value = _bare(ins)
    return f"{value[:1]} {value[1:3]} {value[3:5]} ** *** *** **" if len(value) == 15 else ""


def show_ins(ins: str) -> str:
    """« 2 79 03 51 215 189 89 »"""
    value = _bare(ins)
    parts = (value[:1], value[1:3], value[3:5], value[5:7], value[7:10], value[10:13], value[13:])
    return " ".join(part for part in parts if part)


def age(born: date, today: date) -> int:
    """Whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def say_age(born: date, today: date) -> str:
    """« 47 ans »; below two years « 8 mois », below one month « 12 jours »."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months >= 24:
        return f"{age(born, today)} ans"
    if months >= 1:
        return f"{months} mois"
    days = max((today - born).days, 0)
    return f"{days} jour{'s' if days > 1 else ''}"


def say_day(day: date) -> str:
    """« 12 mars 1979 », « 1er mars 1979 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def _bare(text: str) -> str:
    return re.sub(r"[\s.-]", "", text).upper()


def _checked(value: str, right: bool, warning: str, strict: bool, code: str) -> Number:
    if strict and not right:
        raise Invalid(warning, code=code)
    return Number(value, "" if right else warning)
