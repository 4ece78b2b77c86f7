"""Days as French says them."""

from datetime import date

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def ordinal(number: int) -> str:
    """« 1er », « 2 »."""
    return "1er" if number == 1 else str(number)


def say_day(day: date) -> str:
    """« 12 mars 1979 », « 1er mars 1979 »."""
    return f"{say_day_of_year(day)} {day.year}"


def say_day_of_year(day: date) -> str:
    """« 12 mars »."""
    return f"{ordinal(day.day)} {MONTHS[day.month - 1]}"
