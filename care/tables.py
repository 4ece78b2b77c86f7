"""The rows of patients, cases, circles of care, consents, oppositions and looks; identities only sealed."""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    select,
)

from base.database import Id, Instant, Key, metadata

Blind = String(32)

patient = Table(
    "patient",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("identity", LargeBinary, nullable=False),
    Column("status", String(8), nullable=False),
    Column("ins_blind", Blind),
    Column("traits_blind", Blind, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("merged_into", Id),
    Column("erased_at", Instant),
    Index(None, "tenant", "ins_blind", unique=True),
    Index(None, "tenant", "traits_blind"),
)

case = Table(
    "case",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("patient.id"), nullable=False),
    Column("pathway", Key, nullable=False),
    Column("pathway_version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("partner", Key),
    Column("venue_blind", Blind),
    Column("venue", LargeBinary),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("outcome", Text),
    Index(None, "tenant", "patient"),
    Index(None, "tenant", "partner", "venue_blind"),
    Index(None, "tenant", "opened_at"),
)
Index(
    "ix_case_open_since",
    case.c.tenant,
    case.c.opened_at,
    sqlite_where=case.c.closed_at.is_(None),
    postgresql_where=case.c.closed_at.is_(None),
)
Index(
    "ix_case_open",
    case.c.tenant,
    case.c.patient,
    sqlite_where=case.c.closed_at.is_(None),
    postgresql_where=case.c.closed_at.is_(None),
)
Index(
    "ix_case_open_pathway",
    case.c.tenant,
    case.c.pathway,
    sqlite_where=case.c.closed_at.is_(None),
    postgresql_where=case.c.closed_at.is_(None),
)
Index(
    "ix_case_closed",
    case.c.tenant,
    case.c.closed_at,
    case.c.id,
    sqlite_where=case.c.closed_at.is_not(None),
    postgresql_where=case.c.closed_at.is_not(None),
)
Index(
    "ix_case_closed_pathway",
    case.c.tenant,
    case.c.pathway,
    case.c.closed_at,
    case.c.id,
    sqlite_where=case.c.closed_at.is_not(None),
    postgresql_where=case.c.closed_at.is_not(None),
)

commune = Table(
    "commune",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("name", Key, primary_key=True),
)
"""The communes where patients live, without who lives there: what a list may be narrowed to."""

circle_member = Table(
    "circle_member",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("patient.id"), nullable=False),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("role", Key, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("basis", Text, nullable=False),
    Column("ground", Key),
    Column("invited_by", Id),
    Column("ended_by", Id),
    Index(None, "tenant", "patient", "role"),
    Index(None, "tenant", "person"),
)


def reach() -> list[Column[Any]]:
    """Whom and what a consent or an opposition is about, how it was proved, and who ended it."""
    return [
        Column("audience", Key, nullable=False, server_default="all"),
        Column("recipient", Key),
        Column("purpose", Key, nullable=False, server_default="soins"),
        Column("proof", LargeBinary),
        Column("ended_by", Id),
    ]


opposition = Table(
    "opposition",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("patient.id"), nullable=False),
    Column("scope", Key, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    *reach(),
    Column("mode", Key),
    Column("recorded_by", Id),
    Index(None, "tenant", "patient"),
)

consent = Table(
    "consent",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("patient", Id, ForeignKey("patient.id"), nullable=False),
    Column("mode", Key, nullable=False),
    Column("recorded_by", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    Column("scope", Key, nullable=False, server_default="case"),
    *reach(),
    Index(None, "tenant", "patient"),
    Index(None, "tenant", "case"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person", Id, nullable=False),
    Column("case", Id, nullable=False),
    Column("what", Key, nullable=False),
    Column("role", Key),
    Column("ground", Key),
    Index(None, "tenant", "case", "at"),
    Index(None, "tenant", "person", "at"),
)


def of_patient(table: Table, one: str | ColumnElement[str]) -> ColumnElement[bool]:
    """A patient's rows in a table; told with their tenant, for every index begins with it."""
    return and_(table.c.tenant == _tenant(patient, one), table.c.patient == one)


def of_case(table: Table, one: str | ColumnElement[str]) -> ColumnElement[bool]:
    """A case's rows in a table, told with their tenant too."""
    return and_(table.c.tenant == _tenant(case, one), table.c["case"] == one)


def _tenant(owners: Table, one: str | ColumnElement[str]) -> ColumnElement[str]:
    owner = owners.alias()
    return select(owner.c.tenant).where(owner.c.id == one).scalar_subquery()
