"""Absences and who stands in, delegates, weekly unavailability, duty rosters with their swaps and feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0008_standing_in"
down_revision = "0007_list_views"
branch_labels = None
depends_on = None

ID = WORD = sa.String(16)
KEY = sa.String(120)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("way", WORD, nullable=False),
        sa.Column("substitute", ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("planned_until", INSTANT, nullable=False),
        sa.Column("declared_by", ID, nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.Column("changed_by", ID, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_absence_person_person"),
        sa.ForeignKeyConstraint(["substitute"], ["person.id"], name="fk_absence_substitute_person"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_absence"),
    )
    op.create_index("ix_absence_tenant_person_until", "absence", ["tenant", "person", "until"])
    op.create_index("ix_absence_tenant_until", "absence", ["tenant", "until"])
    op.create_table(
        "stand_in",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("stand_in", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("absence", ID, nullable=False),
        sa.ForeignKeyConstraint(["stand_in"], ["person.id"], name="fk_stand_in_stand_in_person"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_stand_in_person_person"),
        sa.PrimaryKeyConstraint("tenant", "stand_in", "person", "since", name="pk_stand_in"),
    )
    op.create_index("ix_stand_in_tenant_person_until", "stand_in", ["tenant", "person", "until"])
    op.create_table(
        "delegation",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("delegate", ID, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("granted_by", ID, nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("ended_by", ID, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_delegation_person_person"),
        sa.ForeignKeyConstraint(["delegate"], ["person.id"], name="fk_delegation_delegate_person"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_delegation"),
    )
    op.create_index("ix_delegation_tenant_delegate", "delegation", ["tenant", "delegate"])
    op.create_index("ix_delegation_tenant_person", "delegation", ["tenant", "person"])
    op.create_table(
        "unavailability",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_time", sa.String(5), nullable=False),
        sa.Column("to_time", sa.String(5), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=True),
        sa.Column("declared_by", ID, nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_unavailability_person_person"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_unavailability"),
    )
    op.create_index("ix_unavailability_tenant_person", "unavailability", ["tenant", "person"])
    op.create_table(
        "sector",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name="pk_sector"),
    )
    op.create_table(
        "sector_commune",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("sector", KEY, nullable=False),
        sa.Column("commune", KEY, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sector", "commune", name="pk_sector_commune"),
    )
    op.create_table(
        "duty_shift",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("sector", KEY, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("written_by", ID, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_duty_shift_person_person"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_duty_shift"),
    )
    op.create_index("ix_duty_shift_tenant_person_until", "duty_shift", ["tenant", "person", "until"])
    op.create_index("ix_duty_shift_tenant_sector_until", "duty_shift", ["tenant", "sector", "until"])
    op.create_table(
        "duty_swap",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("shift", ID, nullable=False),
        sa.Column("giver", ID, nullable=False),
        sa.Column("taker", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["giver"], ["person.id"], name="fk_duty_swap_giver_person"),
        sa.ForeignKeyConstraint(["taker"], ["person.id"], name="fk_duty_swap_taker_person"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_duty_swap"),
    )
    op.create_index("ix_duty_swap_tenant_shift", "duty_swap", ["tenant", "shift"])
    op.create_index("ix_duty_swap_tenant_taker_state", "duty_swap", ["tenant", "taker", "state"])
    op.create_table(
        "duty_feed",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "secret_hash", name="pk_duty_feed"),
    )
    op.create_index("ix_duty_feed_tenant_kind_target", "duty_feed", ["tenant", "kind", "target"])
    op.create_table(
        "moved_task",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("task", ID, nullable=False),
        sa.Column("origin", ID, nullable=False),
        sa.Column("holder", ID, nullable=True),
        sa.Column("way", WORD, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "task", name="pk_moved_task"),
    )
    op.create_index("ix_moved_task_origin", "moved_task", ["tenant", "origin"])
