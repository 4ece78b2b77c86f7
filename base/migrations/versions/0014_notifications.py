"""Notifications: what is told to whom, how each person wants it, how it left, and what the next reminder is."""

import sqlalchemy as sa
from alembic import op

revision = "0014_notifications"
down_revision = "0013_directory"
branch_labels = None
depends_on = None

KEY = sa.String(120)
ID = sa.String(16)
WORD = sa.String(16)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _notices()
    _deliveries()
    _people()
    _reminders()


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("task", ID),
        sa.Column("case", ID),
        sa.Column("other", ID),
        sa.Column("due", INSTANT),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ready_at", INSTANT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", WORD, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_notice"),
    )
    op.create_index("ix_notice_about", "notice", ["tenant", "person", "kind", "about"], unique=True)
    op.create_index("ix_notice_person", "notice", ["tenant", "person", "at"])
    op.create_index("ix_notice_ready", "notice", ["tenant", "state", "ready_at"])
    op.create_index("ix_notice_task", "notice", ["tenant", "task", "kind"])


def _deliveries() -> None:
    op.create_table(
        "notice_delivery",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("letter", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_notice_delivery"),
    )
    op.create_index("ix_notice_delivery_person", "notice_delivery", ["tenant", "person", "created_at"])
    op.create_index("ix_notice_delivery_address", "notice_delivery", ["tenant", "address", "created_at"])
    op.create_table(
        "notice_carried",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("delivery", ID, nullable=False),
        sa.Column("notice", ID, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "delivery", "notice", name="pk_notice_carried"),
    )


def _people() -> None:
    op.create_table(
        "notice_preference",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("email", WORD, nullable=False),
        sa.Column("push", WORD, nullable=False),
        sa.Column("sms", WORD, nullable=False),
        sa.Column("digest_hours", sa.String(40), nullable=False),
        sa.Column("quiet_from", sa.String(5), nullable=False),
        sa.Column("quiet_to", sa.String(5), nullable=False),
        sa.Column("weekly_cap", sa.Integer()),
        sa.Column("paused_until", INSTANT),
        sa.PrimaryKeyConstraint("tenant", "person", name="pk_notice_preference"),
    )
    op.create_table(
        "push_subscription",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "endpoint_hash", name="pk_push_subscription"),
    )
    op.create_index("ix_push_subscription_person", "push_subscription", ["tenant", "person"])
    op.create_table(
        "bounced_address",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "address", name="pk_bounced_address"),
    )


def _reminders() -> None:
    op.create_table(
        "task_reminder",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("task", ID, nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "task", name="pk_task_reminder"),
    )
    op.create_index("ix_task_reminder_at", "task_reminder", ["tenant", "at"])
