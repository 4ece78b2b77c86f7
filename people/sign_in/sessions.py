"""Sessions: opened once somebody is known, found again by their token, listed by device, ended by people or by time."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.errors import Invalid, NotFound, Unverified
from base.ids import new_id
from base.prepared import Query
from base.vault import Vault
from people import persons
from people.persons import Person
from people.rosters.standing_in import coordinates_meanwhile
from people.tables import account, person
from people.tables import sign_in as rows

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
RECENT = timedelta(minutes=10)
WAYS = {
    "password": "mot de passe",
    "code": "mot de passe et code",
    "recovery": "mot de passe et code de secours",
    "passkey": "clé d’accès",
    "psc": "Pro Santé Connect",
}


class SignInAgain(Unverified):
    """What is asked for wants somebody who has just shown who they are."""

    code = "recent-sign-in-required"


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in; `csrf` must come back with every change that they ask for.

    `person` has the roles in which they act now; `roles` are all that they hold; `coordinates` when they replace
    somebody who does.
    """

    person: Person
    csrf: str
    account: str
    session: str
    since: datetime
    way: str = "password"
    acting: str = ""
    situation: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    coordinates: bool = False


@dataclass(frozen=True)
class Opening:
    """What a new session is opened with: whose, how they were known, from which device, in which situation."""

    account: str
    way: str
    device: str = ""
    situation: str = ""
    situations: tuple[str, ...] = ()
    provider_token: str = ""


HOLDER = Query(
    persons.WITH_ROLES.add_columns(
        rows.c.seen_at,
        rows.c.csrf,
        rows.c.account,
        rows.c.id.label("session"),
        rows.c.created_at,
        rows.c.way,
        rows.c.acting,
        rows.c.situation,
        coordinates_meanwhile(person.c.tenant, person.c.id).label("coordinates"),
    )
    .join(account, account.c.person == person.c.id)
    .join(rows, rows.c.account == account.c.id)
    .where(rows.c.token_hash == bindparam("token_hash"), account.c.active, person.c.active)
    .where(rows.c.expires_at > bindparam("now"), rows.c.seen_at > bindparam("idle"))
)
"""Asked at every request: the session, its holder and their roles in one look."""


def open_session(
    session: Session, clock: Clock, vault: Vault, tenant: str, opening: Opening, *, previous: str | None = None
) -> tuple[str, SignedIn]:
    """A new session's token, to keep in a cookie, and who it is. `previous` is the token that it replaces."""
    _sweep(session, clock, previous)
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), clock.now()
    kept = opening.provider_token
    values = {
        "tenant": tenant,
        "token_hash": digest(token),
        "account": opening.account,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LONGEST,
        "csrf": csrf,
        "id": new_id(),
        "way": opening.way,
        "device": opening.device,
        "situation": opening.situation or None,
        "situations": orjson.dumps(opening.situations).decode() if opening.situations else None,
        "provider_token": vault.seal(kept, _place(digest(token))) if kept else None,
    }
    session.execute(insert(rows).values(values))
    return token, _known(HOLDER.all(session, {"token_hash": digest(token), "now": now, "idle": now - IDLE}))


def signed_in(database: Database, clock: Clock, token: str, *, acts: bool = True) -> SignedIn | None:
    """Who holds this token, or nobody when it is unknown, idle for 30 minutes or older than 12 hours.

    What a page asks by itself is no act of the person: it does not keep their session awake.
    """
    now, token_hash = clock.now(), digest(token)
    with database.look() as session:
        held = HOLDER.all(session, {"token_hash": token_hash, "now": now, "idle": now - IDLE})
    if not held:
        return None
    if acts and now - held[0].seen_at >= SEEN_EVERY:
        with database.begin() as session:
            session.execute(update(rows).where(rows.c.token_hash == token_hash).values(seen_at=now))
    return _known(held)


def require_recent(clock: Clock, known: SignedIn) -> None:
    """Raises SignInAgain when the session is not of the last ten minutes."""
    if clock.now() - known.since > RECENT:
        raise SignInAgain("Confirmez d’abord que c’est bien vous.")


def sign_out(database: Database, vault: Vault, token: str) -> str:
    """End a session; an unknown token is no fault. Returns what its identity provider wants back, if any."""
    token_hash = digest(token)
    with database.begin() as session:
        ended = delete(rows).where(rows.c.token_hash == token_hash).returning(rows.c.provider_token)
        kept = session.execute(ended).scalar_one_or_none()
    return vault.open(kept, _place(token_hash)) if kept else ""


def sign_out_everywhere(session: Session, account_id: str, *, but: str = "") -> int:
    """End all the sessions of an account, save the one of that id; returns how many there were."""
    theirs = delete(rows).where(rows.c.account == account_id)
    if but:
        theirs = theirs.where(or_(rows.c.id.is_(None), rows.c.id != but))
    return len(session.execute(theirs.returning(rows.c.token_hash)).all())


def end(session: Session, account_id: str, session_id: str) -> str:
    """End one session of an account; returns its device. Raises NotFound."""
    theirs = (rows.c.account == account_id) & (rows.c.id == session_id)
    found = session.execute(delete(rows).where(theirs).returning(rows.c.device)).one_or_none()
    if found is None:
        raise NotFound("Cet appareil est déjà déconnecté.", code="session-unknown")
    return found.device or ""


def living(session: Session, clock: Clock, account_id: str) -> list[Row[str, str, str, datetime, datetime]]:
    """The sessions of an account that still open something, last seen first."""
    now = clock.now()
    query = select(rows.c.id, rows.c.device, rows.c.way, rows.c.created_at, rows.c.seen_at)
    alive = query.where(rows.c.account == account_id, rows.c.expires_at > now, rows.c.seen_at > now - IDLE)
    return list(session.execute(alive.order_by(rows.c.seen_at.desc())).all())


def situations(session: Session, session_id: str) -> list[str]:
    """The situations among which this session may choose."""
    found = session.execute(select(rows.c.situations).where(rows.c.id == session_id)).scalar_one_or_none()
    return [str(one) for one in orjson.loads(found)] if found else []


def act(session: Session, known: SignedIn, *, role: str | None = None, situation: str | None = None) -> None:
    """Act in one role that the person holds (all of them when empty), or in one of their situations. Raises Invalid."""
    changed: dict[str, str | None] = {}
    if role is not None:
        if role and role not in known.roles:
            raise Invalid("Ce rôle n’est pas le vôtre.", {"role": "Choisissez l’un de vos rôles."})
        changed["acting"] = role or None
    if situation is not None:
        if situation not in situations(session, known.session):
            raise Invalid("Ce lieu d’exercice n’est pas le vôtre.", {"situation": "Choisissez l’un de vos lieux."})
        changed["situation"] = situation
    if changed:
        session.execute(update(rows).where(rows.c.id == known.session).values(changed))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _known(held: Sequence[Any]) -> SignedIn:
    row, who = held[0], persons.gather(held)[0]
    acting = row.acting if row.acting in who.roles else ""
    return SignedIn(
        replace(who, roles=frozenset({acting})) if acting else who,
        row.csrf,
        row.account,
        row.session or "",
        row.created_at,
        row.way or "password",
        acting,
        row.situation or "",
        who.roles,
        bool(row.coordinates),
    )


def _sweep(session: Session, clock: Clock, previous: str | None) -> None:
    """Drop the session that a new one replaces, and those that time has ended."""
    now = clock.now()
    over = or_(rows.c.expires_at < now, rows.c.seen_at < now - IDLE)
    session.execute(delete(rows).where(or_(over, rows.c.token_hash == digest(previous or ""))))


def _place(token_hash: str) -> str:
    return f"sign_in.provider_token:{token_hash}"
