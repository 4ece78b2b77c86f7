"""The rows around identities: blind words, likely duplicates, merges and what they moved, and who did what to whom."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from base.database import Id, Instant, Key, metadata

patient_word = Table(
    "patient_word",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("word_blind", String(32), primary_key=True),
    Column("patient", Id, ForeignKey("patient.id"), primary_key=True),
    Index(None, "tenant", "patient"),
)

patient_duplicate = Table(
    "patient_duplicate",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("one", Id, ForeignKey("patient.id"), primary_key=True),
    Column("other", Id, ForeignKey("patient.id"), primary_key=True),
    Column("reason", Key, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_by", Key),
    Column("decided_at", Instant),
    Index(None, "tenant", "state", "proposed_at"),
    Index(None, "tenant", "other"),
)
"""Two patients who may be one; `one` is the smaller id. `state`: open, merged, apart."""

patient_merge = Table(
    "patient_merge",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("kept", Id, ForeignKey("patient.id"), nullable=False),
    Column("gone", Id, ForeignKey("patient.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Key),
    Index(None, "tenant", "kept"),
    Index(None, "tenant", "gone"),
    Index(None, "tenant", "at"),
)

patient_move = Table(
    "patient_move",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("merge", Id, primary_key=True),
    Column("table", Key, primary_key=True),
    Column("row", Id, primary_key=True),
)
"""The rows that a merge gave to another patient, so that its undoing gives back these and no others."""

identity_log = Table(
    "identity_log",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    Column("patient", Id, nullable=False),
    Column("kind", Key, nullable=False),
    Column("detail", Key, nullable=False),
    Index(None, "tenant", "patient", "at"),
    Index(None, "tenant", "at"),
)
"""What was done to an identity, or who looked at it outside a case; append-only. `detail` holds codes, never words."""
