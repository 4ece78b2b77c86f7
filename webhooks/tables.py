"""Tables of the partners' door: who they are, what they sent, what must reach them."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from base.database import Id, Instant, Key, metadata

partner = Table(
    "partner",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("finess", String(16), nullable=False),
    Column("nature", Key, nullable=False),
    Column("callback_url", Text, nullable=False),
    Column("callback_secret", LargeBinary),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

partner_secret = Table(
    "partner_secret",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("partner", Key, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("hint", String(4), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    ForeignKeyConstraint(["tenant", "partner"], ["partner.tenant", "partner.key"]),
)
Index("ix_partner_secret_partner", partner_secret.c.tenant, partner_secret.c.partner)

reception = Table(
    "reception",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("partner", Key, nullable=False),
    Column("message_id", Key, nullable=False),
    Column("type", Key, nullable=False),
    Column("venue_blind", String(32), nullable=False),
    Column("media_type", Key, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("case", Id),
    Column("opened", Boolean, nullable=False),
    Column("problem_code", Key),
    Column("problem", Text),
    Column("attempts", Integer, nullable=False),
    Column("settled_at", Instant),
    Unique("tenant", "partner", "message_id"),
    ForeignKeyConstraint(["tenant", "partner"], ["partner.tenant", "partner.key"]),
)
Index("ix_reception_waiting", reception.c.tenant, reception.c.partner, reception.c.venue_blind, reception.c.state)
Index("ix_reception_received", reception.c.tenant, reception.c.partner, reception.c.received_at)

delivery = Table(
    "delivery",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("partner", Key, nullable=False),
    Column("outbox", Id, nullable=False),
    Column("case", Id, nullable=False),
    Column("milestone", Key, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("last_status", Integer),
    Column("delivered_at", Instant),
    Unique("tenant", "outbox"),
    ForeignKeyConstraint(["tenant", "partner"], ["partner.tenant", "partner.key"]),
)
Index("ix_delivery_partner", delivery.c.tenant, delivery.c.partner, delivery.c.created_at)
Index("ix_delivery_case", delivery.c.tenant, delivery.c["case"])
