"""The cases: one person's way along one pathway, with the stay that opened it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import NotFound
from base.ids import new_id
from base.prepared import Prepared, Query
from base.rows import made
from base.vault import Vault
from care.tables import case as rows
from care.tables import of_patient
from care.tables import patient as patients

ADD = Prepared(insert(rows))
NEWEST = select(rows).order_by(rows.c.opened_at.desc(), rows.c.id.desc())
ONE = Query(select(rows).where(rows.c.id == bindparam("id")))
BY_VENUE = Query(
    NEWEST.where(rows.c.tenant == bindparam("tenant"), rows.c.partner == bindparam("partner")).where(
        rows.c.venue_blind == bindparam("venue")
    )
)
CLOSE = Prepared(
    update(rows)
    .where(rows.c.id == bindparam("b_id"), rows.c.closed_at.is_(None))
    .values(closed_at=bindparam("closed_at"), outcome=bindparam("outcome"))
)


@dataclass(frozen=True)
class Case:
    """A case; its id is also its run's. The stay's number stays sealed: `venue` opens it."""

    tenant: str
    id: str
    patient: str
    pathway: str
    pathway_version: int
    title: str
    partner: str | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def open_case(
    session: Session,
    vault: Vault,
    clock: Clock,
    tenant: str,
    *,
    patient: str,
    pathway: str,
    pathway_version: int,
    title: str,
    partner: str | None = None,
    venue: str | None = None,
    id: str | None = None,  # noqa: A002  # the field's own name
) -> Case:
    """Open a case; `venue` is the number of the stay at the partner's."""
    opened = Case(
        tenant=tenant,
        id=id or new_id(),
        patient=patient,
        pathway=pathway,
        pathway_version=pathway_version,
        title=title,
        partner=partner,
        opened_at=clock.now(),
        closed_at=None,
        outcome=None,
    )
    sealed = None if venue is None else vault.seal(venue, _context(opened.id))
    blind = None if venue is None else venue_blind(vault, venue)
    values = {field: getattr(opened, field) for field in Case.__dataclass_fields__}
    ADD.write(session, [{**values, "venue": sealed, "venue_blind": blind}])
    return opened


def case(session: Session, case_id: str) -> Case:
    """Raises NotFound."""
    for row in ONE.all(session, {"id": case_id}):
        return _case(row)
    raise NotFound("Ce dossier n’existe pas.", code="case-unknown")


def by_venue(session: Session, tenant: str, partner: str, blind: str) -> list[Case]:
    """The cases of a partner's stay, the newest first; `blind` is the `venue_blind` of its number."""
    return [_case(row) for row in BY_VENUE.all(session, {"tenant": tenant, "partner": partner, "venue": blind})]


def is_erased(session: Session, case_id: str) -> bool:
    """Whether the person of a case was erased."""
    whose = select(patients.c.erased_at).join(rows, rows.c.patient == patients.c.id)
    return session.scalar(whose.where(rows.c.id == case_id)) is not None


def by_patient(session: Session, patient: str) -> list[Case]:
    """The cases of a person, the newest first."""
    return _read(session, of_patient(rows, patient))


def venue(session: Session, vault: Vault, case_id: str) -> str | None:
    """The number of the stay at the partner's, if the case came from one. Raises NotFound."""
    row = session.execute(select(rows.c.venue).where(rows.c.id == case_id)).one_or_none()
    if row is None:
        raise NotFound("Ce dossier n’existe pas.", code="case-unknown")
    return None if row.venue is None else vault.open(row.venue, _context(case_id))


def venue_blind(vault: Vault, number: str) -> str:
    """What a stay's number is found by."""
    return vault.blind(number, "venue")


def close_case(session: Session, clock: Clock, case_id: str, outcome: str) -> None:
    """Close a case with what came of it; a closed case stays as it was closed."""
    CLOSE.write(session, [{"b_id": case_id, "closed_at": clock.now(), "outcome": outcome}])


def follow_version(session: Session, tenant: str, case_id: str, number: int) -> None:
    """A case goes on with another version of its pathway, as its run does."""
    one = (rows.c.tenant == tenant, rows.c.id == case_id)
    session.execute(update(rows).where(*one).values(pathway_version=number))


def _read(session: Session, *conditions: ColumnElement[bool]) -> list[Case]:
    return [_case(row) for row in session.execute(NEWEST.where(*conditions))]


def _case(row: Any) -> Case:
    return made(Case, row)


def _context(case_id: str) -> str:
    return f"case.venue:{case_id}"
