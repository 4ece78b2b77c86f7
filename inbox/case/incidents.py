"""What an incident says to somebody who may not read what is clinical: which step, which names, and no value."""

import re

VALUE = re.compile(r'(«[^»]*»|règles? \d+)|"[^"]*(?:"|$)|\{.*\}|\[.*\]|\d[\w.,:+-]*')
"""Values are quoted as FEEL writes them: texts between straight quotes, contexts, lists, numbers and instants."""
WITHHELD = "…"


def told(message: str, *, clinical: bool) -> str:
    """The message, whole or with « … » for each value; the names of steps, columns and variables stand in « »."""
    return message if clinical else VALUE.sub(lambda found: found[1] or WITHHELD, message)
