"""What fills the screen of a task that its author declared an alarm: whom to call, and what to tell them."""

from dataclasses import dataclass

from engine.definition import Definition
from inbox import pathway

NUMBER, TO_TELL = "alarme", "a_dire"
"""On a user task: the number to call at once, and what to tell there, each thing between two bars."""


@dataclass(frozen=True)
class Alarm:
    """A call that cannot wait; `why` in the author's words."""

    number: str
    why: str
    to_tell: tuple[str, ...]


def alarm_of(definition: Definition, element: str) -> Alarm | None:
    """Nothing for a task that is no alarm, or whose number is none."""
    number = pathway.property_of(definition, element, NUMBER).strip()
    if not (number.isascii() and number.isdigit()):
        return None
    told = pathway.property_of(definition, element, TO_TELL).split("|")
    why = pathway.property_of(definition, element, pathway.REASON)
    return Alarm(number, why, tuple(one.strip() for one in told if one.strip()))
