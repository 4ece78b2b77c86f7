"""Who had a part in an ended case: those that ended last are found, however many there once were."""

import sqlalchemy as sa
from alembic import op

from base.database import Instant

revision = "0022_ended_cases"
down_revision = "0021_involvement"
branch_labels = None
depends_on = None

ADD = """INSERT INTO involvement (tenant, person, run, closed_at)
SELECT NEW.tenant, NEW.{who}, NEW.run,
(SELECT closed_at FROM "case" WHERE "case".tenant = NEW.tenant AND "case".id = NEW.run)
WHERE NEW.{who} IS NOT NULL ON CONFLICT DO NOTHING;"""
HOLDER, AUTHOR = ADD.format(who="assignee"), ADD.format(who="completed_by")
END = "UPDATE involvement SET closed_at = NEW.closed_at WHERE tenant = NEW.tenant AND run = NEW.id;"
TRIGGERS = (
    ("task_held", "task", "INSERT ON task", "NEW.assignee IS NOT NULL AND NEW.state = 'open'", HOLDER),
    (
        "task_involves",
        "task",
        "UPDATE OF assignee, completed_by ON task",
        "NEW.assignee IS NOT NULL OR NEW.completed_by IS NOT NULL",
        f"{HOLDER} {AUTHOR}",
    ),
    ("case_ends", '"case"', 'UPDATE OF closed_at ON "case"', "NEW.closed_at IS NOT NULL", END),
)
KNOWN = """SELECT task.tenant, task.{who}, task.run, "case".closed_at FROM "case"
JOIN task ON task.tenant = "case".tenant AND task.run = "case".id
WHERE "case".closed_at IS NOT NULL AND task.{who} IS NOT NULL"""


def upgrade() -> None:
    op.add_column("involvement", sa.Column("closed_at", Instant))
    for name, table, event, condition, act in TRIGGERS:
        _forget(name, table)
        _when(name, event, condition, act)
    known = " UNION ".join(KNOWN.format(who=who) for who in ("assignee", "completed_by"))
    op.execute(f"INSERT INTO involvement (tenant, person, run, closed_at) {known}")
    op.create_index("ix_involvement_ended", "involvement", ["tenant", "person", "closed_at", "run"])


def _forget(name: str, table: str) -> None:
    """On PostgreSQL whoever writes to the table waits from here on: nothing ends unseen while the rest is filled."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {name}()")


def _when(name: str, event: str, condition: str, act: str) -> None:
    """The database keeps it true, also of what an older process writes beside this one."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} AFTER {event} WHEN {condition} BEGIN {act} END")
        return
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act} RETURN NULL; END $$")
    op.execute(f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()")
