"""The rows around a task: answers begun, who said that it is not for them, who does it for whom, what was answered."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from base.database import Id, Instant, Key, metadata

draft = Table(
    "draft",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("task", Id, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("device", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_draft_person", "tenant", "person", "saved_at"),
)
"""An answer that somebody has begun; `content` is sealed."""

task_refusal = Table(
    "task_refusal",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("task", Id, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("at", Instant, nullable=False),
)
"""Who cannot do a task, or is not concerned: it is not offered to them any more."""

task_delegation = Table(
    "task_delegation",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("task", Id, primary_key=True),
    Column("by", Id, nullable=False),
    Column("to", Id, nullable=False),
    Column("at", Instant, nullable=False),
)
"""A task that `to` prepares for `by`, to whom it comes back; the row goes when it is back."""

task_answer = Table(
    "task_answer",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("task", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("blind", String(32), nullable=False),
    Column("at", Instant, nullable=False),
)
"""What each task was answered with, as a blind mark: the same answer sent again is no second one."""
