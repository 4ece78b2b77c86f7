"""The ways to sign in: Pro Santé Connect, one-time codes, passkeys; sessions by device."""

revision = "0009_sign_in_ways"
down_revision = "0008_standing_in"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
