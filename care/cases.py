"""The cases: one person's way along one pathway, with the stay that opened it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import NotFound
from base.ids import new_id
from base.vault import Vault
from care.tables import case as rows


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
    session.execute(insert(rows).values(**values, venue=sealed, venue_blind=blind))
    return opened


def case(session: Session, case_id: str) -> Case:
    """Raises NotFound."""
    for found in _read(session, rows.c.id == case_id):
        return found
    raise NotFound("Ce dossier n’existe pas.", code="case-unknown")


def by_venue(session: Session, tenant: str, partner: str, blind: str) -> list[Case]:
    """The cases of a partner's stay, the newest first; `blind` is the `venue_blind` of its number."""
    return _read(session, rows.c.tenant == tenant, rows.c.partner == partner, rows.c.venue_blind == blind)


def by_patient(session: Session, patient: str) -> list[Case]:
    """The cases of a person, the newest first."""
    return _read(session, rows.c.patient == patient)


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
    still_open = (rows.c.id == case_id, rows.c.closed_at.is_(None))
    session.execute(update(rows).where(*still_open).values(closed_at=clock.now(), outcome=outcome))


def _read(session: Session, *conditions: ColumnElement[bool]) -> list[Case]:
    newest = select(rows).where(*conditions).order_by(rows.c.opened_at.desc(), rows.c.id.desc())
    return [_case(row) for row in session.execute(newest)]


def _case(row: Row[*tuple[object, ...]]) -> Case:
    return Case(**{field: getattr(row, field) for field in Case.__dataclass_fields__})


def _context(case_id: str) -> str:
    return f"case.venue:{case_id}"
