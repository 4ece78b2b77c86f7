"""Consents and oppositions in full, break-glass, who looked."""

revision = "0011_patient_rights"
down_revision = "0010_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
