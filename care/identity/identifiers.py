"""The number of a patient (INS): read, checked, masked; and how ages and days are said.

A wrong key is a warning unless `strict`; a wrong shape is always refused.
"""

import re
from datetime import date

from base.errors import Invalid
from base.identifiers import Number, Typed, bare, checked

INS = re.compile(r"[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{3}\d{3}\d{2}", re.ASCII)
INS_OIDS = {
    "1.2.250.1.213.1.4.8": "INS-NIR",
    "1.2.250.1.213.1.4.9": "INS-NIA",
    "1.2.250.1.213.1.4.10": "INS-NIR-TEST",
    "1.2.250.1.213.1.4.11": "INS-NIR-DEMO",
}
"""The authorities of an INS, by the names that FHIR gives them in France."""
FICTITIOUS = frozenset({"INS-NIR-TEST", "INS-NIR-DEMO"})
CORSICA = {"2A": "19", "2B": "18"}


def read_ins(text: str, *, strict: bool = False) -> Number:
    """An INS (NIR or NIA): 13 signs and a key of 2. Raises Invalid."""
    value = bare(text)
    if not INS.fullmatch(value):
        raise Invalid("Un INS compte 15 caractères : 13, puis une clé de 2.", code="ins")
    expected = ins_key(value[:13])
    return checked(value, has_right_key(value), f"La clé de cet INS devrait être {expected}.", strict, "ins")


def ins_key(number: str) -> str:
    """The key of the 13 first signs: 97 minus their remainder by 97; Corsica's 2A and 2B count as 19 and 18."""
    department = CORSICA.get(number[5:7], number[5:7])
    return f"{97 - int(number[:5] + department + number[7:]) % 97:02d}"


def same_but_key(ins: str | None, other: str | None) -> bool:
    """Two INS that are one number with two keys: a key follows from its number, so one of them is wrong."""
    return ins is not None and other is not None and ins != other and ins[:13] == other[:13]


def has_right_key(ins: str) -> bool:
    """Of a number of the right shape, whether its key is the one that follows from it."""
    return bool(ins) and ins[13:] == ins_key(ins[:13])


def read_matricule(text: str, oid: str, *, strict: bool = False) -> Typed:
    """An INS with the authority that gave it: a NIR, a NIA, or one of the numbers for tests. Raises Invalid.

    A NIA begins with 7 or 8, a NIR with 1 to 4.
    """
    kind = INS_OIDS.get(oid)
    if kind is None:
        raise Invalid("L’autorité de cet INS est inconnue.", code="ins")
    number = read_ins(text, strict=strict)
    if kind in ("INS-NIR", "INS-NIA") and (kind == "INS-NIA") != (number.value[0] in "78"):
        raise Invalid("Cet INS n’est pas de l’autorité qui l’accompagne.", code="ins")
    return Typed(kind, number)


def mask_ins(ins: str) -> str:
    """« 2 79 03 ** *** *** ** »: what may stand on a screen before anybody asks for the rest."""
    value = bare(ins)
    return f"{value[:1]} {value[1:3]} {value[3:5]} ** *** *** **" if len(value) == 15 else ""


def show_ins(ins: str) -> str:
    """« 2 79 03 51 215 189 89 »"""
    value = bare(ins)
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
