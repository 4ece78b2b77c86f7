"""The rows of absences, delegations, weekly unavailability, duty rosters and their feeds."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from base.database import Id, Instant, Key, metadata

Day = String(10)
Time = String(5)
Word = String(16)


def tenant() -> Column[str]:
    return Column("tenant", Key, primary_key=True)


def person(name: str, *, key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Id, ForeignKey("person.id"), primary_key=key, nullable=nullable)


# What was declared stands: ending an absence early moves `until` and leaves `planned_until`.
absence = Table(
    "absence",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    person("person"),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("reason", Word, nullable=False),
    Column("way", Word, nullable=False),
    person("substitute", nullable=True),
    Column("note", Text, nullable=False),
    Column("planned_until", Instant, nullable=False),
    Column("declared_by", Id, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("changed_by", Id),
    Column("changed_at", Instant),
    Index(None, "tenant", "person", "until"),
    Index(None, "tenant", "until"),
)

stand_in = Table(
    "stand_in",
    metadata,
    tenant(),
    person("stand_in", key=True),
    person("person", key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant, nullable=False),
    Column("absence", Id, nullable=False),
    Index(None, "tenant", "person", "until"),
)
"""Who is there in place of whom: what all absences together come to, worked out whenever one of them changes."""

delegation = Table(
    "delegation",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    person("person"),
    person("delegate"),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("granted_by", Id, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("ended_by", Id),
    Column("ended_at", Instant),
    Index(None, "tenant", "delegate"),
    Index(None, "tenant", "person"),
)

unavailability = Table(
    "unavailability",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    person("person"),
    Column("weekday", Integer, nullable=False),
    Column("from_time", Time, nullable=False),
    Column("to_time", Time, nullable=False),
    Column("every_weeks", Integer, nullable=False),
    Column("first_day", Day, nullable=False),
    Column("last_day", Day),
    Column("declared_by", Id, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Index(None, "tenant", "person"),
)

sector = Table(
    "sector",
    metadata,
    tenant(),
    Column("key", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

sector_commune = Table(
    "sector_commune",
    metadata,
    tenant(),
    Column("sector", Key, primary_key=True),
    Column("commune", Key, primary_key=True),
)

duty_shift = Table(
    "duty_shift",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("sector", Key, nullable=False),
    Column("kind", Word, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("place", Text, nullable=False),
    person("person"),
    Column("written_by", Id, nullable=False),
    Column("written_at", Instant, nullable=False),
    Index(None, "tenant", "sector", "until"),
    Index(None, "tenant", "person", "until"),
)

duty_swap = Table(
    "duty_swap",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("shift", Id, nullable=False),
    person("giver"),
    person("taker"),
    Column("state", Word, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Index(None, "tenant", "taker", "state"),
    Index(None, "tenant", "shift"),
)

duty_feed = Table(
    "duty_feed",
    metadata,
    tenant(),
    Column("secret_hash", String(64), primary_key=True),
    Column("kind", Word, nullable=False),
    Column("target", Key, nullable=False),
    Column("made_by", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index(None, "tenant", "kind", "target"),
)
"""A calendar is read by whoever holds its secret; only a fingerprint of the secret is kept."""
