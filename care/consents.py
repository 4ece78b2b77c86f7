"""What a person agreed to, and what they are opposed to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from base.prepared import Query
from care.tables import consent, opposition

EVERYTHING = "all"
"""The scope of an opposition to any sharing; else it is the key of one pathway."""
OPPOSED = Query(
    select(opposition.c.id)
    .where(opposition.c.patient == bindparam("patient"), opposition.c.until.is_(None))
    .where(or_(opposition.c.scope == EVERYTHING, opposition.c.scope == bindparam("pathway")))
    .limit(1)
)


@dataclass(frozen=True)
class Consent:
    """An agreement; `mode` says how it was given (oral, signature…), `until` is set when it is withdrawn."""

    id: str
    case: str
    patient: str
    mode: str
    recorded_by: str
    at: datetime
    until: datetime | None


def record(
    session: Session, clock: Clock, tenant: str, *, case: str, patient: str, mode: str, recorded_by: str
) -> Consent:
    """Keep that a person agreed to the sharing that a case needs."""
    given = Consent(new_id(), case, patient, mode, recorded_by, clock.now(), None)
    values = {field: getattr(given, field) for field in Consent.__dataclass_fields__}
    session.execute(insert(consent).values(tenant=tenant, **values))
    return given


def current(session: Session, case: str) -> Consent | None:
    """The agreement that holds for a case, if there is one."""
    holds = select(consent).where(consent.c.case == case, consent.c.until.is_(None))
    row = session.execute(holds.order_by(consent.c.at.desc(), consent.c.id.desc()).limit(1)).first()
    return None if row is None else Consent(**{field: getattr(row, field) for field in Consent.__dataclass_fields__})


def withdraw(session: Session, clock: Clock, case: str) -> None:
    """The person takes their agreement back, from now on."""
    holds = (consent.c.case == case, consent.c.until.is_(None))
    session.execute(update(consent).where(*holds).values(until=clock.now()))


def oppose(session: Session, clock: Clock, tenant: str, patient: str, scope: str = EVERYTHING) -> None:
    """The person is opposed to the sharing of everything, or of one pathway: it stops at once."""
    if not is_opposed(session, patient, scope):
        values = {"tenant": tenant, "id": new_id(), "patient": patient, "scope": scope, "since": clock.now()}
        session.execute(insert(opposition).values(values))


def lift(session: Session, clock: Clock, patient: str, scope: str = EVERYTHING) -> None:
    """The person is no longer opposed."""
    holds = (opposition.c.patient == patient, opposition.c.scope == scope, opposition.c.until.is_(None))
    session.execute(update(opposition).where(*holds).values(until=clock.now()))


def is_opposed(session: Session, patient: str, pathway: str) -> bool:
    """True when the person is opposed to the sharing of this pathway, or of everything."""
    return OPPOSED.first(session, {"patient": patient, "pathway": pathway}) is not None
