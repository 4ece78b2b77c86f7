"""The one character that no text may hold: PostgreSQL keeps no U+0000, so no door takes it on either database."""

import re

from flask import Flask, request

from base.errors import Invalid, NotFound
from inbox.request import SAFE_METHODS

NUL = "\x00"
ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""U+0000 as JSON writes it."""
OWN_READING = ("/webhooks/",)
"""What says itself, field by field, what it takes."""
REFUSED = "Un texte contient un caractère que Jalon ne garde pas (U+0000). Retirez-le, puis recommencez."


def refuse_nul(app: Flask) -> None:
    """Check every request before its view."""
    app.before_request(_check)


def _check() -> None:
    if request.path.startswith(OWN_READING):
        return
    if NUL in request.path:
        raise NotFound("Cette adresse n’existe pas.")
    if any(NUL in text for pair in request.args.items(multi=True) for text in pair) or _stands_in_body():
        raise Invalid(REFUSED, code="character-refused")


def _stands_in_body() -> bool:
    """What comes as a file, or beside one, is read by the view that knows how large it may be."""
    if request.method in SAFE_METHODS:
        return False
    if request.is_json:
        return ESCAPED.search(request.get_data()) is not None
    if request.mimetype == "application/x-www-form-urlencoded":
        return any(NUL in text for pair in request.form.items(multi=True) for text in pair)
    return False
