"""A sign-in under way, between two pages: a random token names it, ten minutes end it, its use uses it up."""

import secrets
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Unverified
from base.vault import Vault
from people.sign_in.sessions import digest
from people.tables import sign_in_step as rows

LIFE = timedelta(minutes=10)
OVER = "Cette connexion a trop attendu. Recommencez-la."
Notes = dict[str, Any]


def begin(
    session: Session, clock: Clock, vault: Vault, tenant: str, kind: str, notes: Notes, *, life: timedelta = LIFE
) -> str:
    """Keep notes under a new token."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.expires_at < now))
    sealed = vault.seal_bytes(orjson.dumps(notes), _place(digest(token)))
    values = {"tenant": tenant, "token_hash": digest(token), "kind": kind, "notes": sealed, "expires_at": now + life}
    session.execute(insert(rows).values(values))
    return token


def look(session: Session, clock: Clock, vault: Vault, tenant: str, kind: str, token: str) -> Notes:
    """The notes, which stay. Raises Unverified."""
    query = select(rows.c.token_hash, rows.c.kind, rows.c.notes, rows.c.expires_at)
    found = query.where(rows.c.tenant == tenant, rows.c.token_hash == digest(token))
    return _opened(clock, vault, kind, session.execute(found).one_or_none())


def take(session: Session, clock: Clock, vault: Vault, tenant: str, kind: str, token: str) -> Notes:
    """The notes, once: whoever comes second finds nothing. Raises Unverified."""
    mine = (rows.c.tenant == tenant) & (rows.c.token_hash == digest(token)) & (rows.c.kind == kind)
    taken = delete(rows).where(mine).returning(rows.c.token_hash, rows.c.kind, rows.c.notes, rows.c.expires_at)
    return _opened(clock, vault, kind, session.execute(taken).one_or_none())


def _opened(clock: Clock, vault: Vault, kind: str, row: Row[Any, Any, Any, Any] | None) -> Notes:
    if row is None or row.kind != kind or row.expires_at <= clock.now():
        raise Unverified(OVER, code="sign-in-over")
    notes: Notes = orjson.loads(vault.open_bytes(row.notes, _place(row.token_hash)))
    return notes


def _place(token_hash: str) -> str:
    return f"sign_in_step.notes:{token_hash}"
