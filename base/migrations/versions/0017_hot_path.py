"""A case that a professional begins is begun once, however often it is asked for; what has ended is found by index."""

import sqlalchemy as sa
from alembic import op

from base.database import Id, Instant, Key

revision = "0017_hot_path"
down_revision = "0016_cockpit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "beginning",
        sa.Column("tenant", Key, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("case", Id, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "person", "key"),
    )
    op.create_index("ix_run_ended", "run", ["tenant", "ended_at"])
