"""Devices in plain words, from what a browser says of itself: enough for people to know their own."""

BROWSERS = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/")),
    ("Opera", ("OPR/",)),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "Chromium/", "CriOS/")),
    ("Safari", ("Safari/",)),
)
"""In this order: most browsers also say the names of others."""
SYSTEMS = (
    ("iPhone", ("iPhone",)),
    ("iPad", ("iPad",)),
    ("Android", ("Android",)),
    ("Windows", ("Windows",)),
    ("Mac", ("Macintosh",)),
    ("ChromeOS", ("CrOS",)),
    ("Linux", ("Linux",)),
)
UNKNOWN = "Appareil inconnu"
LONGEST = 400


def described(user_agent: str) -> str:
    """« Firefox sur Windows »; what is not a browser is unknown."""
    said = user_agent[:LONGEST]
    browser, system = _first(BROWSERS, said), _first(SYSTEMS, said)
    return " sur ".join(part for part in (browser, system) if part) or UNKNOWN


def _first(names: tuple[tuple[str, tuple[str, ...]], ...], said: str) -> str:
    return next((name for name, marks in names if any(mark in said for mark in marks)), "")
