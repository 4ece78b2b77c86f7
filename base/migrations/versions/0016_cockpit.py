"""What the coordinator's lists are read by."""

revision = "0016_cockpit"
down_revision = "0015_answer_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
