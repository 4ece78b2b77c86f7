"""Consents and oppositions in full, break-glass, who looked."""

import sqlalchemy as sa
from alembic import op

revision = "0011_patient_rights"
down_revision = "0010_identity"
branch_labels = None
depends_on = None

ID = sa.String(16)
KEY = sa.String(120)
INSTANT = sa.DateTime(timezone=True)
KEPT_MONTHS = 6
"""Looks younger than this are never deleted, whoever asks: the shortest time that traces of access are kept."""


def upgrade() -> None:
    widen_rows()
    create_circle_structures()
    create_break_glass()
    let_old_looks_go()


def widen_rows() -> None:
    """An older program leaves these columns alone: what they do not say is the widest opposition."""
    for table in ("consent", "opposition"):
        op.add_column(table, sa.Column("audience", KEY, nullable=False, server_default="all"))
        op.add_column(table, sa.Column("recipient", KEY))
        op.add_column(table, sa.Column("purpose", KEY, nullable=False, server_default="soins"))
        op.add_column(table, sa.Column("proof", sa.LargeBinary()))
        op.add_column(table, sa.Column("ended_by", ID))
    op.add_column("consent", sa.Column("scope", KEY, nullable=False, server_default="case"))
    op.add_column("opposition", sa.Column("mode", KEY))
    op.add_column("opposition", sa.Column("recorded_by", ID))
    for name, kind in (("ground", KEY), ("invited_by", ID), ("ended_by", ID)):
        op.add_column("circle_member", sa.Column(name, kind))
    op.add_column("access_log", sa.Column("role", KEY))
    op.add_column("access_log", sa.Column("ground", KEY))


def create_circle_structures() -> None:
    op.create_table(
        "circle_structure",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.String(14), nullable=True),
        sa.Column("role", KEY, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("ground", KEY, nullable=False),
        sa.Column("invited_by", ID, nullable=False),
        sa.Column("ended_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name="fk_circle_structure_patient_patient"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_circle_structure"),
    )
    op.create_index("ix_circle_structure_tenant_patient", "circle_structure", ["tenant", "patient"])


def create_break_glass() -> None:
    op.create_table(
        "break_glass",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("vital", sa.Boolean(), nullable=False),
        sa.Column("over_opposition", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("reviewed_by", ID, nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("informed_by", ID, nullable=True),
        sa.Column("informed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name="fk_break_glass_case_case"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_break_glass_person_person"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_break_glass"),
    )
    op.create_index("ix_break_glass_tenant_person_until", "break_glass", ["tenant", "person", "until"])
    op.create_index("ix_break_glass_tenant_case_since", "break_glass", ["tenant", "case", "since"])
    op.create_index("ix_break_glass_tenant_since", "break_glass", ["tenant", "since"])


def let_old_looks_go() -> None:
    """Looks are still never changed, and only deleted once they are old: the trigger reads the server's own clock."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER access_log_no_delete")
        op.execute(
            "CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log "
            f"WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{KEPT_MONTHS} months') "
            "BEGIN SELECT RAISE(ABORT, 'access_log is append-only'); END"
        )
        return
    op.execute("DROP TRIGGER access_log_append_only ON access_log")
    op.execute(
        "CREATE TRIGGER access_log_append_only BEFORE UPDATE OR TRUNCATE ON access_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_log_append_only()"
    )
    op.execute(
        "CREATE TRIGGER access_log_no_young_delete BEFORE DELETE ON access_log FOR EACH ROW "
        f"WHEN (OLD.at > now() - interval '{KEPT_MONTHS} months') EXECUTE FUNCTION access_log_append_only()"
    )
