"""What a person reads under a field that must be looked at again."""

from decimal import Decimal

MISSING = "Écrivez une réponse."
NUMBER = "Écrivez un nombre, par exemple 120."
DATE = "Écrivez le jour puis le mois, par exemple 8/12/2026."
TIME = "Écrivez l’heure puis les minutes, par exemple 14:30."
PAST = "Cette date est passée. Choisissez un jour à venir."
EMAIL = "Écrivez une adresse comme nom@exemple.fr."
PHONE = "Écrivez un numéro à dix chiffres, par exemple 06 39 98 12 34."
PATTERN = "Cette réponse n’a pas la forme attendue."
UNTICKED = "Cochez la case pour continuer."
COUNTS = ("Aucune", "Une", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf", "Dix")


def summary(count: int) -> str:
    """« Deux réponses à revoir. »"""
    number = COUNTS[count] if count < len(COUNTS) else str(count)
    return f"{number} réponse{'s' if count > 1 else ''} à revoir."


def choice(has_unknown: bool) -> str:
    return "Choisissez une réponse, ou «\u00a0Inconnu\u00a0»." if has_unknown else "Choisissez une réponse."


def plain(number: Decimal) -> str:
    """A number as it is written in French."""
    text = format(number.normalize(), "f")
    return text.replace(".", ",")


def bounds(value: Decimal, low: Decimal | None, high: Decimal | None) -> str:
    """Why a number is refused, with the slip that is most likely."""
    if low is not None and high is not None:
        said = f"Entre {plain(low)} et {plain(high)}."
    elif low is not None:
        said = f"{plain(low)} au moins."
    else:
        said = f"{plain(high or Decimal(0))} au plus."
    return said + _slip(value, low, high)


def _slip(value: Decimal, low: Decimal | None, high: Decimal | None) -> str:
    if high is not None and value > high and (low or 0) <= value / 10 <= high:
        return " Un zéro de trop\u00a0?"
    if low is not None and 0 < value < low and value * 10 >= low and (high is None or value * 10 <= high):
        return " Un zéro oublié\u00a0?"
    return ""


def decimals(most: int) -> str:
    if most == 0:
        return "Sans virgule\u00a0: un nombre entier."
    return f"{'Un chiffre' if most == 1 else f'{most} chiffres'} au plus après la virgule."


def shortest(least: int) -> str:
    return f"{least} caractères au moins."


def longest(most: int, given: int) -> str:
    return f"{most} caractères au plus, il y en a {given}."
