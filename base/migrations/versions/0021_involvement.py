"""Who has a part in an open case: their running cases are found, however many they once had."""

import sqlalchemy as sa
from alembic import op

from base.database import Id, Key

revision = "0021_involvement"
down_revision = "0020_answered_tasks"
branch_labels = None
depends_on = None

ADD = """INSERT INTO involvement (tenant, person, run)
SELECT NEW.tenant, NEW.{who}, NEW.run WHERE NEW.{who} IS NOT NULL ON CONFLICT DO NOTHING;"""
HOLDER, AUTHOR = ADD.format(who="assignee"), ADD.format(who="completed_by")
FORGET = "DELETE FROM involvement WHERE tenant = NEW.tenant AND run = NEW.id;"
TRIGGERS = (
    ("task_held", "INSERT ON task", "NEW.assignee IS NOT NULL AND NEW.state = 'open'", HOLDER),
    (
        "task_involves",
        "UPDATE OF assignee, completed_by ON task",
        "NEW.assignee IS NOT NULL OR NEW.completed_by IS NOT NULL",
        f"{HOLDER} {AUTHOR}",
    ),
    ("case_ends", 'UPDATE OF closed_at ON "case"', "NEW.closed_at IS NOT NULL", FORGET),
)
KNOWN = """SELECT task.tenant, task.{who}, task.run FROM "case"
JOIN task ON task.tenant = "case".tenant AND task.run = "case".id
WHERE "case".closed_at IS NULL AND task.{who} IS NOT NULL"""


def upgrade() -> None:
    op.create_table(
        "involvement",
        sa.Column("tenant", Key, nullable=False),
        sa.Column("person", Key, nullable=False),
        sa.Column("run", Id, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "person", "run", name=op.f("pk_involvement")),
    )
    op.create_index("ix_involvement_run", "involvement", ["tenant", "run"])
    for name, event, condition, act in TRIGGERS:
        _when(name, event, condition, act)
    known = " UNION ".join(KNOWN.format(who=who) for who in ("assignee", "completed_by"))
    op.execute(f"INSERT INTO involvement (tenant, person, run) {known}")


def _when(name: str, event: str, condition: str, act: str) -> None:
    """The database keeps it true, also of what an older process writes beside this one."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} AFTER {event} WHEN {condition} BEGIN {act} END")
        return
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act} RETURN NULL; END $$")
    op.execute(f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()")
