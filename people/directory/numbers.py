"""The numbers of professionals and structures as files write them: bare, with what is odd about them in words."""

from stdnum import luhn
from stdnum.fr import siret as siret_number

WRONG_KEY = "la clé du numéro {name} {number} est fausse : à vérifier"


def rpps(text: str) -> str:
    """An RPPS number of 11 digits, without the 8 that exchanges put before it; nothing when it is not one."""
    digits = "".join(text.split())
    digits = digits[1:] if len(digits) == 12 and digits[0] == "8" else digits
    return digits if len(digits) == 11 and digits.isascii() and digits.isdigit() else ""


def finess(text: str) -> str:
    """A FINESS number of 9 signs, without the 1 that exchanges put before it; nothing when it is not one."""
    signs = "".join(text.split()).upper()
    signs = signs[1:] if len(signs) == 10 and signs[0] == "1" else signs
    digits = signs.replace("2A", "20", 1).replace("2B", "20", 1) if signs[:2] in ("2A", "2B") else signs
    return signs if len(signs) == 9 and digits.isascii() and digits.isdigit() else ""


def siret(text: str) -> str:
    """A SIRET number of 14 digits; nothing when it is not one."""
    digits = "".join(text.split())
    digits = digits[1:] if len(digits) == 15 and digits[0] == "3" else digits
    return digits if len(digits) == 14 and digits.isascii() and digits.isdigit() else ""


def odd_rpps(number: str) -> str:
    """What to look at again, or nothing: official samples themselves break the key."""
    return "" if not number or luhn.is_valid(number) else WRONG_KEY.format(name="RPPS", number=number)


def odd_structure(finess_number: str, siret_number_: str) -> str:
    """What to look at again about a structure's numbers, or nothing."""
    if finess_number.isdigit() and not luhn.is_valid(finess_number):
        return WRONG_KEY.format(name="FINESS", number=finess_number)
    if siret_number_ and not siret_number.is_valid(siret_number_):
        return WRONG_KEY.format(name="SIRET", number=siret_number_)
    return ""
