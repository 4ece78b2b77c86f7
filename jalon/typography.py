"""French spacing: no line of a page begins with « : », « ; », « ? », « ! » or « » », nor ends with « « »."""

import re

from jinja2.ext import Extension

NO_BREAK = "\u00a0"
BREAKS = re.compile(r"(?<=[^\s=]) (?=[:;?!»](?![\w=]))|(?<=«) ")
"""Spaces at which a browser would break a line, and no printer would."""


def spaced(text: str) -> str:
    """The same text, holding together what belongs together."""
    return BREAKS.sub(NO_BREAK, text)


class Spacing(Extension):
    """Templates are written with plain spaces, and compiled with the right ones: it costs no request anything.

    What they are given is shown as it was written; the product's own sentences hold their no-break spaces.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return spaced(source)
