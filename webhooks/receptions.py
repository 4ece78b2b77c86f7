"""The messages received: stored sealed, once per partner and message id, each with what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound
from base.ids import new_id
from base.jobs.claims import MAX_ATTEMPTS
from base.prepared import Prepared, Query, insert_once
from care.case import cases
from pathways.context import Context
from pathways.facts import Fact
from webhooks.formats import FORMATS
from webhooks.tables import reception as receptions

RECEIVED, WAITING, DONE, REFUSED, FAILED = "received", "waiting", "done", "refused", "failed"
ERASED = "erased"
TOLD = {
    RECEIVED: "Le message est gardé et va être traité.",
    WAITING: "Aucun dossier ne correspond encore à cette venue. Le message est gardé et sera remis dès son ouverture.",
    DONE: "Le message a été traité.",
    ERASED: "La personne de ce séjour a été effacée. Rien de ce message n’est gardé.",
    FAILED: "Le traitement n’a pas abouti. Le message est gardé et l’équipe est prévenue.",
}
GIVEN_UP = "Le message n’a pas pu être traité, et l’équipe y a renoncé."

ADD = insert_once(receptions, "tenant", "partner", "message_id")
OF_TENANT = select(receptions).where(receptions.c.tenant == bindparam("tenant"))
ONE = Query(OF_TENANT.where(receptions.c.id == bindparam("id")))
SAME = Query(
    OF_TENANT.where(receptions.c.partner == bindparam("partner"), receptions.c.message_id == bindparam("message_id"))
)
WAITING_FOR = Query(
    select(receptions.c.id)
    .where(receptions.c.tenant == bindparam("tenant"), receptions.c.partner == bindparam("partner"))
    .where(receptions.c.venue_blind == bindparam("venue"), receptions.c.state == WAITING)
    .where(receptions.c.id != bindparam("opener"))
    .order_by(receptions.c.received_at, receptions.c.id)
)
SETTLING = ("opened", "state", "problem_code", "problem", "attempts", "settled_at")
SETTLE = Prepared(
    update(receptions)
    .where(receptions.c.tenant == bindparam("b_tenant"), receptions.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in SETTLING})
    .values(case=func.coalesce(bindparam("b_case", type_=receptions.c["case"].type), receptions.c["case"]))
)


@dataclass(frozen=True)
class Reception:
    """One received message, without its content."""

    id: str
    partner: str
    message_id: str
    type: str
    venue_blind: str
    received_at: datetime
    state: str
    case: str | None
    problem_code: str | None
    problem: str | None
    settled_at: datetime | None

    @property
    def detail(self) -> str:
        return self.problem or TOLD.get(self.state, "")


@dataclass(frozen=True)
class Stored:
    """A message with its content, as it is kept."""

    reception: Reception
    media_type: str
    sealed: bytes


def store(session: Session, context: Context, partner: str, fact: Fact, media_type: str, body: bytes) -> Reception:
    """Keep a verified message and enqueue its processing; the same message again is the first one.

    Raises Conflict when the id has already served for other content.
    """
    stored = _insert(session, context, partner, fact, media_type, body)
    if stored is None:
        return _same(session, context, partner, fact.message_id, body)
    enqueue(session, context, stored.id, partner, stored.venue_blind)
    return stored


def reception(session: Session, tenant: str, reception_id: str) -> Reception:
    """Raises NotFound."""
    return stored(session, tenant, reception_id).reception


def stored(session: Session, tenant: str, reception_id: str) -> Stored:
    """A message with its content. Raises NotFound."""
    row = ONE.first(session, {"tenant": tenant, "id": reception_id})
    if row is None:
        raise NotFound("Aucun message reçu ne porte ce numéro.", code="reception-unknown")
    return Stored(_reception(row), row.media_type, row.body)


def fact(context: Context, kept: Stored) -> Fact:
    """The Fact of a stored message, read again from its sealed body."""
    return FORMATS[kept.media_type](_open(context, kept.sealed, kept.reception.id), kept.reception.message_id)


def settle(
    session: Session,
    context: Context,
    reception_id: str,
    state: str,
    *,
    case: str | None = None,
    code: str | None = None,
    problem: str | None = None,
    attempts: int = 1,
    opened: bool = False,
) -> None:
    """Write what became of a message; `opened` when the case is its doing."""
    values = {"opened": opened, "state": state, "problem_code": code, "problem": problem, "attempts": attempts}
    one = {"b_tenant": context.tenant, "b_id": reception_id, "b_case": case, "settled_at": context.clock.now()}
    SETTLE.write(session, [one | values])


def enqueue(session: Session, context: Context, reception_id: str, partner: str, venue_blind: str) -> None:
    """Have a message processed; those of one stay go one after the other."""
    context.queue.enqueue(
        session,
        "reception.process",
        {"reception": reception_id},
        serial_key=f"venue:{partner}:{venue_blind}",
        priority=10,
    )


def wake(session: Session, context: Context, partner: str, venue_blind: str, opener: str) -> int:
    """Have the messages that waited for this stay processed again, in the order in which they came."""
    of_stay = {"tenant": context.tenant, "partner": partner, "venue": venue_blind, "opener": opener}
    rows = WAITING_FOR.all(session, of_stay)
    for row in rows:
        enqueue(session, context, row.id, partner, venue_blind)
    return len(rows)


def wake_all(session: Session, context: Context) -> int:
    """Have every waiting message processed again: for after a publication, which may give some of them a pathway."""
    rows = session.execute(
        select(receptions.c.id, receptions.c.partner, receptions.c.venue_blind)
        .where(receptions.c.tenant == context.tenant, receptions.c.state == WAITING)
        .order_by(receptions.c.received_at, receptions.c.id)
    ).all()
    for row in rows:
        enqueue(session, context, row.id, row.partner, row.venue_blind)
    return len(rows)


def again(session: Session, context: Context, reception_id: str) -> None:
    """Have a message that was refused or failed processed anew, once what stopped it is mended. Raises Conflict."""
    found = reception(session, context.tenant, reception_id)
    if found.state not in (REFUSED, FAILED):
        raise Conflict("Ce message n’est pas en échec.", code="reception-not-failed")
    one = (receptions.c.tenant == context.tenant, receptions.c.id == reception_id)
    session.execute(update(receptions).where(*one).values(state=RECEIVED, problem=None, problem_code=None))
    enqueue(session, context, found.id, found.partner, found.venue_blind)


def give_up(session: Session, context: Context, reception_id: str) -> None:
    """A message that failed is not processed any more; its partner is told so when it asks."""
    found = reception(session, context.tenant, reception_id)
    if found.state not in (DONE, REFUSED):
        settle(session, context, reception_id, REFUSED, code="given-up", problem=GIVEN_UP, attempts=MAX_ATTEMPTS)


def forget(session: Session, context: Context, reception_id: str) -> None:
    """Destroy what a message said; that it came, and when, stays."""
    nothing = context.vault.seal_bytes(b"", _place(reception_id))
    nobody = context.vault.blind(new_id(), "erased")
    one = (receptions.c.tenant == context.tenant, receptions.c.id == reception_id)
    session.execute(update(receptions).where(*one).values(body=nothing, venue_blind=nobody))


def opener(session: Session, tenant: str, case: str) -> str | None:
    """The message id that opened a case."""
    return session.scalars(
        select(receptions.c.message_id)
        .where(receptions.c.tenant == tenant, receptions.c["case"] == case, receptions.c.opened)
        .limit(1)
    ).one_or_none()


def listing(session: Session, tenant: str, partner: str, limit: int = 100) -> list[Reception]:
    """The last messages of a partner, newest first."""
    rows = session.execute(
        select(receptions)
        .where(receptions.c.tenant == tenant, receptions.c.partner == partner)
        .order_by(receptions.c.received_at.desc(), receptions.c.id.desc())
        .limit(limit)
    )
    return [_reception(row) for row in rows.all()]


def _insert(
    session: Session, context: Context, partner: str, fact: Fact, media_type: str, body: bytes
) -> Reception | None:
    """The message as it is stored now, or None when its id has served already."""
    received = Reception(
        id=new_id(),
        partner=partner,
        message_id=fact.message_id,
        type=fact.type,
        venue_blind=cases.venue_blind(context.vault, fact.venue),
        received_at=context.clock.now(),
        state=RECEIVED,
        case=None,
        problem_code=None,
        problem=None,
        settled_at=None,
    )
    sealed = context.vault.seal_bytes(body, _place(received.id))
    content = {"tenant": context.tenant, "media_type": media_type, "body": sealed, "opened": False, "attempts": 0}
    return None if ADD.first(session, {**vars(received), **content}) is None else received


def _same(session: Session, context: Context, partner: str, message_id: str, body: bytes) -> Reception:
    """The message that has this id. Raises Conflict when its content is another, as far as it is still known."""
    row = SAME.first(session, {"tenant": context.tenant, "partner": partner, "message_id": message_id})
    if row.state != ERASED and orjson.loads(_open(context, row.body, row.id)) != orjson.loads(body):
        told = "Cet identifiant de message a déjà servi pour un autre contenu. Donnez à celui-ci un webhook-id neuf."
        raise Conflict(told, code="message-id-reused")
    return _reception(row)


def _open(context: Context, sealed: bytes, reception_id: str) -> bytes:
    return context.vault.open_bytes(sealed, _place(reception_id))


def _place(reception_id: str) -> str:
    return f"reception.body:{reception_id}"


def _reception(row: Any) -> Reception:
    return Reception(
        id=row.id,
        partner=row.partner,
        message_id=row.message_id,
        type=row.type,
        venue_blind=row.venue_blind,
        received_at=row.received_at,
        state=row.state,
        case=row.case,
        problem_code=row.problem_code,
        problem=row.problem,
        settled_at=row.settled_at,
    )
