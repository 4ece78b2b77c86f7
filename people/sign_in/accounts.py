"""Accounts: a login and a password that open one, and guesses slowed down.

Unlike the rest of the floor, a password is checked in transactions of its own: a failed try must be counted although
the request fails, and no lock may be held while it is checked.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.errors import Conflict, Invalid, Unverified
from base.ids import new_id
from people.sign_in import events as sign_in_events
from people.sign_in import failures, passwords
from people.tables import account as rows
from people.tables import person

DISCONNECTED = "Vous avez été déconnecté après 30 minutes. Votre brouillon vous attend."
UNKNOWN = "Adresse ou mot de passe inconnu."


@dataclass(frozen=True)
class Account:
    """A way in, and whose it is."""

    id: str
    person: str
    login: str
    has_password: bool


def open_account(session: Session, clock: Clock, tenant: str, person_id: str, login: str, password: str) -> str:
    """Give a person a way to sign in; returns the account's id. Raises Invalid, Conflict."""
    name = plain(login)
    if not name:
        raise Invalid("Il faut une adresse pour se connecter.", {"login": "Donnez une adresse de messagerie."})
    check_free(session, tenant, name)
    return _insert(session, clock, tenant, person_id, name, passwords.seal(password))


def open_without_password(session: Session, clock: Clock, tenant: str, person_id: str, login: str) -> str:
    """An account that only another way opens: Pro Santé Connect, a passkey. Raises Conflict."""
    check_free(session, tenant, plain(login))
    return _insert(session, clock, tenant, person_id, plain(login), "")


def check_free(session: Session, tenant: str, login: str) -> None:
    """Raises Conflict when this login opens an account already."""
    if session.execute(select(rows.c.id).where(rows.c.tenant == tenant, rows.c.login == plain(login))).first():
        raise Conflict("Cette adresse ouvre déjà un compte.")


def account(session: Session, account_id: str) -> Account:
    """An account that is open. Raises Unverified."""
    found = session.execute(_open().where(rows.c.id == account_id)).one_or_none()
    if found is None:
        raise Unverified("Ce compte est fermé. Adressez-vous à la coordination.", code="account-closed")
    return _account(found)


def of_person(session: Session, person_id: str) -> Account | None:
    """The oldest open account of somebody who is active."""
    found = session.execute(_open().where(rows.c.person == person_id).order_by(rows.c.created_at)).first()
    return _account(found) if found else None


def owners(tenant: str) -> Select[str]:
    """The ids of those who can come in: everybody else is known to the directory alone."""
    mine = (rows.c.tenant == tenant, rows.c.active)
    return select(rows.c.person).where(*mine).correlate(None)


def coming_in(session: Session, tenant: str, people: Collection[str]) -> set[str]:
    """Those of these people who have an account."""
    return set(session.scalars(owners(tenant).where(rows.c.person.in_(people)))) if people else set()


def check_comes_in(session: Session, person_id: str) -> None:
    """What is given to somebody by name must not wait for who cannot open it. Raises Conflict."""
    if of_person(session, person_id) is None:
        raise Conflict("Cette personne n’a pas de compte : choisissez quelqu’un qui peut ouvrir Jalon.")


def of_login(session: Session, tenant: str, login: str) -> Account | None:
    """The open account that this login names."""
    found = session.execute(_open().where(rows.c.tenant == tenant, rows.c.login == plain(login))).one_or_none()
    return _account(found) if found else None


def password_mark(session: Session, account_id: str) -> str:
    """What is another one once the password is another one; it tells nothing of it."""
    sealed = session.execute(select(rows.c.password_hash).where(rows.c.id == account_id)).scalar_one()
    return failures.digest(sealed)


def check_password(
    database: Database, clock: Clock, tenant: str, login: str, password: str, *, address: str = ""
) -> Account:
    """Whose login and password these are; `address` is where they come from.

    Raises Unverified with what to tell the person: after 5 failures in a row, nothing opens for 15 minutes.
    """
    counts = [failures.of_login(plain(login)), *([failures.of_address(address)] if address else [])]
    with database.read() as session:
        row = session.execute(_open().where(rows.c.tenant == tenant, rows.c.login == plain(login))).one_or_none()
        for count in counts:
            failures.tries_left(session, clock, tenant, count)
    right = passwords.is_right(row.password_hash if row else None, password)
    with database.begin() as session:
        if row is not None and right:
            failures.tries_left(session, clock, tenant, counts[0])
            failures.forget(session, clock, tenant, counts[0])
            _renew_hash(session, row, password)
            return _account(row)
        left = [failures.count_one(session, clock, tenant, count) for count in counts]
        if row is not None:
            kind = "password_wrong" if left[0] else "locked"
            sign_in_events.note(session, clock, tenant, row.person, kind)
    raise Unverified(f"{UNKNOWN} {failures.said(left[0])}")


def change_password(
    session: Session, clock: Clock, tenant: str, account_id: str, new: str, kind: str = "password_changed"
) -> None:
    """Another password from now on; `kind` is what the account's own journal says. Raises Invalid."""
    found = account(session, account_id)
    session.execute(update(rows).where(rows.c.id == account_id).values(password_hash=passwords.seal(new)))
    sign_in_events.note(session, clock, tenant, found.person, kind)


def plain(login: str) -> str:
    """A login as it is kept: whatever its case and the spaces around it."""
    return login.strip().casefold()


def _open() -> Select[str, str, str, str]:
    columns = (rows.c.id, rows.c.person, rows.c.login, rows.c.password_hash)
    return select(*columns).join(person, person.c.id == rows.c.person).where(rows.c.active, person.c.active)


def _account(row: Row[str, str, str, str]) -> Account:
    return Account(row.id, row.person, row.login, bool(row.password_hash))


def _insert(session: Session, clock: Clock, tenant: str, person_id: str, login: str, password_hash: str) -> str:
    values = {
        "tenant": tenant,
        "id": new_id(),
        "person": person_id,
        "login": login,
        "password_hash": password_hash,
        "active": True,
        "created_at": clock.now(),
    }
    session.execute(insert(rows).values(values))
    return str(values["id"])


def _renew_hash(session: Session, row: Row[str, str, str, str], password: str) -> None:
    if passwords.is_outdated(row.password_hash):
        renewed = {"password_hash": passwords.HASHER.hash(password)}
        session.execute(update(rows).where(rows.c.id == row.id).values(renewed))
