"""The rows of the engine: definitions, runs and what they hold, tasks, what leaves, what is stuck, and the journal."""

from datetime import UTC, datetime

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text, text

from base.database import Id, Instant, Key, metadata

Digest = String(64)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""When an offer without a deadline is due: after all others."""
Kind = String(24)


def tenant() -> Column[str]:
    """Every row belongs to one CPTS and says so first."""
    return Column("tenant", Key, primary_key=True)


definition = Table(
    "definition",
    metadata,
    tenant(),
    Column("digest", Digest, primary_key=True),
    Column("created_at", Instant, nullable=False),
)

definition_file = Table(
    "definition_file",
    metadata,
    tenant(),
    Column("digest", Digest, primary_key=True),
    Column("path", String(240), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant", "digest"], ["definition.tenant", "definition.digest"]),
)

run = Table(
    "run",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("definition", Digest, nullable=False),
    Column("process", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Kind, nullable=False),
    Column("end_state", String(240)),
    Column("seq", Integer, nullable=False),
    Column("ticks", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("chain", LargeBinary(32), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", Key, nullable=False),
    Column("ended_at", Instant),
    Column("due_at", Instant),
    Index("ix_run_state", "tenant", "state", "started_at"),
    Index("ix_run_ended", "tenant", "ended_at"),
)

token = Table(
    "token",
    metadata,
    tenant(),
    Column("run", Id, primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("scope", Integer, nullable=False),
    Column("parent", Integer),
    Column("element", Key, nullable=False),
    Column("state", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("notes", LargeBinary),
    Index("ix_token_element", "tenant", "element"),
)

scope = Table(
    "scope",
    metadata,
    tenant(),
    Column("run", Id, primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("container", String(240), nullable=False),
    Column("wall", Boolean, nullable=False),
)

variable = Table(
    "variable",
    metadata,
    tenant(),
    Column("run", Id, primary_key=True),
    Column("owner", String(24), primary_key=True),
    Column("name", String(240), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    tenant(),
    Column("run", Id, primary_key=True),
    Column("token", Integer, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("kind", Kind, nullable=False),
    Column("name", String(240), nullable=False),
    Column("key", String(240), nullable=False),
    Column("since", Instant, nullable=False),
    Index("ix_subscription_name", "tenant", "kind", "name", "key"),
)

timer = Table(
    "timer",
    metadata,
    tenant(),
    Column("run", Id, primary_key=True),
    Column("token", Integer, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("element", Key, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_timer_due_at", "tenant", "due_at"),
)

opening = Table(
    "opening",
    metadata,
    tenant(),
    Column("definition", Digest, primary_key=True),
    Column("process", Key, primary_key=True),
    Column("element", Key, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("kind", Kind, nullable=False),
    Column("name", String(240), nullable=False),
    Column("due_at", Instant),
    Column("notes", LargeBinary, nullable=False),
    Column("armed_at", Instant, nullable=False),
    Index("ix_opening_due_at", "tenant", "due_at"),
    Index("ix_opening_name", "tenant", "kind", "name"),
)

task = Table(
    "task",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("run", Id, nullable=False),
    Column("token", Integer, nullable=False),
    Column("definition", Digest, nullable=False),
    Column("process", Key, nullable=False),
    Column("element", Key, nullable=False),
    Column("name", String(240), nullable=False),
    Column("lane", String(240)),
    Column("role", Key),
    Column("assignee", Id),
    Column("form", Key),
    Column("priority", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("follow_up_at", Instant),
    Column("state", Kind, nullable=False),
    Column("completed_at", Instant),
    Column("completed_by", Key),
    Column("outcome", String(240)),
    Index("ix_task_assignee", "tenant", "state", "assignee"),
    Index(
        "ix_task_answered",
        "tenant",
        "completed_by",
        "completed_at",
        "id",
        sqlite_where=text("completed_by IS NOT NULL"),
        postgresql_where=text("completed_by IS NOT NULL"),
    ),
    Index("ix_task_run", "tenant", "run", "state"),
    Index(
        "ix_task_open_due",
        "tenant",
        "due_at",
        "id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "ix_task_open_name",
        "tenant",
        "name",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "ix_task_open_since",
        "tenant",
        "created_at",
        "id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

task_candidate = Table(
    "task_candidate",
    metadata,
    tenant(),
    Column("task", Id, primary_key=True),
    Column("kind", Kind, primary_key=True),
    Column("value", Key, primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("run", Id),
)
"""To whom a task is offered; with the task's place in a list, so that the list of a role is read by index alone, and
its run, so that what a case offers to a role is found without its other tasks. Each that is open has its run.
"""

Index(
    "ix_task_candidate_open",
    *(task_candidate.c[name] for name in ("tenant", "kind", "value", "due_at", "rank", "task")),
    sqlite_where=task_candidate.c.open,
    postgresql_where=task_candidate.c.open,
)
Index(
    "ix_task_candidate_run",
    *(task_candidate.c[name] for name in ("tenant", "run", "kind", "value", "task")),
    sqlite_where=task_candidate.c.open,
    postgresql_where=task_candidate.c.open,
)

outbox = Table(
    "outbox",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("run", Id, nullable=False),
    Column("element", Key, nullable=False),
    Column("kind", Kind, nullable=False),
    Column("name", String(240), nullable=False),
    Column("key", String(240)),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Kind, nullable=False),
    Index("ix_outbox_run", "tenant", "run"),
)

incident = Table(
    "incident",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("run", Id, nullable=False),
    Column("token", Integer, nullable=False),
    Column("element", Key, nullable=False),
    Column("kind", Kind, nullable=False),
    Column("message", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Kind, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", Key),
    Index("ix_incident_state", "tenant", "state", "created_at"),
    Index("ix_incident_run", "tenant", "run"),
)

journal = Table(
    "journal",
    metadata,
    tenant(),
    Column("run", Id, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Key, nullable=False),
    Column("kind", Kind, nullable=False),
    Column("element", Key, nullable=False),
    Column("detail", LargeBinary),
    Column("hash", LargeBinary(32)),
    Index("ix_journal_at", "tenant", "at"),
)

journal_anchor = Table(
    "journal_anchor",
    metadata,
    tenant(),
    Column("day", String(10), primary_key=True),
    Column("since", Instant),
    Column("until", Instant, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

message_buffer = Table(
    "message_buffer",
    metadata,
    tenant(),
    Column("message", String(240), primary_key=True),
    Column("key", String(240), primary_key=True),
    Column("message_id", String(240), primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("actor", Key, nullable=False),
    Column("run", Id),
    Index("ix_message_buffer_expires_at", "tenant", "expires_at"),
    Index("ix_message_buffer_run", "tenant", "run"),
)
