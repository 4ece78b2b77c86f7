"""Tables of the pathways: their immutable versions, the drafts in hand and the documents that partners sent."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text

from base.database import Id, Instant, Key, metadata

pathway = Table(
    "pathway",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("title", Text, nullable=False),
    Column("mission", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

pathway_version = Table(
    "pathway_version",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("manifest", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Key, nullable=False),
    Column("note", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "key"], ["pathway.tenant", "pathway.key"]),
)
Index("ix_pathway_version_digest", pathway_version.c.tenant, pathway_version.c.digest)

draft_file = Table(
    "draft_file",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("path", String(240), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Key, nullable=False),
    ForeignKeyConstraint(["tenant", "key"], ["pathway.tenant", "pathway.key"]),
)

document = Table(
    "document",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("case", Id, nullable=False),
    Column("partner", Key, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", LargeBinary, nullable=False),
    Column("mime", Key, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
)
Index("ix_document_case", document.c.tenant, document.c["case"])

beginning = Table(
    "beginning",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("case", Id, nullable=False),
    Column("content", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)
"""What a professional asked to begin, by the key that came with it: asked again, it is the same case."""

moved_task = Table(
    "moved_task",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("task", Id, primary_key=True),
    Column("origin", Id, nullable=False),
    Column("holder", Id),
    Column("way", String(16), nullable=False),
    Column("moved_at", Instant, nullable=False),
    Index("ix_moved_task_origin", "tenant", "origin"),
)
"""The tasks that an absence took from `origin` and put with `holder`, or back into their roles (None)."""

task_reminder = Table(
    "task_reminder",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("task", Id, primary_key=True),
    Column("step", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_task_reminder_at", "tenant", "at"),
)
"""The tasks that somebody was told of, with what comes next: a reminder, that it is late, or a look if it is done."""
