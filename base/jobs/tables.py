"""The rows of the embedded queue: a job waits (`ready`), is claimed (`running`), or was given up (`dead`)."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, literal_column

from base.database import Id, Instant, Key, metadata

READY, RUNNING, DEAD = "ready", "running", "dead"

job = Table(
    "job",
    metadata,
    Column("tenant", Key, nullable=False),
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", Id, nullable=False, unique=True),
    Column("kind", Key, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("dedupe_key", String(240)),
    Column("serial_key", String(240)),
    Column("claim", String(32)),
    Column("worker", Text),
    Column("lease_until", Instant),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    Index("ix_job_waiting", "state", "rank", "due_at", "n"),
    Index("ix_job_serial_key", "tenant", "serial_key", "state"),
)

is_ready = job.c.state == literal_column("'ready'")
is_running = job.c.state == literal_column("'running'")

Index(
    "uq_job_dedupe_key", job.c.tenant, job.c.dedupe_key, unique=True, sqlite_where=is_ready, postgresql_where=is_ready
)
Index(
    "uq_job_serial_key",
    job.c.tenant,
    job.c.serial_key,
    unique=True,
    sqlite_where=is_running,
    postgresql_where=is_running,
)
