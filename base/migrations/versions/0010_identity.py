"""Identities: words that they are found by, duplicates, merges, and the log of all that.

The words of patients who are already there are made afterwards (`jalon patients index`): a migration holds no key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_identity"
down_revision = "0009_sign_in_ways"
branch_labels = None
depends_on = None

ID, KEY = sa.String(16), sa.String(120)
LOG = "identity_log"
APPEND_ONLY = "$$ BEGIN RAISE EXCEPTION 'identity_log is append-only'; END $$"


def upgrade() -> None:
    op.add_column("patient", sa.Column("merged_into", ID))
    op.add_column("patient", sa.Column("erased_at", sa.DateTime(timezone=True)))
    _words()
    _duplicates()
    _merges()
    _log()
    _keep_the_log()


def _words() -> None:
    op.create_table(
        "patient_word",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("word_blind", sa.String(32), nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name="fk_patient_word_patient_patient"),
        sa.PrimaryKeyConstraint("tenant", "word_blind", "patient", name="pk_patient_word"),
    )
    op.create_index("ix_patient_word_tenant_patient", "patient_word", ["tenant", "patient"])


def _duplicates() -> None:
    op.create_table(
        "patient_duplicate",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("one", ID, nullable=False),
        sa.Column("other", ID, nullable=False),
        sa.Column("reason", KEY, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", KEY),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["one"], ["patient.id"], name="fk_patient_duplicate_one_patient"),
        sa.ForeignKeyConstraint(["other"], ["patient.id"], name="fk_patient_duplicate_other_patient"),
        sa.PrimaryKeyConstraint("tenant", "one", "other", name="pk_patient_duplicate"),
    )
    found = ["tenant", "state", "proposed_at"]
    op.create_index("ix_patient_duplicate_tenant_state_proposed_at", "patient_duplicate", found)
    op.create_index("ix_patient_duplicate_tenant_other", "patient_duplicate", ["tenant", "other"])


def _merges() -> None:
    op.create_table(
        "patient_merge",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kept", ID, nullable=False),
        sa.Column("gone", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", KEY),
        sa.ForeignKeyConstraint(["kept"], ["patient.id"], name="fk_patient_merge_kept_patient"),
        sa.ForeignKeyConstraint(["gone"], ["patient.id"], name="fk_patient_merge_gone_patient"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_patient_merge"),
    )
    for column in ("kept", "gone", "at"):
        op.create_index(f"ix_patient_merge_tenant_{column}", "patient_merge", ["tenant", column])
    op.create_table(
        "patient_move",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("merge", ID, nullable=False),
        sa.Column("table", KEY, nullable=False),
        sa.Column("row", ID, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "merge", "table", "row", name="pk_patient_move"),
    )


def _log() -> None:
    op.create_table(
        LOG,
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("detail", KEY, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_identity_log"),
    )
    op.create_index("ix_identity_log_tenant_patient_at", LOG, ["tenant", "patient", "at"])
    op.create_index("ix_identity_log_tenant_at", LOG, ["tenant", "at"])


def _keep_the_log() -> None:
    """What was done to an identity is never taken back from the log."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            refuse = f"BEGIN SELECT RAISE(ABORT, '{LOG} is append-only'); END"
            op.execute(f"CREATE TRIGGER {LOG}_no_{act.lower()} BEFORE {act} ON {LOG} {refuse}")
        return
    op.execute(f"CREATE FUNCTION {LOG}_append_only() RETURNS trigger LANGUAGE plpgsql AS {APPEND_ONLY}")
    op.execute(
        f"CREATE TRIGGER {LOG}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {LOG} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {LOG}_append_only()"
    )
