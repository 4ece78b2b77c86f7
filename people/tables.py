"""The rows of professionals, their roles, their accounts and their sign-ins."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

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
    Column("id", Id),
    Column("way", String(16)),
    Column("device", Text),
    Column("acting", Key),
    Column("situation", Text),
    Column("situations", Text),
    Column("provider_token", LargeBinary),
)

# A sign-in that is under way: what was proven so far, or what the other side must send back. Sealed, and short.
sign_in_step = Table(
    "sign_in_step",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("notes", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "tenant", "expires_at"),
)

sign_in_event = Table(
    "sign_in_event",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "tenant", "person", "at"),
)

# `last_step` is the half minute whose code was accepted last: no code is taken twice.
one_time_code = Table(
    "one_time_code",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("account", Id, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("account", Id, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

passkey = Table(
    "passkey",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("credential_hash", String(64), primary_key=True),
    Column("id", Id, nullable=False),
    Column("account", Id, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "tenant", "account"),
)

# The national identifier by which Pro Santé Connect names somebody, and who that is here.
professional_identity = Table(
    "professional_identity",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("identifier", String(64), primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("linked_at", Instant, nullable=False),
)

# Somebody whom Pro Santé Connect has made known, and whom the coordination has or has not let in.
enrolment = Table(
    "enrolment",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), primary_key=True),
    Column("roles", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("granted", Boolean),
    Column("decided_by", Id),
    Column("decided_at", Instant),
)

invitation = Table(
    "invitation",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("token_hash", String(64), primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("login", String(254), nullable=False),
    Column("made_by", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "tenant", "person"),
)

charter = Table(
    "charter",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("since", Instant, nullable=False),
)

charter_acceptance = Table(
    "charter_acceptance",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("accepted_at", Instant, nullable=False),
)
