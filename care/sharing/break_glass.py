"""Access in an emergency, from outside the circle of care: with a reason, for a short time, and told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Forbidden, Invalid, NotFound
from base.ids import new_id
from base.rows import made
from base.vault import Vault
from care.sharing.consents import NOW
from care.sharing.tables import break_glass as rows
from care.sharing.visibility import HEALTH, recipient_category
from people.persons import Person

HOURS = 4
"""How long it lasts. À valider localement."""
SHORTEST = 10
NOT_A_CARER = "L’accès en urgence est réservé aux professionnels de santé."


@dataclass(frozen=True)
class Access:
    """One access. `vital` says that a life was at stake, `over_opposition` that it opened in spite of an opposition."""

    id: str
    case: str
    person: str
    role: str
    reason: str
    vital: bool
    over_opposition: bool
    since: datetime
    until: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    informed_by: str | None
    informed_at: datetime | None


def is_open(table: Table) -> ColumnElement[bool]:
    """It lasts at `now`: it ends by itself."""
    return and_(table.c.since <= NOW, table.c.until > NOW)


def may_break(person: Person) -> bool:
    """Only who gives care may say that care is urgent."""
    return recipient_category(person.roles) == HEALTH


def begin(
    session: Session,
    vault: Vault,
    clock: Clock,
    person: Person,
    case: str,
    reason: str,
    *,
    vital: bool,
    over_opposition: bool,
    hours: int = HOURS,
) -> str:
    """Open a case to a person for some hours; its id. Raises Forbidden, Invalid without a reason.

    Whether it may open in spite of an opposition was decided before: `pathways.sharing` asks the table.
    """
    if not may_break(person):
        raise Forbidden(NOT_A_CARER, code="not-a-carer")
    if len(reason.strip()) < SHORTEST:
        raise Invalid("Des réponses sont à revoir.", {"motif": "Dites en quelques mots pourquoi c’est urgent."})
    now, row = clock.now(), new_id()
    session.execute(
        insert(rows).values(
            tenant=person.tenant, id=row, case=case, person=person.id, role=_role(person), vital=vital,
            over_opposition=over_opposition, reason=vault.seal(reason.strip()[:2000], _context(row)),
            since=now, until=now + timedelta(hours=hours),
        )
    )  # fmt: skip
    return row


def end(session: Session, clock: Clock, person: Person, case: str) -> None:
    """The person needs it no longer."""
    mine = (rows.c.tenant == person.tenant, rows.c.person == person.id, rows.c["case"] == case)
    session.execute(update(rows).where(*mine, rows.c.until > clock.now()).values(until=clock.now()))


def accesses(session: Session, vault: Vault, tenant: str, limit: int = 100) -> list[Access]:
    """The last accesses of a territory, the latest first."""
    query = select(rows).where(rows.c.tenant == tenant).order_by(rows.c.since.desc(), rows.c.id.desc())
    return [_access(vault, row) for row in session.execute(query.limit(limit))]


def review(session: Session, clock: Clock, tenant: str, access: str, *, by: str) -> None:
    """The coordination has looked at an access. Raises NotFound."""
    _note(session, tenant, access, {"reviewed_by": by, "reviewed_at": clock.now()})


def inform(session: Session, clock: Clock, tenant: str, access: str, *, by: str) -> None:
    """The patient was told of it afterwards. Raises NotFound."""
    _note(session, tenant, access, {"informed_by": by, "informed_at": clock.now()})


def _note(session: Session, tenant: str, access: str, values: dict[str, object]) -> None:
    noted = update(rows).where(rows.c.tenant == tenant, rows.c.id == access).values(values).returning(rows.c.id)
    if not session.execute(noted).all():
        raise NotFound("Cet accès en urgence n’existe pas.", code="access-unknown")


def _role(person: Person) -> str:
    """The role of care under which it is opened."""
    return min(role for role in person.roles if recipient_category([role]) == HEALTH)


def _access(vault: Vault, row: Any) -> Access:
    return replace(made(Access, row), reason=vault.open(row.reason, _context(row.id)))


def _context(row: str) -> str:
    return f"break_glass.reason:{row}"
