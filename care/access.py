"""The journal of looks: who looked at which case, when, and at what."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from base.prepared import Prepared
from care.tables import access_log
from people.persons import Person

ADD = Prepared(insert(access_log))


@dataclass(frozen=True)
class Look:
    """One look at a case; `what` is what was shown: `case`, `task`, `ins`, `document`…"""

    at: datetime
    person: str
    case: str
    what: str


def record(session: Session, clock: Clock, person: Person, case: str, what: str) -> None:
    """Note a look. A page that only reads gives it a transaction of its own: what it reads is never committed."""
    look = {"tenant": person.tenant, "id": new_id(), "at": clock.now(), "person": person.id, "case": case, "what": what}
    ADD.write(session, [look])


def looks(session: Session, tenant: str, case: str, limit: int = 200) -> list[Look]:
    """The last looks at a case, the latest first."""
    query = select(access_log).where(access_log.c.tenant == tenant, access_log.c.case == case)
    found = session.execute(query.order_by(access_log.c.at.desc(), access_log.c.id.desc()).limit(limit))
    return [Look(row.at, row.person, row.case, row.what) for row in found]
