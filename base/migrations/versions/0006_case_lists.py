"""The lists of cases are read by index: what is due first, what was opened last, what a person answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006_case_lists"
down_revision = "0005_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_completed_by", "task", ["tenant", "completed_by"])
    is_open, still_open = sa.text("state = 'open'"), sa.text("closed_at IS NULL")
    op.create_index(
        "ix_task_open_due", "task", ["tenant", "due_at", "id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index(
        "ix_case_open_since", "case", ["tenant", "opened_at"], sqlite_where=still_open, postgresql_where=still_open
    )
