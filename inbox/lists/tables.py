"""The rows of the lists: what a person follows, the views that they keep, their habits."""

from sqlalchemy import Column, Index, LargeBinary, String, Table

from base.database import Id, Instant, Key, metadata

follow = Table(
    "follow",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("run", Id, primary_key=True),
    Column("task", String(16), primary_key=True),
    Column("since", Instant, nullable=False),
)
"""A case that somebody follows, whole (`task` is empty) or for one of its tasks."""

involvement = Table(
    "involvement",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Key, primary_key=True),
    Column("run", Id, primary_key=True),
    Column("closed_at", Instant),
    Index("ix_involvement_run", "tenant", "run"),
    Index("ix_involvement_ended", "tenant", "person", "closed_at", "run"),
)
"""Who has a part in a case, and when it ended; the database itself keeps it (see `involvement`)."""

saved_view = Table(
    "saved_view",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("owner", Id, nullable=False),
    Column("role", Key),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_saved_view_owner", "tenant", "owner"),
    Index("ix_saved_view_role", "tenant", "role"),
)
"""A list as somebody filtered it; `content` is sealed, for what it is searched by may name a patient."""

preference = Table(
    "preference",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("value", Key, nullable=False),
)
