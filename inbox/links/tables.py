"""The rows of links: each link, the messages that carry it and its codes, and who did what with it."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from base.database import Id, Instant, Key, metadata

answer_link = Table(
    "answer_link",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("task", Id, nullable=False),
    Column("case", Id, nullable=False),
    Column("recipient", Id, nullable=False),
    Column("role", Key, nullable=False),
    Column("sent_by", Id, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("way", String(16), nullable=False),
    Column("mail", LargeBinary, nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("code_mark", String(32)),
    Column("code_until", Instant),
    Column("codes", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("device_hash", String(64)),
    Column("open_until", Instant),
    Column("opened_at", Instant),
    Column("asked_at", Instant),
    Column("unlocked_at", Instant),
    Column("locked_at", Instant),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    Column("outcome", String(16)),
    Index("ix_answer_link_token", "tenant", "token_hash", unique=True),
    Index("ix_answer_link_task", "tenant", "task"),
    Index("ix_answer_link_case", "tenant", "case"),
    Index("ix_answer_link_sent", "tenant", "sent_at"),
)
"""`way` carries the link, the other way its codes; `mail` and `phone` are sealed, tokens and codes only marks."""

answer_message = Table(
    "answer_message",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("link", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("way", String(16), nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("ix_answer_message_link", "tenant", "link"),
    Index("ix_answer_message_until", "tenant", "until"),
)
"""What is to be sent; sealed, and gone once it serves no more."""

answer_link_event = Table(
    "answer_link_event",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("link", Id),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", String(16)),
    Column("by", Id),
    Column("address", String(32)),
    Index("ix_answer_link_event_link", "tenant", "link", "at"),
)
"""Only ever added to. `link` is empty when a token was guessed; `address` is a blind mark of where it came from."""
