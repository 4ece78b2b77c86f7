"""The words that a person is found by: without accents, case or punctuation, and by their beginnings."""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from people.directory.tables import person_word

PARTS = re.compile(r"[a-z0-9]+", re.ASCII)
LONGEST = 60
MOST_ASKED = 6
AFTER_ALL = "{"
"""Sorts after every letter and digit."""


def words(text: str) -> list[str]:
    """« Sainte-Sigolène » gives `sainte` and `sigolene`."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").replace("’", " ").casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:LONGEST] for word in PARTS.findall(bare)]


def index(session: Session, tenant: str, person: str, texts: Iterable[str]) -> None:
    """Replace the words that a person is found by with those of these texts."""
    mine = (person_word.c.tenant == tenant, person_word.c.person == person)
    session.execute(delete(person_word).where(*mine))
    found = sorted({word for text in texts for word in words(text)})
    if found:
        rows = [{"tenant": tenant, "word": word, "person": person} for word in found]
        session.execute(insert(person_word), rows)


def matching(tenant: str, text: str) -> list[Select[tuple[str]]]:
    """For each word asked for, the persons one of whose words begins with it."""
    return [
        select(person_word.c.person).where(
            person_word.c.tenant == tenant, person_word.c.word >= word, person_word.c.word < word + AFTER_ALL
        )
        for word in words(text)[:MOST_ASKED]
    ]
