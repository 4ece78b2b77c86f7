"""The rows of professionals, their roles, their accounts and their sign-ins."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from base.database import Id, Instant, Key, metadata

person = Table(
    "person",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("family_name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("profession_code", String(8), nullable=False),
    Column("profession_name", Text, nullable=False),
    Column("rpps", String(11)),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Index(None, "tenant", "family_name"),
    Index(None, "tenant", "rpps", unique=True),
)

person_role = Table(
    "person_role",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Key, primary_key=True),
    Index(None, "tenant", "role"),
)

account = Table(
    "account",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("login", String(254), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "tenant", "login", unique=True),
    Index(None, "person"),
)

# Counted by what was typed, known or not: the answers then never tell which accounts exist.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("login_hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("token_hash", String(64), primary_key=True),
    Column("account", Id, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
)
