"""What the coordinator's lists are read by."""

import sqlalchemy as sa
from alembic import op

from base.database import Instant, Key

revision = "0016_cockpit"
down_revision = "0015_answer_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open, is_over = sa.text("state = 'open'"), sa.text("closed_at IS NOT NULL")
    op.create_index(
        "ix_task_open_since", "task", ["tenant", "created_at", "id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_token_element", "token", ["tenant", "element"])
    op.create_index(
        "ix_case_closed", "case", ["tenant", "closed_at", "id"], sqlite_where=is_over, postgresql_where=is_over
    )
    op.create_index(
        "ix_case_closed_pathway",
        "case",
        ["tenant", "pathway", "closed_at", "id"],
        sqlite_where=is_over,
        postgresql_where=is_over,
    )
    op.create_table(
        "workload",
        sa.Column("tenant", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        sa.Column("oldest_at", Instant),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("median_minutes", sa.Integer),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "key"),
    )
