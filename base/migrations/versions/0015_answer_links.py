"""Links by which somebody without an account answers."""

revision = "0015_answer_links"
down_revision = "0014_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
