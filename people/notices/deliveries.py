"""What left, by which way, to where, and how it went: the delivery log; and the addresses that send back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import NotFound
from base.ids import new_id
from base.rows import made
from people.notices.tables import bounced as marks
from people.notices.tables import carried
from people.notices.tables import delivery as rows

QUEUED, SENT, REFUSED, BOUNCED, DROPPED, UNSURE = "queued", "sent", "refused", "bounced", "dropped", "unsure"
STATES = {
    QUEUED: "en attente d’envoi", SENT: "envoyé", REFUSED: "refusé", BOUNCED: "revenu",
    DROPPED: "plus utile, non envoyé", UNSURE: "peut-être envoyé",
}  # fmt: skip


@dataclass(frozen=True)
class Delivery:
    """One message by one way: `reason` says why it did not arrive, never what it held."""

    id: str
    person: str
    channel: str
    address: str
    state: str
    reason: str
    attempts: int
    begun: int
    created_at: datetime
    at: datetime
    letter: bytes | None


def add(
    session: Session, clock: Clock, tenant: str, person: str, channel: str, address: str, notices: Collection[str]
) -> str:
    """Note a message that shall leave with these notices; its id."""
    made_id, now = new_id(), clock.now()
    session.execute(
        insert(rows).values(
            tenant=tenant, id=made_id, person=person, channel=channel, address=address[:254], state=QUEUED, reason="",
            attempts=0, begun=0, created_at=now, at=now,
        )
    )  # fmt: skip
    if notices:
        held = [{"tenant": tenant, "delivery": made_id, "notice": one} for one in sorted(notices)]
        session.execute(insert(carried), held)
    return made_id


def delivery(session: Session, tenant: str, delivery_id: str) -> Delivery:
    """Raises NotFound."""
    row = session.execute(select(rows).where(rows.c.tenant == tenant, rows.c.id == delivery_id)).one_or_none()
    if row is None:
        raise NotFound("Cet envoi n’existe pas.", code="delivery-unknown")
    return made(Delivery, row)


def notices_of(session: Session, tenant: str, delivery_id: str) -> list[str]:
    """The ids of what a message carries."""
    return list(
        session.scalars(select(carried.c.notice).where(carried.c.tenant == tenant, carried.c.delivery == delivery_id))
    )


def note(session: Session, clock: Clock, tenant: str, delivery_id: str, values: Mapping[str, object]) -> None:
    """Say how it went."""
    one = (rows.c.tenant == tenant, rows.c.id == delivery_id)
    session.execute(update(rows).where(*one).values(at=clock.now(), **values))


def latest(session: Session, tenant: str, person: str, most: int = 20) -> list[Delivery]:
    """What left for a person, the last first."""
    query = select(rows).where(rows.c.tenant == tenant, rows.c.person == person)
    return [
        made(Delivery, row)
        for row in session.execute(query.order_by(rows.c.created_at.desc(), rows.c.id.desc()).limit(most))
    ]


def mark_bounced(session: Session, clock: Clock, tenant: str, address: str, reason: str) -> int:
    """An address sends back what it is sent: nothing more goes there; how many messages it is known of."""
    kept = {"reason": reason[:200], "at": clock.now()}
    put = insert_into(session, marks).values(tenant=tenant, address=plain(address), **kept)
    session.execute(put.on_conflict_do_update(index_elements=["tenant", "address"], set_=kept))
    mine = (rows.c.tenant == tenant, rows.c.address == plain(address), rows.c.state == SENT)
    newest = session.scalar(
        select(rows.c.id).where(*mine).order_by(rows.c.created_at.desc(), rows.c.id.desc()).limit(1)
    )
    if newest is None:
        return 0
    note(session, clock, tenant, newest, {"state": BOUNCED, "reason": reason[:200]})
    return 1


def clear(session: Session, tenant: str, address: str) -> bool:
    """The address is right again; whether it was marked."""
    gone = delete(marks).where(marks.c.tenant == tenant, marks.c.address == plain(address)).returning(marks.c.address)
    return session.execute(gone).first() is not None


def bounced(session: Session, tenant: str, addresses: Collection[str]) -> dict[str, str]:
    """Those of these addresses that send back, each with why."""
    wanted = {plain(address) for address in addresses if address}
    query = select(marks.c.address, marks.c.reason).where(marks.c.tenant == tenant, marks.c.address.in_(wanted))
    return {row.address: row.reason for row in session.execute(query)} if wanted else {}


def all_bounced(session: Session, tenant: str) -> dict[str, str]:
    """Every address that sends back, with why."""
    query = select(marks.c.address, marks.c.reason).where(marks.c.tenant == tenant).order_by(marks.c.at.desc())
    return {row.address: row.reason for row in session.execute(query.limit(200))}


def plain(address: str) -> str:
    """One way of writing an address."""
    return address.strip().casefold()[:254]
