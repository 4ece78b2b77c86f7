"""The foundation: every floor's tables, and the journals that only ever grow."""

import sqlalchemy as sa
from alembic import op

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(16)
KEY = sa.String(120)
INSTANT = sa.DateTime(timezone=True)
APPEND_ONLY = ("journal", "access_log")


def upgrade() -> None:
    create_tables()
    for table in APPEND_ONLY:
        forbid_changes(table)


def create_tables() -> None:
    op.create_table(
        "access_log",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("what", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_tenant_case_at", "access_log", ["tenant", "case", "at"], unique=False)
    op.create_index("ix_access_log_tenant_person_at", "access_log", ["tenant", "person", "at"], unique=False)
    op.create_table(
        "definition",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_definition"),
    )
    op.create_table(
        "document",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("partner", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("mime", KEY, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_document"),
    )
    op.create_index("ix_document_case", "document", ["tenant", "case"], unique=False)
    op.create_table(
        "incident",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolved_by", KEY, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_incident"),
    )
    op.create_index("ix_incident_run", "incident", ["tenant", "run"], unique=False)
    op.create_index("ix_incident_state", "incident", ["tenant", "state", "created_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=240), nullable=True),
        sa.Column("serial_key", sa.String(length=240), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_job"),
        sa.UniqueConstraint("id", name="uq_job_id"),
    )
    op.create_index("ix_job_serial_key", "job", ["tenant", "serial_key", "state"], unique=False)
    op.create_index("ix_job_waiting", "job", ["state", "rank", "due_at", "n"], unique=False)
    op.create_index(
        "uq_job_dedupe_key",
        "job",
        ["tenant", "dedupe_key"],
        unique=True,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "uq_job_serial_key",
        "job",
        ["tenant", "serial_key"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "journal",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("element", KEY, nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "run", "n", name="pk_journal"),
    )
    op.create_table(
        "message_buffer",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("message", sa.String(length=240), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("message_id", sa.String(length=240), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("run", ID, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "message", "key", "message_id", name="pk_message_buffer"),
    )
    op.create_index("ix_message_buffer_expires_at", "message_buffer", ["tenant", "expires_at"], unique=False)
    op.create_index("ix_message_buffer_run", "message_buffer", ["tenant", "run"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("element", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_run", "outbox", ["tenant", "run"], unique=False)
    op.create_table(
        "partner",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("finess", sa.String(length=16), nullable=False),
        sa.Column("nature", KEY, nullable=False),
        sa.Column("callback_url", sa.Text(), nullable=False),
        sa.Column("callback_secret", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name="pk_partner"),
    )
    op.create_table(
        "pathway",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name="pk_pathway"),
    )
    op.create_table(
        "patient",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("ins_blind", sa.String(length=32), nullable=True),
        sa.Column("traits_blind", sa.String(length=32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patient"),
    )
    op.create_index("ix_patient_tenant_ins_blind", "patient", ["tenant", "ins_blind"], unique=True)
    op.create_index("ix_patient_tenant_traits_blind", "patient", ["tenant", "traits_blind"], unique=False)
    op.create_table(
        "person",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("profession_code", sa.String(length=8), nullable=False),
        sa.Column("profession_name", sa.Text(), nullable=False),
        sa.Column("rpps", sa.String(length=11), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_tenant_family_name", "person", ["tenant", "family_name"], unique=False)
    op.create_index("ix_person_tenant_rpps", "person", ["tenant", "rpps"], unique=True)
    op.create_table(
        "run",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("process", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("end_state", sa.String(length=240), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("ticks", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("started_by", KEY, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_run"),
    )
    op.create_index("ix_run_state", "run", ["tenant", "state", "started_at"], unique=False)
    op.create_table(
        "scope",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("container", sa.String(length=240), nullable=False),
        sa.Column("wall", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "id", name="pk_scope"),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "login_hash", name="pk_sign_in_failure"),
    )
    op.create_index("ix_sign_in_failure_last_at", "sign_in_failure", ["last_at"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "token", "n", name="pk_subscription"),
    )
    op.create_index("ix_subscription_name", "subscription", ["tenant", "kind", "name", "key"], unique=False)
    op.create_table(
        "task",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("process", KEY, nullable=False),
        sa.Column("element", KEY, nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.Column("lane", sa.String(length=240), nullable=True),
        sa.Column("role", KEY, nullable=True),
        sa.Column("assignee", ID, nullable=True),
        sa.Column("form", KEY, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("follow_up_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("completed_by", KEY, nullable=True),
        sa.Column("outcome", sa.String(length=240), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_task"),
    )
    op.create_index("ix_task_assignee", "task", ["tenant", "state", "assignee"], unique=False)
    op.create_index("ix_task_role", "task", ["tenant", "state", "role"], unique=False)
    op.create_index("ix_task_run", "task", ["tenant", "run", "state"], unique=False)
    op.create_table(
        "task_candidate",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("task", ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "task", "kind", "value", name="pk_task_candidate"),
    )
    op.create_index("ix_task_candidate_value", "task_candidate", ["tenant", "kind", "value"], unique=False)
    op.create_table(
        "timer",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("element", KEY, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "token", "n", name="pk_timer"),
    )
    op.create_index("ix_timer_due_at", "timer", ["tenant", "due_at"], unique=False)
    op.create_table(
        "token",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("element", KEY, nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "run", "id", name="pk_token"),
    )
    op.create_table(
        "variable",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("owner", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "owner", "name", name="pk_variable"),
    )
    op.create_table(
        "account",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("login", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_account_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
    )
    op.create_index("ix_account_person", "account", ["person"], unique=False)
    op.create_index("ix_account_tenant_login", "account", ["tenant", "login"], unique=True)
    op.create_table(
        "case",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.Column("pathway", KEY, nullable=False),
        sa.Column("pathway_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("partner", KEY, nullable=True),
        sa.Column("venue_blind", sa.String(length=32), nullable=True),
        sa.Column("venue", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name="fk_case_patient_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
    )
    op.create_index("ix_case_tenant_opened_at", "case", ["tenant", "opened_at"], unique=False)
    op.create_index("ix_case_tenant_partner_venue_blind", "case", ["tenant", "partner", "venue_blind"], unique=False)
    op.create_index("ix_case_tenant_patient", "case", ["tenant", "patient"], unique=False)
    op.create_table(
        "circle_member",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name="fk_circle_member_patient_patient"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_circle_member_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_circle_member"),
    )
    op.create_index(
        "ix_circle_member_tenant_patient_role", "circle_member", ["tenant", "patient", "role"], unique=False
    )
    op.create_index("ix_circle_member_tenant_person", "circle_member", ["tenant", "person"], unique=False)
    op.create_table(
        "definition_file",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "digest"],
            ["definition.tenant", "definition.digest"],
            name="fk_definition_file_tenant_digest_definition",
        ),
        sa.PrimaryKeyConstraint("tenant", "digest", "path", name="pk_definition_file"),
    )
    op.create_table(
        "delivery",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("partner", KEY, nullable=False),
        sa.Column("outbox", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("milestone", KEY, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "partner"], ["partner.tenant", "partner.key"], name="fk_delivery_tenant_partner_partner"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_delivery"),
        sa.UniqueConstraint("tenant", "outbox", name="uq_delivery_tenant_outbox"),
    )
    op.create_index("ix_delivery_case", "delivery", ["tenant", "case"], unique=False)
    op.create_index("ix_delivery_partner", "delivery", ["tenant", "partner", "created_at"], unique=False)
    op.create_table(
        "draft_file",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("saved_by", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "key"], ["pathway.tenant", "pathway.key"], name="fk_draft_file_tenant_key_pathway"
        ),
        sa.PrimaryKeyConstraint("tenant", "key", "path", name="pk_draft_file"),
    )
    op.create_table(
        "opposition",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name="fk_opposition_patient_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_opposition"),
    )
    op.create_index("ix_opposition_tenant_patient", "opposition", ["tenant", "patient"], unique=False)
    op.create_table(
        "partner_secret",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("partner", KEY, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(length=4), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "partner"], ["partner.tenant", "partner.key"], name="fk_partner_secret_tenant_partner_partner"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_partner_secret"),
    )
    op.create_index("ix_partner_secret_partner", "partner_secret", ["tenant", "partner"], unique=False)
    op.create_table(
        "pathway_version",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "key"], ["pathway.tenant", "pathway.key"], name="fk_pathway_version_tenant_key_pathway"
        ),
        sa.PrimaryKeyConstraint("tenant", "key", "number", name="pk_pathway_version"),
    )
    op.create_index("ix_pathway_version_digest", "pathway_version", ["tenant", "digest"], unique=False)
    op.create_table(
        "person_role",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_person_role_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant", "person", "role", name="pk_person_role"),
    )
    op.create_index("ix_person_role_tenant_role", "person_role", ["tenant", "role"], unique=False)
    op.create_table(
        "reception",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("partner", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("venue_blind", sa.String(length=32), nullable=False),
        sa.Column("media_type", KEY, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("case", ID, nullable=True),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("problem_code", KEY, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "partner"], ["partner.tenant", "partner.key"], name="fk_reception_tenant_partner_partner"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_reception"),
        sa.UniqueConstraint("tenant", "partner", "message_id", name="uq_reception_tenant_partner_message_id"),
    )
    op.create_index("ix_reception_received", "reception", ["tenant", "partner", "received_at"], unique=False)
    op.create_index("ix_reception_waiting", "reception", ["tenant", "partner", "venue_blind", "state"], unique=False)
    op.create_table(
        "consent",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("patient", ID, nullable=False),
        sa.Column("mode", KEY, nullable=False),
        sa.Column("recorded_by", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name="fk_consent_case_case"),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name="fk_consent_patient_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_tenant_case", "consent", ["tenant", "case"], unique=False)
    op.create_index("ix_consent_tenant_patient", "consent", ["tenant", "patient"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name="fk_sign_in_account_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in"),
    )
    op.create_index("ix_sign_in_account", "sign_in", ["account"], unique=False)
    op.create_index("ix_sign_in_expires_at", "sign_in", ["expires_at"], unique=False)


def forbid_changes(table: str) -> None:
    """What a journal says stands: no row of it changes or goes."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
