"""The rows of what is told to whom, how each person wants to be told, and how it left."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from base.database import Id, Instant, Key, metadata

Word = String(16)
Address = String(254)
Reason = String(200)


def tenant() -> Column[str]:
    return Column("tenant", Key, primary_key=True)


notice = Table(
    "notice",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("kind", Word, nullable=False),
    Column("about", String(40), nullable=False),
    Column("task", Id),
    Column("case", Id),
    Column("other", Id),
    Column("due", Instant),
    Column("urgent", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ready_at", Instant, nullable=False),
    Column("state", Word, nullable=False),
    Column("reason", Word, nullable=False),
    Index("ix_notice_about", "tenant", "person", "kind", "about", unique=True),
    Index("ix_notice_person", "tenant", "person", "at"),
    Index("ix_notice_ready", "tenant", "state", "ready_at"),
    Index("ix_notice_task", "tenant", "task", "kind"),
)
"""Something to tell a person, once for each `about` (a task, a message…). Its words are put together when it leaves."""

delivery = Table(
    "notice_delivery",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("channel", Word, nullable=False),
    Column("address", Address, nullable=False),
    Column("state", Word, nullable=False),
    Column("reason", Reason, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("letter", LargeBinary),
    Index("ix_notice_delivery_person", "tenant", "person", "created_at"),
    Index("ix_notice_delivery_address", "tenant", "address", "created_at"),
)
"""One message by one way. `begun` counts tries whose end nobody saw; `letter` is a sealed link, until it has left."""

carried = Table(
    "notice_carried",
    metadata,
    tenant(),
    Column("delivery", Id, primary_key=True),
    Column("notice", Id, primary_key=True),
)

preference = Table(
    "notice_preference",
    metadata,
    tenant(),
    Column("person", Id, primary_key=True),
    Column("email", Word, nullable=False),
    Column("push", Word, nullable=False),
    Column("sms", Word, nullable=False),
    Column("digest_hours", String(40), nullable=False),
    Column("quiet_from", String(5), nullable=False),
    Column("quiet_to", String(5), nullable=False),
    Column("weekly_cap", Integer),
    Column("paused_until", Instant),
)

subscription = Table(
    "push_subscription",
    metadata,
    tenant(),
    Column("endpoint_hash", String(64), primary_key=True),
    Column("id", Id, nullable=False),
    Column("person", Id, nullable=False),
    Column("device", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("ix_push_subscription_person", "tenant", "person"),
)
"""A browser that takes messages; `content` is its address and its keys, sealed."""

bounced = Table(
    "bounced_address",
    metadata,
    tenant(),
    Column("address", Address, primary_key=True),
    Column("reason", Reason, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Addresses that send back what they are sent: nothing more goes there until they are put right."""
