"""The tables and functions of procrastinate, on PostgreSQL alone, with the indexes by which our workers look.

The library's schema stands beside the versions as it was at 3.10.0: a later one comes with a migration of its own, made
from the library's.
"""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0004_procrastinate"
down_revision = "0003_openings"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[1] / "procrastinate_3_10_0.sql"
WAITING = """CREATE INDEX jalon_procrastinate_jobs_waiting
ON procrastinate_jobs (priority DESC, ((args ->> 'due_at') COLLATE "C"), id) WHERE status = 'todo'"""
SERIAL = """CREATE INDEX jalon_procrastinate_jobs_serial
ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')"""


def upgrade() -> None:
    """By the driver: many statements at once, none with a value in it."""
    if op.get_bind().dialect.name != "postgresql":
        return
    driver: Any = op.get_bind().connection.driver_connection
    for statements in (SCHEMA.read_text("utf-8"), WAITING, SERIAL):
        driver.execute(statements)
