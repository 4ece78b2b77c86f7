"""The lists: saved views, what they are filtered and searched by."""

revision = "0007_list_views"
down_revision = "0006_case_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
