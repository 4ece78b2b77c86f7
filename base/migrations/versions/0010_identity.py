"""Identities: words that they are found by, duplicates, merges, keys."""

revision = "0010_identity"
down_revision = "0009_sign_in_ways"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
