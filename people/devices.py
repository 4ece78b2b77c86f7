"""Devices in plain words, from what a browser says of itself: enough for people to know their own."""

import re

BROWSERS = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|Chromium|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
)
SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("téléphone Android", r"\bAndroid\b.*\bMobile\b"),
    ("tablette Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("Mac", r"\bMacintosh\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)
UNKNOWN = "Appareil inconnu"
LONGEST = 400


def described(user_agent: str) -> str:
    """« Firefox sur Windows »; what is not a browser is unknown."""
    said = user_agent[:LONGEST]
    browser, system = _first(BROWSERS, said), _first(SYSTEMS, said)
    return " sur ".join(part for part in (browser, system) if part) or UNKNOWN


def _first(names: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, said)), "")
