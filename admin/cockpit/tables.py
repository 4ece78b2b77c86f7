"""The rows of the cockpit: what each person and each profession has to do, counted now and then by the worker."""

from sqlalchemy import Column, Integer, Table

from base.database import Instant, Key, metadata

workload = Table(
    "workload",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("people", Integer, nullable=False),
    Column("open", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("oldest_at", Instant),
    Column("answered", Integer, nullable=False),
    Column("median_minutes", Integer),
    Column("at", Instant, nullable=False),
)
"""`kind` is `person` or `profession`; what was answered, of the last thirty days."""
