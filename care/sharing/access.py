"""The journal of looks: who looked at which case, when, at what, in which role and by what right."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from base.prepared import Prepared
from care.tables import access_log
from care.tables import case as cases
from people.persons import Person

ADD = Prepared(insert(access_log))
MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Look:
    """One look at a case; `what` is what was shown (`case`, `task`, `ins`, `document`…), `ground` by what right."""

    at: datetime
    person: str
    case: str
    what: str
    role: str | None = None
    ground: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which looks: by whom, since and until when."""

    person: str = ""
    since: datetime | None = None
    until: datetime | None = None


ANY = Wanted()


def record(
    session: Session,
    clock: Clock,
    person: Person,
    case: str,
    what: str,
    *,
    ground: str | None = None,
    roles: frozenset[str] = frozenset(),
) -> None:
    """Note a look. A page that only reads gives it a transaction of its own: what it reads is never committed."""
    look = {"tenant": person.tenant, "id": new_id(), "at": clock.now(), "person": person.id, "case": case, "what": what}
    ADD.write(session, [{**look, "role": ", ".join(sorted(roles))[:120] or None, "ground": ground}])


def looks(session: Session, tenant: str, case: str, limit: int = 200) -> list[Look]:
    """The last looks at a case, the latest first."""
    return _read(session, tenant, [case], ANY, limit)


def looks_at(session: Session, tenant: str, patient: str, wanted: Wanted = ANY, limit: int = 500) -> list[Look]:
    """The looks at any case of a patient, the latest first: what answers « who looked at my file? »."""
    theirs = session.scalars(select(cases.c.id).where(cases.c.tenant == tenant, cases.c.patient == patient)).all()
    return _read(session, tenant, list(theirs), wanted, limit)


def forget(session: Session, clock: Clock, tenant: str, months: int) -> int:
    """Delete the looks that are older than they are kept; the database itself refuses to delete young ones."""
    old = (access_log.c.tenant == tenant, access_log.c.at < clock.now() - months * MONTH)
    return len(session.execute(delete(access_log).where(*old).returning(access_log.c.id)).all())


def _read(session: Session, tenant: str, of_cases: list[str], wanted: Wanted, limit: int) -> list[Look]:
    query = select(access_log).where(access_log.c.tenant == tenant, access_log.c.case.in_(of_cases))
    if wanted.person:
        query = query.where(access_log.c.person == wanted.person)
    if wanted.since is not None:
        query = query.where(access_log.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(access_log.c.at < wanted.until)
    found = session.execute(query.order_by(access_log.c.at.desc(), access_log.c.id.desc()).limit(limit))
    return [Look(row.at, row.person, row.case, row.what, row.role, row.ground) for row in found]
