"""The rows of structures in a circle of care and of accesses in an emergency; reasons only sealed."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from base.database import Id, Instant, Key, metadata

circle_structure = Table(
    "circle_structure",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("patient.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("number", String(14)),
    Column("role", Key, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("ground", Key, nullable=False),
    Column("invited_by", Id, nullable=False),
    Column("ended_by", Id),
    Index(None, "tenant", "patient"),
)

break_glass = Table(
    "break_glass",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("role", Key, nullable=False),
    Column("reason", LargeBinary, nullable=False),
    Column("vital", Boolean, nullable=False),
    Column("over_opposition", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("reviewed_by", Id),
    Column("reviewed_at", Instant),
    Column("informed_by", Id),
    Column("informed_at", Instant),
    Index(None, "tenant", "person", "until"),
    Index(None, "tenant", "case", "since"),
    Index(None, "tenant", "since"),
)
