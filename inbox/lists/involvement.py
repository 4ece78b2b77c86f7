"""Who has a part in a case: they hold, held or answered a task of it. The database itself keeps it.

So somebody's running cases are found among those that run, not among all that they ever had a part in, and those that
ended last without the others. It only finds: whether a case may be seen, the guard says.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from base.database import metadata
from inbox.lists.tables import involvement

ADD = """INSERT INTO involvement (tenant, person, run, closed_at)
SELECT NEW.tenant, NEW.{who}, NEW.run,
(SELECT closed_at FROM "case" WHERE "case".tenant = NEW.tenant AND "case".id = NEW.run)
WHERE NEW.{who} IS NOT NULL ON CONFLICT DO NOTHING;"""
HOLDER, AUTHOR = ADD.format(who="assignee"), ADD.format(who="completed_by")
END = "UPDATE involvement SET closed_at = NEW.closed_at WHERE tenant = NEW.tenant AND run = NEW.id;"
TRIGGERS = (
    ("task_held", "INSERT ON task", "NEW.assignee IS NOT NULL AND NEW.state = 'open'", HOLDER),
    (
        "task_involves",
        "UPDATE OF assignee, completed_by ON task",
        "NEW.assignee IS NOT NULL OR NEW.completed_by IS NOT NULL",
        f"{HOLDER} {AUTHOR}",
    ),
    ("case_ends", 'UPDATE OF closed_at ON "case"', "NEW.closed_at IS NOT NULL", END),
)
"""(name, after what, when, what is done): whatever writes a task or closes a case has it done."""


def statements(server: str) -> list[str]:
    """What makes the triggers."""
    if server == "sqlite":
        return [f"CREATE TRIGGER {name} AFTER {on} WHEN {when} BEGIN {act} END" for name, on, when, act in TRIGGERS]
    return [
        one
        for name, on, when, act in TRIGGERS
        for one in (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {on} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()",
        )
    ]


@event.listens_for(metadata, "after_create")
def _keep(_target: MetaData, connection: Connection, tables: Collection[Table], **_: Any) -> None:
    """With the tables, as the migration does (0021)."""
    if involvement in tables:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
