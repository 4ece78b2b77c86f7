"""What begins runs by itself: the start events of the definitions in force."""

import sqlalchemy as sa
from alembic import op

revision = "0003_openings"
down_revision = "0002_journal_chain"
branch_labels = None
depends_on = None

KEY = sa.String(120)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("process", KEY, nullable=False),
        sa.Column("element", KEY, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("armed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "definition", "process", "element", "n", name="pk_opening"),
    )
    op.create_index("ix_opening_due_at", "opening", ["tenant", "due_at"], unique=False)
    op.create_index("ix_opening_name", "opening", ["tenant", "kind", "name"], unique=False)
