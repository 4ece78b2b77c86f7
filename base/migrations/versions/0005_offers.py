"""Offers of tasks carry their place in the list, and what is open has indexes of its own: a list never grows dearer."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005_offers"
down_revision = "0004_procrastinate"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NEVER = sa.literal(datetime(9000, 1, 1, tzinfo=UTC), INSTANT)
ORDER = ["tenant", "kind", "value", "due_at", "rank", "task"]
TASK = sa.table(
    "task", *(sa.column(name) for name in ("tenant", "id", "state", "priority")), sa.column("due_at", INSTANT)
)
NEW = (sa.column("open", sa.Boolean), sa.column("due_at", INSTANT), sa.column("rank", sa.Integer))
OFFER = sa.table("task_candidate", *(sa.column(name) for name in ("tenant", "task", "kind", "value")), *NEW)


def upgrade() -> None:
    op.drop_index("ix_task_candidate_value", "task_candidate")
    with op.batch_alter_table("task_candidate") as offers:
        offers.add_column(sa.Column("open", sa.Boolean(), nullable=True))
        offers.add_column(sa.Column("due_at", INSTANT, nullable=True))
        offers.add_column(sa.Column("rank", sa.Integer(), nullable=True))
    op.execute(sa.update(OFFER).values({name: of_task(value) for name, value in places().items()}))
    op.execute(sa.insert(OFFER).from_select(["tenant", "task", "kind", "value", *places()], without_role()))
    with op.batch_alter_table("task_candidate") as offers:
        for column in ("open", "due_at", "rank"):
            offers.alter_column(column, nullable=False)
    op.create_index(
        "ix_task_candidate_open",
        "task_candidate",
        ORDER,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index("ix_case_open", "case", ["tenant", "patient"], sqlite_where=still_open, postgresql_where=still_open)


def places() -> dict[str, sa.ColumnElement[object]]:
    return {"open": TASK.c.state == "open", "due_at": sa.func.coalesce(TASK.c.due_at, NEVER), "rank": -TASK.c.priority}


def of_task(value: sa.ColumnElement[object]) -> sa.ScalarSelect[object]:
    return sa.select(value).where(TASK.c.tenant == OFFER.c.tenant, TASK.c.id == OFFER.c.task).scalar_subquery()


def without_role() -> sa.Select[tuple[object, ...]]:
    has_role = sa.exists().where(OFFER.c.tenant == TASK.c.tenant, OFFER.c.task == TASK.c.id, OFFER.c.kind == "role")
    own = (TASK.c.tenant, TASK.c.id, sa.literal("role"), sa.literal(""))
    return sa.select(*own, *places().values()).where(TASK.c.state == "open", ~has_role)
