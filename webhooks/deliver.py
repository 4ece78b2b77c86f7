"""Brings what diagrams throw where it must go: to the partner as a signed call, or to the run that waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import orjson
from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from base.errors import NotFound, PartnerError
from base.ids import new_id
from base.jobs.worker import DELAYS, Work
from care.case import cases
from engine.feel import FeelValue, Plain, from_feel, load
from engine.tables import outbox
from pathways import closing
from pathways.context import Context
from pathways.milestones import MILESTONES
from webhooks import partners, receptions, signature, telling
from webhooks.callbacks import callback
from webhooks.tables import delivery as deliveries

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
WAITING, ROUTED, UNADDRESSED = "waiting", "routed", "unaddressed"
WITHDRAWN = "withdrawn"
WITHHELD = "withheld"
"""Not sent, because the person refuses it or did not agree to it: the row stays as the record of that."""
TIMEOUT = httpx.Timeout(10)
GONE = 410


@dataclass(frozen=True)
class Delivery:
    """One call to a partner, without its content."""

    id: str
    partner: str
    case: str
    milestone: str
    created_at: datetime
    state: str
    attempts: int
    next_at: datetime | None
    last_status: int | None
    delivered_at: datetime | None


def route(context: Context, work: Work) -> None:
    """The job `message.route`: a thrown message becomes a delivery to the partner or an input of a run."""
    with work.finish() as session:
        one = (outbox.c.tenant == context.tenant, outbox.c.id == work.payload["outbox"])
        row = session.execute(select(outbox).where(*one).with_for_update()).one_or_none()
        if row is None or row.state != WAITING:
            return
        if row.kind == "message" and row.name in MILESTONES:
            state = _announce(session, context, row)
        else:
            state = _pass_on(session, context, row)
        session.execute(update(outbox).where(*one).values(state=state))


def send(context: Context, work: Work) -> None:
    """The job `delivery.send`: one signed call; anything but a 2xx is tried again later, 410 ends it."""
    with context.database.read() as session:
        row = _row(session, context, work.payload["delivery"])
        if row.state in (DELIVERED, WITHHELD):
            return
        partner = partners.partner(session, context.tenant, row.partner)
        secret = partners.callback_secret(session, context.vault, context.tenant, row.partner)
        body = _still_told(session, context, row, partner)
    if body is None:
        with work.finish() as session:
            _note(session, context, row.id, row.attempts, row.last_status, {"state": WITHHELD, "next_at": None})
        return
    status = _post(context, partner.callback_url, secret, row.id, body)
    attempts = row.attempts + 1
    if status is not None and 200 <= status < 300:
        with work.finish() as session:
            done = {"state": DELIVERED, "delivered_at": context.clock.now(), "next_at": None}
            _note(session, context, row.id, attempts, status, done)
        return
    given_up = status == GONE
    later = None if given_up else context.clock.now() + DELAYS[min(work.attempt, len(DELAYS)) - 1]
    with work.begin() as session:
        told = {"state": FAILED if given_up else PENDING, "next_at": later}
        _note(session, context, row.id, attempts, status, told)
    answer = f"a répondu {status}" if status else "n’a pas répondu"
    raise PartnerError(f"Le partenaire {answer}.", permanent=status == GONE, code="callback-failed")


def again(session: Session, context: Context, delivery: str) -> None:
    """Try a delivery anew, at once."""
    row = _row(session, context, delivery)
    if row.state not in (DELIVERED, WITHHELD):
        _note(session, context, delivery, row.attempts, row.last_status, {"state": PENDING})
        context.queue.enqueue(session, "delivery.send", {"delivery": delivery})


def give_up(session: Session, context: Context, delivery: str) -> None:
    """A call that failed is not made any more."""
    row = _row(session, context, delivery)
    if row.state == PENDING:
        _note(session, context, delivery, row.attempts, row.last_status, {"state": FAILED, "next_at": None})


def withdraw(session: Session, context: Context, outbox_id: str) -> None:
    """A thrown message that could not be brought anywhere stays here."""
    one = (outbox.c.tenant == context.tenant, outbox.c.id == outbox_id, outbox.c.state == WAITING)
    session.execute(update(outbox).where(*one).values(state=WITHDRAWN))


def listing(session: Session, tenant: str, partner: str, limit: int = 100) -> list[Delivery]:
    """The last calls made to a partner, newest first."""
    rows = session.execute(
        select(deliveries)
        .where(deliveries.c.tenant == tenant, deliveries.c.partner == partner)
        .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
        .limit(limit)
    )
    return [Delivery(**{name: row._mapping[name] for name in Delivery.__annotations__}) for row in rows.all()]


def _announce(session: Session, context: Context, row: Row[*tuple[object, ...]]) -> str:
    case = cases.case(session, row.run)
    if case.partner is None:
        return UNADDRESSED
    partner = partners.partner(session, context.tenant, case.partner)
    if not partner.callback_url:
        return UNADDRESSED
    seen = telling.readable(session, context, case, partner)
    if seen is None:
        return WITHHELD
    delivery = new_id()
    told = callback(
        row.name,
        delivery=delivery,
        occurred_at=row.created_at,
        venue=cases.venue(session, context.vault, case.id),
        message_id=receptions.opener(session, context.tenant, case.id),
        data=telling.told(session, context, case, str(row.element), _plain(row.payload), seen),
    )
    body = orjson.dumps(told)
    session.execute(
        insert(deliveries).values(
            tenant=context.tenant,
            id=delivery,
            partner=case.partner,
            outbox=row.id,
            case=case.id,
            milestone=row.name,
            body=context.vault.seal_bytes(body, f"delivery.body:{delivery}"),
            created_at=context.clock.now(),
            state=PENDING,
            attempts=0,
        )
    )
    context.queue.enqueue(session, "delivery.send", {"delivery": delivery}, dedupe_key=f"delivery:{delivery}")
    return ROUTED


def _still_told(session: Session, context: Context, row: Any, partner: partners.Partner) -> bytes | None:
    """The body, as far as it may be told when it leaves: what the patient says holds from the moment it is known."""
    case = cases.case(session, row.case)
    seen = telling.readable(session, context, case, partner)
    if seen is None:
        return None
    body = context.vault.open_bytes(row.body, f"delivery.body:{row.id}")
    said = orjson.loads(body)
    element = session.scalar(
        select(outbox.c.element).where(outbox.c.tenant == context.tenant, outbox.c.id == row.outbox)
    )
    data = telling.told(session, context, case, element or "", said["data"], seen)
    return body if data == said["data"] else orjson.dumps({**said, "data": data})


def _pass_on(session: Session, context: Context, row: Row[*tuple[object, ...]]) -> str:
    """To the runs that wait for it: a signal to all, a message to the one of its key, its own when it names none."""
    values, actor = _payload(row.payload), f"run:{row.run}"
    if row.kind == "signal":
        context.engine.broadcast(session, signal=row.name, variables=values, actor=actor, sender=row.run)
        return ROUTED
    moved = context.engine.correlate(
        session,
        message=row.name,
        key=row.key or row.run,
        variables=values,
        actor=actor,
        message_id=row.id,
    )
    if moved is not None:
        closing.close_if_ended(session, context, moved)
    return ROUTED


def _payload(stored: bytes) -> dict[str, FeelValue]:
    loaded = load(orjson.loads(stored))
    return loaded if isinstance(loaded, dict) else {}


def _plain(stored: bytes) -> dict[str, Plain]:
    return {name: from_feel(value) for name, value in _payload(stored).items()}


def _post(context: Context, url: str, secret: str, delivery: str, body: bytes) -> int | None:
    headers = {"content-type": "application/json", "user-agent": "Jalon"}
    headers |= signature.sign(secret, delivery, context.clock.now(), body)
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


def _row(session: Session, context: Context, delivery: str) -> Row[*tuple[object, ...]]:
    one = (deliveries.c.tenant == context.tenant, deliveries.c.id == delivery)
    row = session.execute(select(deliveries).where(*one)).one_or_none()
    if row is None:
        raise NotFound("Cet envoi n’existe pas.", code="delivery-unknown")
    return row


def _note(
    session: Session, context: Context, delivery: str, attempts: int, status: int | None, values: Mapping[str, object]
) -> None:
    session.execute(
        update(deliveries)
        .where(deliveries.c.tenant == context.tenant, deliveries.c.id == delivery)
        .values(attempts=attempts, last_status=status, **values)
    )
