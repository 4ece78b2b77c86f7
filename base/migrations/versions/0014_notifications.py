"""Notifications, preferences and their delivery."""

revision = "0014_notifications"
down_revision = "0013_directory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
