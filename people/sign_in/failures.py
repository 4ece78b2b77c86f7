"""Failed tries to sign in, counted by what was typed and by where it came from; too many close the door for a while."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, case, delete, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import Unverified
from people.tables import sign_in_failure as rows

LOCKED = timedelta(minutes=15)
TRIES, TRIES_OF_AN_ADDRESS, DEMANDS = 5, 30, 3
"""An address may be that of a whole hospital: it is closed later than a login."""


@dataclass(frozen=True)
class Count:
    """What is counted, and how many failures in a row are too many."""

    key: str
    tries: int = TRIES

    @property
    def hash(self) -> str:
        return digest(self.key)


def of_login(login: str) -> Count:
    return Count(login)


def of_address(address: str) -> Count:
    return Count(f"address {address}", TRIES_OF_AN_ADDRESS)


def of_codes(account: str) -> Count:
    return Count(f"codes {account}")


def of_forgotten(login: str) -> Count:
    return Count(f"forgotten {login}", DEMANDS)


def of_forgotten_from(address: str) -> Count:
    return Count(f"forgotten from {address}", TRIES_OF_AN_ADDRESS)


def tries_left(session: Session, clock: Clock, tenant: str, count: Count) -> int:
    """How many tries are left. Raises Unverified when there were too many."""
    row = session.execute(
        select(rows.c.failures, rows.c.last_at).where(rows.c.tenant == tenant, rows.c.login_hash == count.hash)
    ).one_or_none()
    if row is None or row.last_at <= clock.now() - LOCKED:
        return count.tries
    if row.failures >= count.tries:
        raise Unverified(locked_for(row.last_at + LOCKED - clock.now()), code="locked")
    return count.tries - int(row.failures)


def count_one(session: Session, clock: Clock, tenant: str, count: Count) -> int:
    """Count one failure more; returns the tries that are left. Raises Unverified when others locked meanwhile."""
    left = tries_left(session, clock, tenant, count)
    now = clock.now()
    one = insert_into(session, rows).values(tenant=tenant, login_hash=count.hash, failures=1, last_at=now)
    again = case((rows.c.last_at <= now - LOCKED, 1), else_=rows.c.failures + 1)
    session.execute(
        one.on_conflict_do_update(index_elements=["tenant", "login_hash"], set_={"failures": again, "last_at": now})
    )
    return left - 1


def forget(session: Session, clock: Clock, tenant: str, count: Count) -> None:
    """Drop this count, and all that are too old to matter."""
    mine = and_(rows.c.tenant == tenant, rows.c.login_hash == count.hash)
    session.execute(delete(rows).where(mine | (rows.c.last_at < clock.now() - LOCKED)))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def said(tries: int) -> str:
    """What is left to somebody whose try failed."""
    return f"Il reste {tries} essai{'s' if tries > 1 else ''}." if tries > 0 else locked_for(LOCKED)


def locked_for(duration: timedelta) -> str:
    minutes = max(1, -(-int(duration.total_seconds()) // 60))
    return f"Trop d’essais : réessayez dans {minutes} minute{'s' if minutes > 1 else ''}."
