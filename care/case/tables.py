"""The rows of a case's thread: what its people write to each other, whom they name, and the files that they attach."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from base.database import Id, Instant, Key, metadata

comment = Table(
    "comment",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("task", Id),
    Column("author", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("addressee", Id),
    Column("about", Id),
    Column("text", LargeBinary, nullable=False),
    Index(None, "tenant", "case", "at"),
)
"""Only ever added to: a correction is a row of its own, `about` the one that it corrects. `text` is sealed."""

mention = Table(
    "mention",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("comment", Id, primary_key=True),
    Column("person", Id, primary_key=True),
    Index(None, "tenant", "person"),
)

attachment = Table(
    "attachment",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("author", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("type", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Index(None, "tenant", "case", "at"),
)

attachment_piece = Table(
    "attachment_piece",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("attachment", Id, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant", "attachment"], ["attachment.tenant", "attachment.id"], ondelete="CASCADE"),
)
"""A file in sealed pieces, in the database so that each backup holds it."""
