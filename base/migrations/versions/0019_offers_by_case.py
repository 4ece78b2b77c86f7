"""Open offers know their run: what waits for somebody in a circle of care is found from its patients' cases."""

import sqlalchemy as sa
from alembic import op

from base.database import Id

revision = "0019_offers_by_case"
down_revision = "0018_job_log"
branch_labels = None
depends_on = None

TASK = sa.table("task", *(sa.column(name) for name in ("tenant", "id", "run")))
OFFER = sa.table("task_candidate", *(sa.column(name) for name in ("tenant", "task", "run")), sa.column("open"))
OF_TASK = "(SELECT run FROM task WHERE tenant = NEW.tenant AND id = NEW.task)"
LATE = "WHEN (NEW.open AND NEW.run IS NULL)"
ON_SQLITE = """CREATE TRIGGER task_candidate_{name} AFTER {event} ON task_candidate {late} BEGIN
UPDATE task_candidate SET run = {run}
WHERE tenant = NEW.tenant AND task = NEW.task AND kind = NEW.kind AND value = NEW.value; END"""
FUNCTION = """CREATE FUNCTION task_candidate_run() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.run := {run}; RETURN NEW; END $$"""
ON_POSTGRESQL = """CREATE TRIGGER task_candidate_run BEFORE INSERT OR UPDATE OF open ON task_candidate
FOR EACH ROW {late} EXECUTE FUNCTION task_candidate_run()"""


def upgrade() -> None:
    op.add_column("task_candidate", sa.Column("run", Id))
    of_task = sa.select(TASK.c.run).where(TASK.c.tenant == OFFER.c.tenant, TASK.c.id == OFFER.c.task)
    op.execute(sa.update(OFFER).where(sa.text("open")).values(run=of_task.scalar_subquery()))
    op.create_index(
        "ix_task_candidate_run",
        "task_candidate",
        ["tenant", "run", "kind", "value", "task"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    _fill()


def _fill() -> None:
    """What a program of the older release offers beside this one is told its run; so is what is opened again."""
    if op.get_bind().dialect.name == "sqlite":
        for name, event in (("offered", "INSERT"), ("reopened", "UPDATE OF open")):
            op.execute(ON_SQLITE.format(name=name, event=event, late=LATE, run=OF_TASK))
        return
    op.execute(FUNCTION.format(run=OF_TASK))
    op.execute(ON_POSTGRESQL.format(late=LATE))
