"""Accounts and sign-in: passwords checked, guesses slowed down, sessions that end by themselves.

Unlike the rest of the floor, signing in opens its own transactions: a failed try must be counted although the request
fails, and no lock may be held while a password is checked.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Row, bindparam, case, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database, insert_into
from base.errors import Conflict, Invalid, Unverified
from base.ids import new_id
from base.prepared import Query
from people import passwords, persons
from people.persons import Person
from people.tables import account, person, sign_in_failure
from people.tables import sign_in as sign_ins

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
TRIES = 5
LOCKED = timedelta(minutes=15)
DISCONNECTED = "Vous avez été déconnecté après 30 minutes. Votre brouillon vous attend."


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in; `csrf` must come back with every change that they ask for."""

    person: Person
    csrf: str
    account: str


def open_account(session: Session, clock: Clock, tenant: str, person_id: str, login: str, password: str) -> str:
    """Give a person a way to sign in; returns the account's id. Raises Invalid, Conflict."""
    name = _login(login)
    if not name:
        raise Invalid("Il faut une adresse pour se connecter.", {"login": "Donnez une adresse de messagerie."})
    if session.execute(select(account.c.id).where(account.c.tenant == tenant, account.c.login == name)).first():
        raise Conflict("Cette adresse ouvre déjà un compte.")
    values = {
        "tenant": tenant,
        "id": new_id(),
        "person": person_id,
        "login": name,
        "password_hash": passwords.seal(password),
        "active": True,
        "created_at": clock.now(),
    }
    session.execute(insert(account).values(values))
    return str(values["id"])


def sign_in(
    database: Database, clock: Clock, tenant: str, login: str, password: str, *, previous: str | None = None
) -> tuple[str, SignedIn]:
    """A new session's token, to keep in a cookie, and who it is. `previous` is the token that it replaces.

    Raises Unverified with what to tell the person: after 5 failures in a row, nothing opens for 15 minutes.
    """
    with database.read() as session:
        row = _account(session, tenant, login)
        _check_not_locked(session, clock, tenant, login)
    right = passwords.is_right(row.password_hash if row else None, password)
    with database.begin() as session:
        refusal = _refusal(session, clock, tenant, login, right)
        if row is not None and refusal is None:
            _renew_hash(session, row, password)
            _forget(session, clock, tenant, login, previous)
            return _open(session, clock, row)
    raise refusal or Unverified(_tries_left(0))


HOLDER = Query(
    persons.WITH_ROLES.add_columns(sign_ins.c.seen_at, sign_ins.c.csrf, sign_ins.c.account)
    .join(account, account.c.person == person.c.id)
    .join(sign_ins, sign_ins.c.account == account.c.id)
    .where(sign_ins.c.token_hash == bindparam("token_hash"), account.c.active, person.c.active)
    .where(sign_ins.c.expires_at > bindparam("now"), sign_ins.c.seen_at > bindparam("idle"))
)
"""Asked at every request: the session, its holder and their roles in one look."""


def signed_in(database: Database, clock: Clock, token: str) -> SignedIn | None:
    """Who holds this token, or nobody when it is unknown, idle for 30 minutes or older than 12 hours."""
    now, token_hash = clock.now(), _hash(token)
    with database.read() as session:
        held = HOLDER.all(session, {"token_hash": token_hash, "now": now, "idle": now - IDLE})
    if not held:
        return None
    if now - held[0].seen_at >= SEEN_EVERY:
        with database.begin() as session:
            session.execute(update(sign_ins).where(sign_ins.c.token_hash == token_hash).values(seen_at=now))
    return SignedIn(persons.gather(held)[0], held[0].csrf, held[0].account)


def sign_out(database: Database, token: str) -> None:
    """End a session; an unknown token is no fault."""
    with database.begin() as session:
        session.execute(delete(sign_ins).where(sign_ins.c.token_hash == _hash(token)))


def sign_out_everywhere(session: Session, account_id: str) -> int:
    """End all the sessions of an account; returns how many there were."""
    ended = delete(sign_ins).where(sign_ins.c.account == account_id).returning(sign_ins.c.token_hash)
    return len(session.execute(ended).all())


def _account(session: Session, tenant: str, login: str) -> Row[str, str, str, str] | None:
    return session.execute(
        select(account.c.tenant, account.c.id, account.c.person, account.c.password_hash)
        .join(person, person.c.id == account.c.person)
        .where(account.c.tenant == tenant, account.c.login == _login(login), account.c.active, person.c.active)
    ).one_or_none()


def _refusal(session: Session, clock: Clock, tenant: str, login: str, right: bool) -> Unverified | None:
    """What to answer to this try, which is counted when it is wrong. Raises Unverified when others locked meanwhile."""
    failures = _check_not_locked(session, clock, tenant, login)
    if right:
        return None
    now, failure = clock.now(), sign_in_failure.c
    counted = insert_into(session, sign_in_failure).values(
        tenant=tenant, login_hash=_hash(_login(login)), failures=1, last_at=now
    )
    again = case((failure.last_at <= now - LOCKED, 1), else_=failure.failures + 1)
    session.execute(
        counted.on_conflict_do_update(index_elements=["tenant", "login_hash"], set_={"failures": again, "last_at": now})
    )
    return Unverified(_tries_left(TRIES - failures - 1))


def _check_not_locked(session: Session, clock: Clock, tenant: str, login: str) -> int:
    """How many times in a row this login failed. Raises Unverified when it was too many."""
    row = session.execute(
        select(sign_in_failure.c.failures, sign_in_failure.c.last_at).where(
            sign_in_failure.c.tenant == tenant, sign_in_failure.c.login_hash == _hash(_login(login))
        )
    ).one_or_none()
    if row is None or row.last_at <= clock.now() - LOCKED:
        return 0
    if row.failures >= TRIES:
        raise Unverified(_locked_for(row.last_at + LOCKED - clock.now()))
    return int(row.failures)


def _open(session: Session, clock: Clock, row: Row[str, str, str, str]) -> tuple[str, SignedIn]:
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), clock.now()
    values = {
        "tenant": row.tenant,
        "token_hash": _hash(token),
        "account": row.id,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LONGEST,
        "csrf": csrf,
    }
    session.execute(insert(sign_ins).values(values))
    return token, SignedIn(persons.person(session, row.person), csrf, row.id)


def _renew_hash(session: Session, row: Row[str, str, str, str], password: str) -> None:
    if passwords.is_outdated(row.password_hash):
        renewed = {"password_hash": passwords.HASHER.hash(password)}
        session.execute(update(account).where(account.c.id == row.id).values(renewed))


def _forget(session: Session, clock: Clock, tenant: str, login: str, previous: str | None) -> None:
    """Drop what this sign-in replaces, and what time has ended."""
    now = clock.now()
    mine = (sign_in_failure.c.tenant == tenant) & (sign_in_failure.c.login_hash == _hash(_login(login)))
    session.execute(delete(sign_in_failure).where(or_(mine, sign_in_failure.c.last_at < now - LOCKED)))
    over = or_(sign_ins.c.expires_at < now, sign_ins.c.seen_at < now - IDLE)
    session.execute(delete(sign_ins).where(or_(over, sign_ins.c.token_hash == _hash(previous or ""))))


def _login(login: str) -> str:
    return login.strip().casefold()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _tries_left(tries: int) -> str:
    known = "Adresse ou mot de passe inconnu."
    if tries <= 0:
        return f"{known} {_locked_for(LOCKED)}"
    return f"{known} Il reste {tries} essai{'s' if tries > 1 else ''}."


def _locked_for(duration: timedelta) -> str:
    minutes = max(1, -(-int(duration.total_seconds()) // 60))
    return f"Trop d’essais : réessayez dans {minutes} minute{'s' if minutes > 1 else ''}."
