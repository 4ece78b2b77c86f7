"""Absences, delegates, duty rosters."""

revision = "0008_standing_in"
down_revision = "0007_list_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
