"""Incident rows: where runs are stuck, in words for the person who must look."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound
from base.ids import new_id
from engine import tables
from engine.effects import Effect, Freed, Stuck
from engine.pictures import IncidentPicture
from engine.run import Run

ADD = insert(tables.incident)
RESOLVE = (
    update(tables.incident)
    .where(
        tables.incident.c.tenant == bindparam("b_tenant"),
        tables.incident.c.run == bindparam("b_run"),
        tables.incident.c.token == bindparam("b_token"),
        tables.incident.c.state == "open",
    )
    .values(state="resolved", resolved_at=bindparam("at"), resolved_by=bindparam("by"))
)
KIND_LENGTH = 24


def write(session: Session, run: Run, effects: Sequence[Effect]) -> None:
    """In their order: a token may be freed and get stuck again in one transaction."""
    connection = session.connection()
    for effect in effects:
        if isinstance(effect, Stuck):
            connection.execute(ADD, _row(run, effect))
        elif isinstance(effect, Freed):
            place = {"b_tenant": run.world.tenant, "b_run": run.key, "b_token": effect.token}
            connection.execute(RESOLVE, {**place, "at": run.world.now, "by": run.world.actor})


def _row(run: Run, stuck: Stuck) -> dict[str, Any]:
    return {
        "tenant": run.world.tenant,
        "id": new_id(),
        "run": run.key,
        "token": stuck.token,
        "element": stuck.element,
        "kind": stuck.kind[:KIND_LENGTH],
        "message": stuck.message,
        "detail": stuck.detail,
        "created_at": run.world.now,
        "state": "open",
    }


def find(session: Session, tenant: str, incident: str) -> tuple[str, int]:
    """(run, token) of an open incident. Raises NotFound, Conflict."""
    columns = tables.incident.c
    found = session.execute(
        select(columns.run, columns.token, columns.state).where(columns.tenant == tenant, columns.id == incident)
    ).first()
    if found is None:
        raise NotFound("Cet incident n’existe pas.")
    if found.state != "open":
        raise Conflict("Cet incident est déjà résolu.", code="incident-resolved")
    return found.run, found.token


def of_run(session: Session, tenant: str, run: str) -> list[IncidentPicture]:
    """All incidents of a run, the newest first."""
    columns = tables.incident.c
    names = ("id", "run", "element", "kind", "message", "detail", "created_at", "state")
    found = session.execute(
        select(*(columns[name] for name in names))
        .where(columns.tenant == tenant, columns.run == run)
        .order_by(columns.created_at.desc(), columns.id.desc())
    )
    return [IncidentPicture(*row) for row in found]
