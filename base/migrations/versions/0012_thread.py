"""Drafts, comments, attachments and requests around a task."""

revision = "0012_thread"
down_revision = "0011_patient_rights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
