"""What a file adds to somebody whom the directory knows: who they are; how they are reached they say themselves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from sqlalchemy.orm import Session

from people.directory import profiles, structures, words
from people.directory.entries import Entry, Site
from people.directory.profiles import Profile
from people.persons import Person

SAID = ("family_name", "given_name", "rpps", "profession_code", "phone", "email")
"""What a file may say of a person, beside their profession in words."""
UNKNOWN = "?"
"""Stands for the structure that writing would found: nobody practises in it yet."""
AT_ONCE = 500


def match(entry: Entry, known: Mapping[str, Person]) -> Person | None:
    """By RPPS number; by address and name, for a secretariat's address is that of many, when neither of the two numbers
    says that they are two people."""
    if entry.rpps and entry.rpps in known:
        return known[entry.rpps]
    found = known.get(written_to(entry.email, entry.label)) if entry.email else None
    return None if found is None or (entry.rpps and found.rpps) else found


def keys(who: Person) -> list[str]:
    """What `match` knows somebody of the directory by, and their address alone."""
    mail = who.email.casefold()
    return [key for key in (who.rpps, mail, written_to(mail, who.name) if mail else "") if key]


def written_to(mail: str, name: str) -> str:
    """One of those who share an address, whatever the accents and the order of their names."""
    return " ".join([mail.casefold(), *sorted(set(words.words(name)))])


def other_name(entry: Entry, who: Person) -> bool:
    """Whether the file calls them otherwise than the directory does, whatever the accents and the order."""
    return set(words.words(entry.label)) != set(words.words(who.name))


def retold(who: Person, entry: Entry) -> Person:
    """The file says who they are; how they are reached stays as they wrote it themselves."""
    return replace(
        who,
        family_name=entry.family_name,
        given_name=entry.given_name,
        rpps=who.rpps or entry.rpps or None,
        profession_code=entry.profession_code or who.profession_code,
        profession=who.profession or entry.profession_name,
        phone=who.phone or entry.phone,
        email=who.email or entry.email,
    )


def completed(before: Profile, entry: Entry, structure_of: Callable[[Site], str | None]) -> Profile:
    """What was said by the person stays; places of the file replace those of the same structure and join the others."""
    told = [site.practice(structure_of(site)) for site in entry.sites]
    places = {one.place: one for one in (*before.practices, *told)}
    return replace(
        before,
        speciality_code=entry.speciality_code or before.speciality_code,
        speciality_name=entry.speciality_name or before.speciality_name,
        mssante=before.mssante or entry.mssante,
        languages=before.languages or entry.languages,
        skills=_both(before.skills, entry.skills),
        practices=tuple(places.values()),
    )


def unchanged(session: Session, tenant: str, entries: Sequence[Entry], known: Mapping[str, Person]) -> frozenset[Entry]:
    """Those of these entries that say nothing which the directory does not hold already."""

    @cache
    def numbered(finess: str, siret: str) -> str:
        found = structures.by_number(session, tenant, finess, siret)
        return UNKNOWN if found is None else found.id

    def structure_of(site: Site) -> str | None:
        return numbered(site.finess, site.siret) if site.finess or site.siret else None

    matched = [(entry, who) for entry in entries if (who := match(entry, known)) is not None]
    alike = [(entry, who) for entry, who in matched if retold(who, entry) == who]
    same: set[Entry] = set()
    for start in range(0, len(alike), AT_ONCE):
        part = alike[start : start + AT_ONCE]
        said = profiles.profiles(session, tenant, {who.id for _, who in part})
        same |= {entry for entry, who in part if completed(said[who.id], entry, structure_of) == said[who.id]}
    return frozenset(same)


def _both(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*first, *second}))
