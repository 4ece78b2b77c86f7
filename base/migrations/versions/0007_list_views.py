"""The lists: what is followed, saved views, habits; and what lists are filtered and read by."""

import sqlalchemy as sa
from alembic import op

revision = "0007_list_views"
down_revision = "0006_case_lists"
branch_labels = None
depends_on = None

KEY, ID, INSTANT = sa.String(120), sa.String(16), sa.DateTime(timezone=True)


def key(name: str, kind: sa.types.TypeEngine[str] = KEY) -> sa.Column[str]:
    return sa.Column(name, kind, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "follow",
        *(key("tenant"), key("person", ID), key("run", ID), key("task", ID)),
        sa.Column("since", INSTANT, nullable=False),
    )
    op.create_table(
        "saved_view",
        *(key("tenant"), key("id", ID)),
        sa.Column("owner", ID, nullable=False),
        sa.Column("role", KEY),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_index("ix_saved_view_owner", "saved_view", ["tenant", "owner"])
    op.create_index("ix_saved_view_role", "saved_view", ["tenant", "role"])
    op.create_table(
        "preference",
        *(key("tenant"), key("person", ID), key("name")),
        sa.Column("value", KEY, nullable=False),
    )
    op.create_table("commune", key("tenant"), key("name"))
    index_lists()


def index_lists() -> None:
    """By title and by pathway while open, and by whom and when once answered; nothing reads by state and role."""
    is_open, still_open = sa.text("state = 'open'"), sa.text("closed_at IS NULL")
    op.create_index("ix_task_open_name", "task", ["tenant", "name"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index(
        "ix_case_open_pathway", "case", ["tenant", "pathway"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_index("ix_task_answered", "task", ["tenant", "completed_by", "completed_at", "id"])
    op.drop_index("ix_task_completed_by", "task")
    op.drop_index("ix_task_role", "task")
