"""What one request holds: the context, its transaction, and who is asking."""

from contextlib import AbstractContextManager
from typing import cast

from flask import current_app, g, request
from sqlalchemy.orm import Session

from base.errors import Unverified
from inbox.desk import Desk
from pathways.context import Context
from people.persons import Person
from people.rosters.standing_in import coordinating
from people.sign_in import sessions
from people.sign_in.sessions import SignedIn

COOKIE = "jalon_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BY_ITSELF = frozenset({"live.news", "live.stream", "cockpit.active_news"})
"""What a page asks without anybody's doing."""


def context() -> Context:
    """The running program's parts, built once by the roof."""
    return cast(Context, current_app.extensions["jalon"])


def session() -> Session:
    """The transaction of this request, opened when first asked for; under a safe method it only reads."""
    if "transaction" not in g:
        database = context().database
        _open(database.read() if _only_reads() else database.begin())
    return cast(Session, g.session)


def finish(*, commit: bool) -> None:
    """End the transaction of this request, if one was opened; a `session()` asked for afterwards only reads."""
    transaction: AbstractContextManager[Session] | None = g.pop("transaction", None)
    g.settled = True
    if transaction is None:
        return
    if not commit:
        cast(Session, g.session).rollback()
    transaction.__exit__(None, None, None)


def asking() -> SignedIn | None:
    """Who is signed in, read once per request; nobody when the cookie opens nothing."""
    if "asking" not in g:
        token = request.cookies.get(COOKIE)
        acts = request.endpoint not in BY_ITSELF
        g.asking = sessions.signed_in(context().database, context().clock, token, acts=acts) if token else None
    return cast(SignedIn | None, g.asking)


def signed_in() -> SignedIn:
    """Who is asking; raises Unverified when nobody is signed in."""
    found = asking()
    if found is None:
        raise Unverified("Connectez-vous pour continuer.")
    return found


def person() -> Person:
    """The person who is asking; raises Unverified when nobody is signed in."""
    return signed_in().person


def desk() -> Desk:
    """Who asks, in the transaction of this request."""
    known: Desk | None = g.get("desk")
    if known is not None and "transaction" in g and known.session is g.session:
        return known
    who = _who_acts() if known is None else known.person
    g.desk = Desk(session(), context(), who, _only_reads())
    return cast(Desk, g.desk)


def require_recent_sign_in() -> SignedIn:
    """For what must not be done by whoever finds the browser open; raises SignInAgain."""
    known = signed_in()
    sessions.require_recent(context().clock, known)
    return known


def require_sign_in() -> None:
    """For `before_request` of a blueprint that only people who are signed in may use."""
    person()


def _who_acts() -> Person:
    """Who asks, in all their roles: asked with the sign-in, before a writer's turn begins."""
    known = signed_in()
    return coordinating(known.person) if known.coordinates else known.person


def _only_reads() -> bool:
    return request.method in SAFE_METHODS or "settled" in g


def _open(transaction: AbstractContextManager[Session]) -> None:
    g.session = transaction.__enter__()
    g.transaction = transaction
