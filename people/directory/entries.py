"""One professional as a file tells of them, whatever the file: what the directory can take over."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import orjson

from base.identifiers import Number
from people.directory import words
from people.directory.profiles import Commune, Practice
from people.persons import LONGEST_MAIL, MAIL_ADDRESS


@dataclass(frozen=True)
class Site:
    """Where somebody practises, with the structure's own numbers when it has some."""

    name: str = ""
    finess: str = ""
    siret: str = ""
    address: str = ""
    commune_code: str = ""
    commune: str = ""
    phone: str = ""
    mssante: str = ""
    mode: str = ""

    @property
    def place(self) -> str:
        """What tells this place from the person's others."""
        return (self.finess or self.siret or f"{self.name} {self.commune_code or self.commune}").strip()[:80]

    def practice(self, structure: str | None) -> Practice:
        commune = Commune(self.commune_code, self.commune)
        known = (self.address, commune, self.phone, self.mssante, self.mode or "L")
        return Practice(self.place, self.name, structure, *known)


@dataclass(frozen=True)
class Entry:
    """A professional of a file. `lines` are those that told of them; `fault` is why they cannot be taken over."""

    lines: tuple[int, ...]
    rpps: str = ""
    family_name: str = ""
    given_name: str = ""
    title: str = ""
    profession_code: str = ""
    profession_name: str = ""
    speciality_code: str = ""
    speciality_name: str = ""
    phone: str = ""
    email: str = ""
    mssante: str = ""
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    active: bool = True
    sites: tuple[Site, ...] = field(default=())
    fault: str = ""
    remark: str = ""

    @property
    def label(self) -> str:
        """« DEMO-VIGNAL Anne »"""
        return f"{self.family_name} {self.given_name}".strip() or self.rpps or "sans nom"

    def dump(self) -> str:
        return orjson.dumps(self).decode()


def load(text: str) -> Entry:
    """The entry that `dump` wrote."""
    held = orjson.loads(text)
    sites = tuple(Site(**site) for site in held.pop("sites"))
    held |= {name: tuple(held[name]) for name in ("lines", "languages", "skills")}
    return Entry(**held, sites=sites)


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """One entry for each RPPS number, with the places of all its lines; what has no number stands alone."""
    by_number: dict[str, Entry] = {}
    alone: list[Entry] = []
    for entry in entries:
        if entry.fault or not entry.rpps:
            alone.append(entry)
        elif entry.rpps in by_number:
            by_number[entry.rpps] = _both(by_number[entry.rpps], entry)
        else:
            by_number[entry.rpps] = entry
    return sorted([*by_number.values(), *alone], key=lambda entry: entry.lines)


def _both(first: Entry, second: Entry) -> Entry:
    sites = {site.place: site for site in (*first.sites, *second.sites)}
    skills = tuple(dict.fromkeys((*first.skills, *second.skills)))
    remark = " ; ".join(part for part in (first.remark, _other_name(first, second)) if part)
    lines = (*first.lines, *second.lines)
    return replace(first, lines=lines, sites=tuple(sites.values()), skills=skills, remark=remark)


def _other_name(first: Entry, second: Entry) -> str:
    """Two people under one number are a mistake of the file."""
    if words.words(first.label) == words.words(second.label):
        return ""
    return f"{second.label}, ligne {second.lines[0]}, porte le même numéro RPPS, à vérifier"


def odd(*numbers: Number) -> str:
    """What to look at again about the first of these numbers that is odd, or nothing."""
    wrong = next((one for one in numbers if one.warning), None)
    return "" if wrong is None else f"{wrong.warning[0].lower()}{wrong.warning[1:-1]} : {wrong.value}, à vérifier"


def read_mail(text: str) -> tuple[str, str]:
    """An address, or nothing and what to look at again: « voir secrétariat » is nobody's address."""
    if not text or (MAIL_ADDRESS.fullmatch(text) and len(text) <= LONGEST_MAIL):
        return text, ""
    return "", f"«\u00a0{text[:40]}\u00a0» n’est pas une adresse de courriel, laissée de côté"
