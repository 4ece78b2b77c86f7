"""What a person typed into a page of ours, our own boxes left out."""

from flask import request

OURS = frozenset({"_csrf", "_liste", "_shown", "_appareil", "_revision"})


def typed() -> dict[str, str | list[str]]:
    """One text a box, several where several choices may be ticked."""
    return {key: values if len(values) > 1 else values[0] for key, values in request.form.lists() if key not in OURS}


def text(name: str, most: int = 4000) -> str:
    """One box as text."""
    return request.form.get(name, "").strip()[:most]
