"""The rows of the embedded queue: a job waits (`ready`), is claimed (`running`), or was given up (`dead`); the log."""

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

job_log = Table(
    "job_log",
    metadata,
    Column("tenant", Key, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    Column("job", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("case", Id),
    Column("act", Key, nullable=False),
    Column("reason", Key, nullable=False),
)
"""What was decided about jobs that had failed for good; only ever added to."""
Index("ix_job_log_at", job_log.c.tenant, job_log.c.at, job_log.c.id)
