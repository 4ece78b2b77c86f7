"""The communes where patients live, without who lives there: what lists may be narrowed to, and words mistyped."""

from collections.abc import Iterable
from difflib import get_close_matches

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from base.prepared import Query, insert_once
from base.vault import normalise
from care.tables import commune as rows

CLOSE = 0.7
NOTE = insert_once(rows, "tenant", "name")
ALL = Query(select(rows.c.name).where(rows.c.tenant == bindparam("tenant")).order_by(rows.c.name))


def note(session: Session, tenant: str, name: str) -> None:
    """Somebody lives there."""
    if name:
        NOTE.first(session, {"tenant": tenant, "name": name[:120]})


def names(session: Session, tenant: str) -> list[str]:
    """In the order of the alphabet, accents aside."""
    return sorted((row.name for row in ALL.all(session, {"tenant": tenant})), key=normalise)


def nearest(known: Iterable[str], text: str) -> str | None:
    """The commune that somebody may have meant, when it is not what they wrote."""
    by_plain = {normalise(name): name for name in known}
    found = get_close_matches(normalise(text), by_plain, n=1, cutoff=CLOSE)
    return by_plain[found[0]] if found and found[0] != normalise(text) else None
