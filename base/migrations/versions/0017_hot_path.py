"""The engine's and the jobs' rows as the hot path needs them."""

revision = "0017_hot_path"
down_revision = "0016_cockpit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
