"""The directory: situations of practice, structures, groups."""

revision = "0013_directory"
down_revision = "0012_thread"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
