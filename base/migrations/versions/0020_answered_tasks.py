"""Who answered what is found among the answered tasks: an open one is no longer noted there first."""

import sqlalchemy as sa
from alembic import op

revision = "0020_answered_tasks"
down_revision = "0019_offers_by_case"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_task_answered", "task")
    answered = sa.text("completed_by IS NOT NULL")
    columns = ["tenant", "completed_by", "completed_at", "id"]
    op.create_index("ix_task_answered", "task", columns, sqlite_where=answered, postgresql_where=answered)
