"""The ways to sign in: Pro Santé Connect, one-time codes, passkeys; sessions by device."""

import sqlalchemy as sa
from alembic import op

revision = "0009_sign_in_ways"
down_revision = "0008_standing_in"
branch_labels = None
depends_on = None

KEY = sa.String(120)
ID = sa.String(16)
HASH = sa.String(64)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _sessions()
    _steps_and_events()
    _codes()
    _passkeys()
    _people()
    _charters()


def _sessions() -> None:
    for column in (
        sa.Column("id", ID),
        sa.Column("way", sa.String(16)),
        sa.Column("device", sa.Text()),
        sa.Column("acting", KEY),
        sa.Column("situation", sa.Text()),
        sa.Column("situations", sa.Text()),
        sa.Column("provider_token", sa.LargeBinary()),
    ):
        op.add_column("sign_in", column)


def _steps_and_events() -> None:
    op.create_table(
        "sign_in_step",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "token_hash", name="pk_sign_in_step"),
    )
    op.create_index("ix_sign_in_step_tenant_expires_at", "sign_in_step", ["tenant", "expires_at"])
    op.create_table(
        "sign_in_event",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_sign_in_event"),
    )
    op.create_index("ix_sign_in_event_tenant_person_at", "sign_in_event", ["tenant", "person", "at"])


def _codes() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        _of_account("one_time_code"),
        sa.PrimaryKeyConstraint("tenant", "account", name="pk_one_time_code"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("code_hash", HASH, nullable=False),
        _of_account("recovery_code"),
        sa.PrimaryKeyConstraint("tenant", "account", "code_hash", name="pk_recovery_code"),
    )


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("credential_hash", HASH, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        _of_account("passkey"),
        sa.PrimaryKeyConstraint("tenant", "credential_hash", name="pk_passkey"),
    )
    op.create_index("ix_passkey_tenant_account", "passkey", ["tenant", "account"])


def _people() -> None:
    op.create_table(
        "professional_identity",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("identifier", sa.String(64), nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        _of_person("professional_identity"),
        sa.PrimaryKeyConstraint("tenant", "identifier", name="pk_professional_identity"),
    )
    op.create_table(
        "enrolment",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("granted", sa.Boolean()),
        sa.Column("decided_by", ID),
        sa.Column("decided_at", INSTANT),
        _of_person("enrolment"),
        sa.PrimaryKeyConstraint("tenant", "person", name="pk_enrolment"),
    )
    op.create_table(
        "invitation",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("login", sa.String(254), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        _of_person("invitation"),
        sa.PrimaryKeyConstraint("tenant", "token_hash", name="pk_invitation"),
    )
    op.create_index("ix_invitation_tenant_person", "invitation", ["tenant", "person"])


def _charters() -> None:
    op.create_table(
        "charter",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("version", HASH, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name="pk_charter"),
    )
    op.create_table(
        "charter_acceptance",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("version", HASH, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        _of_person("charter_acceptance"),
        sa.PrimaryKeyConstraint("tenant", "person", "version", name="pk_charter_acceptance"),
    )


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_account_account"
    return sa.ForeignKeyConstraint(["account"], ["account.id"], name=name, ondelete="CASCADE")


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person"], ["person.id"], name=f"fk_{table}_person_person")
