"""What was decided about work that had failed for good: who, when, why."""

import sqlalchemy as sa
from alembic import op

from base.database import Id, Instant, Key

revision = "0018_job_log"
down_revision = "0017_hot_path"
branch_labels = None
depends_on = None

LOG = "job_log"


def upgrade() -> None:
    op.create_table(
        LOG,
        sa.Column("tenant", Key, nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("job", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("case", Id),
        sa.Column("act", Key, nullable=False),
        sa.Column("reason", Key, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id"),
    )
    op.create_index("ix_job_log_at", LOG, ["tenant", "at", "id"])
    _keep()


def _keep() -> None:
    """Nobody changes or deletes what was logged."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            refuse = f"BEGIN SELECT RAISE(ABORT, '{LOG} is append-only'); END"
            op.execute(f"CREATE TRIGGER {LOG}_no_{act.lower()} BEFORE {act} ON {LOG} {refuse}")
        return
    op.execute(
        f"CREATE FUNCTION {LOG}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{LOG} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {LOG}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {LOG} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {LOG}_append_only()"
    )
