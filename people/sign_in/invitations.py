"""Invitations: a link that opens one new account, once, within a week; only its hash is kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Invalid, NotFound
from people import persons
from people.sign_in import accounts
from people.sign_in import events as sign_in_events
from people.sign_in.sessions import digest
from people.tables import invitation as rows

LIFE = timedelta(days=7)
OVER = "Ce lien n’ouvre plus rien : il a déjà servi ou il a expiré. Demandez-en un autre à la coordination."


@dataclass(frozen=True)
class Invitation:
    """Whom it is for, and the login that it will open."""

    person: str
    login: str
    expires_at: datetime


def invite(session: Session, clock: Clock, tenant: str, person: str, login: str, by: str) -> str:
    """The link’s token, to hand over; earlier links open nothing any more. Raises Invalid, Conflict."""
    name = accounts.plain(login)
    if "@" not in name or " " in name:
        raise Invalid("Donnez une adresse de messagerie.", {"email": "Par exemple : prenom.nom@exemple.fr."})
    accounts.check_free(session, tenant, name)
    if accounts.of_person(session, person):
        raise Conflict("Cette personne a déjà un compte.", code="account-known")
    now, token = clock.now(), secrets.token_urlsafe(32)
    before = (rows.c.tenant == tenant) & (rows.c.person == person) & rows.c.used_at.is_(None)
    session.execute(update(rows).where(before).values(expires_at=now))
    values = {"tenant": tenant, "token_hash": digest(token), "person": person, "login": name, "made_by": by}
    session.execute(insert(rows).values(**values, made_at=now, expires_at=now + LIFE))
    sign_in_events.note(session, clock, tenant, person, "invited", detail=name)
    return token


def look(session: Session, clock: Clock, tenant: str, token: str) -> Invitation:
    """What a link opens. Raises NotFound."""
    query = select(rows.c.person, rows.c.login, rows.c.expires_at)
    found = session.execute(query.where(*_living(clock, tenant, token))).one_or_none()
    if found is None:
        raise NotFound(OVER, code="invitation-over")
    return Invitation(found.person, found.login, found.expires_at)


def accept(session: Session, clock: Clock, tenant: str, token: str, password: str) -> str:
    """Open the account; returns its id. Raises NotFound, Invalid, Conflict."""
    invited = look(session, clock, tenant, token)
    used = update(rows).where(*_living(clock, tenant, token)).values(used_at=clock.now()).returning(rows.c.person)
    if session.execute(used).first() is None:
        raise NotFound(OVER, code="invitation-over")
    made = accounts.open_account(session, clock, tenant, invited.person, invited.login, password)
    sign_in_events.note(session, clock, tenant, invited.person, "account_opened")
    return made


def waiting(session: Session, clock: Clock, tenant: str) -> list[tuple[persons.Person, Invitation]]:
    """The invitations that nobody has used yet, the last one first."""
    query = select(rows.c.person, rows.c.login, rows.c.expires_at)
    alive = query.where(rows.c.tenant == tenant, rows.c.used_at.is_(None), rows.c.expires_at > clock.now())
    found = session.execute(alive.order_by(rows.c.made_at.desc())).all()
    known = persons.persons(session, [row.person for row in found])
    return [(known[row.person], Invitation(row.person, row.login, row.expires_at)) for row in found]


def _living(clock: Clock, tenant: str, token: str) -> tuple[ColumnElement[bool], ...]:
    mine = (rows.c.tenant == tenant, rows.c.token_hash == digest(token))
    return (*mine, rows.c.used_at.is_(None), rows.c.expires_at > clock.now())
