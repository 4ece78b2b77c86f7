"""What people decided about jobs that had failed for good: tried again or given up, by whom, when and why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from base.jobs.tables import job_log as rows
from base.rows import made

RETRIED, GIVEN_UP = "retried", "given_up"


@dataclass(frozen=True)
class Decision:
    """One decision; `reason` is a code of a list, empty for a job that was tried again."""

    at: datetime
    by: str
    job: str
    kind: str
    case: str | None
    act: str
    reason: str


def note(session: Session, clock: Clock, tenant: str, by: str, **what: str | None) -> None:
    """Write down a decision: `job`, `kind`, `case`, `act`, `reason`; codes and ids only."""
    session.execute(insert(rows).values(tenant=tenant, id=new_id(), at=clock.now(), by=by, **what))


def decisions(session: Session, tenant: str, limit: int = 20) -> list[Decision]:
    """The last decisions, the latest first."""
    query = select(rows).where(rows.c.tenant == tenant).order_by(rows.c.at.desc(), rows.c.id.desc()).limit(limit)
    return [made(Decision, row) for row in session.execute(query)]
