"""Duties that fall into an absence: nobody covers them, whichever of the two was declared first."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from base.database import Instant
from base.prepared import Query
from people.notices.kinds import OFF_DUTY
from people.notices.tables import notice
from people.rosters.duty import Shift
from people.rosters.tables import absence
from people.rosters.tables import duty_shift as rows

TENANT: BindParameter[str] = bindparam("tenant")
NAMES = ("sector", "kind", "since", "until", "person", "place", "id")


def _pairs() -> Select[*tuple[Any, ...]]:
    """Each shift with the absence that it falls into, the earliest first."""
    meets = and_(
        absence.c.tenant == rows.c.tenant,
        absence.c.person == rows.c.person,
        absence.c.since < rows.c.until,
        absence.c.until > rows.c.since,
        absence.c.until > absence.c.since,
    )
    columns = [rows.c[name] for name in NAMES]
    asked = select(*columns, absence.c.id.label("absence")).select_from(rows.join(absence, meets))
    return asked.where(rows.c.tenant == TENANT).order_by(rows.c.since, rows.c.id)


TOLD = select(notice.c.id).where(
    notice.c.tenant == TENANT,
    notice.c.person == rows.c.person,
    notice.c.kind == OFF_DUTY,
    notice.c.about == rows.c.id + ":" + absence.c.id,
)
UNTOLD = Query(_pairs().where(rows.c.until > bindparam("now", type_=Instant()), ~TOLD.exists()))
ONE = Query(_pairs().where(rows.c.id == bindparam("shift")).limit(1))


def is_missed(session: Session, tenant: str, shift_id: str) -> bool:
    """Whether a shift still falls into an absence of whoever has it."""
    return ONE.first(session, {"tenant": tenant, "shift": shift_id}) is not None


def missed(session: Session, tenant: str, shifts: Collection[str]) -> frozenset[str]:
    """Those of these shifts in which their person is absent."""
    found = session.execute(_pairs().where(rows.c.id.in_(shifts)), {"tenant": tenant}) if shifts else ()
    return frozenset(row.id for row in found)


def missed_in(session: Session, tenant: str, absences: Collection[str]) -> dict[str, list[Shift]]:
    """By absence, the shifts that fall into it."""
    found: dict[str, list[Shift]] = {}
    asked = session.execute(_pairs().where(absence.c.id.in_(absences)), {"tenant": tenant}) if absences else ()
    for row in asked:
        found.setdefault(row.absence, []).append(Shift(**{name: row._mapping[name] for name in NAMES}))
    return found
