"""Reads one object of a JSON message, field by field, and notes every wrong one instead of stopping at the first."""

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime

Problems = dict[str, str]

REQUIRED = "Ce champ manque."
UNKNOWN = "Ce champ n’est pas connu. Vérifiez son nom."


class Section:
    """An object at `path` of the message; what was not asked for when it closes is a problem too."""

    def __init__(self, content: dict[str, object], path: str, problems: Problems) -> None:
        self.content, self.path, self.problems = content, path, problems
        self.asked: set[str] = set()

    def note(self, name: str, message: str) -> None:
        self.problems.setdefault(f"{self.path}/{name}", message)

    def take(self, name: str, required: bool) -> object | None:
        """The raw value; null is the same as absent."""
        self.asked.add(name)
        value = self.content.get(name)
        if value is None and required:
            self.note(name, REQUIRED)
        return value

    def text(
        self, name: str, *, required: bool = False, longest: int = 200, pattern: str = "", hint: str = ""
    ) -> str | None:
        value = self.take(name, required)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.note(name, "Écrivez un texte entre guillemets, qui ne soit pas vide.")
            return None
        value = value.strip()
        if len(value) > longest:
            self.note(name, f"{longest} caractères au plus.")
            return None
        if not value.isprintable() or (pattern and not re.fullmatch(pattern, value)):
            self.note(name, hint or "Un caractère n’est pas admis ici.")
            return None
        return value

    def choice(self, name: str, values: Collection[str], *, required: bool = False) -> str | None:
        value = self.take(name, required)
        if value is None:
            return None
        if isinstance(value, str) and value in values:
            return value
        self.note(name, f"Choisissez parmi\u00a0: {', '.join(values)}.")
        return None

    def instant(self, name: str, *, required: bool = False) -> datetime | None:
        value = self.text(name, required=required, longest=40)
        if value is None:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or not 1900 <= instant.year <= 2200:
            self.note(name, "Date, heure et décalage attendus, par exemple 2026-11-20T18:30:00+01:00.")
            return None
        return instant

    def day(self, name: str, *, required: bool = False) -> date | None:
        value = self.text(name, required=required, longest=10)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.note(name, "Date attendue sous la forme aaaa-mm-jj, par exemple 1948-03-07.")
            return None

    def strings(self, name: str, *, pattern: str, hint: str, most: int = 50, required: bool = False) -> tuple[str, ...]:
        values = self._list(name, most, required)
        for index, value in enumerate(values):
            if not isinstance(value, str) or not re.fullmatch(pattern, value.strip()):
                self.note(f"{name}/{index}", hint)
        return tuple(value.strip() for value in values if isinstance(value, str))

    def section(self, name: str, *, required: bool = False) -> "Section | None":
        value = self.take(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.note(name, "Un objet JSON est attendu ici, entre accolades.")
            return None
        return Section(value, f"{self.path}/{name}", self.problems)

    def sections(self, name: str, *, most: int, required: bool = False) -> "Iterator[Section]":
        for index, value in enumerate(self._list(name, most, required)):
            if isinstance(value, dict):
                yield Section(value, f"{self.path}/{name}/{index}", self.problems)
            else:
                self.note(f"{name}/{index}", "Un objet JSON est attendu ici, entre accolades.")

    def close(self) -> None:
        for name in self.content.keys() - self.asked:
            self.note(name[:60], UNKNOWN)

    def _list(self, name: str, most: int, required: bool) -> list[object]:
        value = self.take(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(name, "Une liste est attendue ici, entre crochets.")
            return []
        if len(value) > most:
            self.note(name, f"{most} éléments au plus.")
        if not value and required:
            self.note(name, "Cette liste ne peut pas être vide.")
        return value[:most]
