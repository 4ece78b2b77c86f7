"""Whom messages do not reach: addresses that send back, messages that were refused, people without any way; and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from inbox.desk import Desk
from inbox.notices import sms
from inbox.notices.ways import is_open
from people import persons
from people.notices import deliveries, preferences, rows
from people.notices.deliveries import BOUNCED, REFUSED, SENT, UNSURE
from people.notices.kinds import QUIET
from people.notices.preferences import CHANNELS, EMAIL, PUSH, SMS
from people.notices.tables import bounced, delivery, notice, subscription
from people.persons import Person
from people.tables import person as people

LATELY = timedelta(days=7)
SENT_BACK, NOT_TAKEN, PERHAPS, NO_WAY = "sent_back", "not_taken", "perhaps", "no_way"
TO_DO = {
    SENT_BACK: "Demandez la bonne adresse et écrivez-la ici. Plus rien ne part vers celle-ci.",
    PERHAPS: "Le message est peut-être arrivé : appelez si c’est pressé.",
    NO_WAY: "Tout se lit dans Jalon seulement : appelez si c’est pressé.",
}
NOT_TAKEN_TO_DO = {
    EMAIL: "Le courrier n’est pas parti : si cela dure, prévenez qui administre Jalon.",
    SMS: "Vérifiez le numéro de mobile, et appelez si c’est pressé.",
    PUSH: "Cet appareil ne reçoit plus rien : la personne peut l’ajouter de nouveau, sous Notifications.",
}
NO_ADDRESS, WANTS_NONE = "Aucune adresse n’est connue.", "Cette personne a choisi de ne rien recevoir."


@dataclass(frozen=True)
class Unreached:
    """Somebody whom the last messages did not reach: by which way, why, since when, and what to do."""

    who: Person
    kind: str
    address: str
    why: str
    to_do: str
    at: datetime


def count(desk: Desk) -> int:
    """How many addresses send back."""
    query = select(func.count()).select_from(bounced).where(bounced.c.tenant == desk.tenant)
    return desk.session.scalar(query) or 0


def unreached(desk: Desk) -> list[Unreached]:
    """Each person once, by name; the gravest reason."""
    found: dict[str, Unreached] = {}
    for one in (*_sent_back(desk), *_failed(desk), *_without_way(desk)):
        found.setdefault(one.who.id, one)
    return sorted(found.values(), key=lambda one: (one.who.family_name, one.who.given_name))


def correct_address(desk: Desk, person_id: str, mail: str) -> None:
    """Write to somebody at another address from now on. Raises Invalid, NotFound."""
    before = persons.person(desk.session, person_id).email
    persons.write_to(desk.session, desk.tenant, person_id, mail)
    for address in (before, mail):
        deliveries.clear(desk.session, desk.tenant, address)


def _sent_back(desk: Desk) -> list[Unreached]:
    marked = select(bounced).where(bounced.c.tenant == desk.tenant)
    known: dict[str, Any] = {row.address: row for row in desk.session.execute(marked)}
    theirs = (people.c.tenant == desk.tenant, people.c.active, func.lower(people.c.email).in_(known))
    found = persons.persons(desk.session, list(desk.session.scalars(select(people.c.id).where(*theirs))))
    rows_of = ((who, known[deliveries.plain(who.email)]) for who in found.values())
    return [Unreached(who, SENT_BACK, row.address, row.reason, TO_DO[SENT_BACK], row.at) for who, row in rows_of]


def _failed(desk: Desk) -> list[Unreached]:
    """Those to whom nothing was handed over since the last message that was not taken."""
    mine = (delivery.c.tenant == desk.tenant, delivery.c.created_at >= desk.now - LATELY)
    wanted = select(delivery).where(*mine, delivery.c.state.in_((SENT, REFUSED, BOUNCED, UNSURE)))
    last: dict[str, Any] = {}
    for row in desk.session.execute(wanted.order_by(delivery.c.at, delivery.c.id)):
        last[row.person] = row
    failed = {key: row for key, row in last.items() if row.state != SENT}
    known = _active(desk, failed)
    return [_of_delivery(known[key], row) for key, row in failed.items() if key in known]


def _of_delivery(who: Person, row: Any) -> Unreached:
    address = "" if row.channel == PUSH else row.address
    if row.state == UNSURE:
        return Unreached(who, PERHAPS, address, "L’envoi s’est interrompu.", TO_DO[PERHAPS], row.at)
    kind = SENT_BACK if row.state == BOUNCED else NOT_TAKEN
    to_do = TO_DO[SENT_BACK] if kind == SENT_BACK else NOT_TAKEN_TO_DO[row.channel]
    return Unreached(who, kind, address, row.reason, to_do, row.at)


def _without_way(desk: Desk) -> list[Unreached]:
    """Those whose notices only their page shows, where messages leave at all."""
    if not any(is_open(desk.context.settings, channel) for channel in CHANNELS):
        return []
    mine = (notice.c.tenant == desk.tenant, notice.c.state == rows.SHOWN, notice.c.ready_at >= desk.now - LATELY)
    last = select(notice.c.person, func.max(notice.c.at, type_=notice.c.at.type).label("at"))
    found = desk.session.execute(last.where(*mine, notice.c.kind.not_in(QUIET)).group_by(notice.c.person))
    since = {row.person: row.at for row in found}
    without = {key: (who, _why_no_way(desk, who)) for key, who in _active(desk, since).items()}
    return [Unreached(who, NO_WAY, "", why, TO_DO[NO_WAY], since[key]) for key, (who, why) in without.items() if why]


def _why_no_way(desk: Desk, who: Person) -> str:
    """Empty when there is a way by now: what their page alone showed was written before it was opened."""
    chosen = preferences.preference(desk.session, desk.tenant, who.id)
    wanted = [way for way in CHANNELS if is_open(desk.context.settings, way) and chosen.wants(way, urgent=True)]
    has = {EMAIL: bool(who.email), SMS: bool(sms.number(who.phone)), PUSH: PUSH in wanted and _has_device(desk, who)}
    if any(has[way] for way in wanted):
        return ""
    return NO_ADDRESS if EMAIL in wanted else WANTS_NONE


def _has_device(desk: Desk, who: Person) -> bool:
    theirs = (subscription.c.tenant == desk.tenant, subscription.c.person == who.id)
    return desk.session.execute(select(subscription.c.id).where(*theirs).limit(1)).first() is not None


def _active(desk: Desk, ids: Iterable[str] | Mapping[str, Any]) -> dict[str, Person]:
    return {key: who for key, who in persons.persons(desk.session, list(ids)).items() if who.active}
