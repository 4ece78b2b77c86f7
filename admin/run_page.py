"""What the page of one run shows: where it stands, what it waits for, what is stuck, what happened, what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin import values
from engine.pictures import Element, RunPicture, ScopePicture, TimerPicture
from engine.tables import task
from people.roles import label

CASE_SCOPE = "Dossier"


@dataclass(frozen=True)
class Expected:
    """One thing that the run waits for."""

    icon: str
    title: str
    since: datetime
    due_at: datetime | None
    role: str
    late: bool
    timer: TimerPicture | None = None


@dataclass(frozen=True)
class Scope:
    """The variables of one scope, each on its line."""

    name: str
    groups: list[values.Group]


def open_tasks(session: Session, tenant: str, run: str, now: datetime) -> list[Expected]:
    """The open tasks, those due first above."""
    rows = session.execute(
        select(task)
        .where(task.c.tenant == tenant, task.c.run == run, task.c.state == "open")
        .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.id)
    )
    return [
        Expected(
            "clipboard-list", row.name, row.created_at, row.due_at, label(row.role) if row.role else "",
            row.due_at is not None and row.due_at < now,
        )
        for row in rows
    ]  # fmt: skip


def expected(session: Session, tenant: str, picture: RunPicture, now: datetime) -> list[Expected]:
    """Tasks, then messages, then the moments to come."""
    messages = [
        Expected("mail", f"Message : {one.message.replace('_', ' ')}", one.since, None, "", False)
        for one in picture.messages
    ]
    timers = [
        Expected("timer", one.name or "Échéance", one.since, one.due_at, "", False, one)
        for one in sorted(picture.timers, key=lambda timer: timer.due_at)
    ]
    return [*open_tasks(session, tenant, picture.run, now), *messages, *timers]


def scopes(picture: RunPicture, elements: Mapping[str, Element]) -> list[Scope]:
    """The variables by scope, the case's own first; what a step was given empty is left out."""
    held = [(scope.element, _shown(scope)) for scope in picture.scopes]
    return [Scope(_scope_name(element, elements), values.groups(shown)) for element, shown in held if shown]


def _shown(scope: ScopePicture) -> Mapping[str, Any]:
    if not scope.element:
        return scope.variables
    return {name: value for name, value in scope.variables.items() if value is not None and value != ""}


def state(session: Session, tenant: str, picture: RunPicture, now: datetime) -> dict[str, Any]:
    """The state as the viewer draws it: what is done, where tokens stand, what is late and what is stuck."""
    late = _late_elements(session, tenant, picture.run, now)
    standing: dict[str, int] = {}
    for token in picture.tokens:
        if token.state in ("waiting", "active", "incident"):
            standing[token.element] = standing.get(token.element, 0) + 1
    here = [{"element": one, "count": count, "late": one in late} for one, count in standing.items()]
    stuck = sorted({incident.element for incident in picture.incidents if incident.state == "open"})
    return {"done": sorted(picture.completed), "here": here, "incidents": stuck}


def _late_elements(session: Session, tenant: str, run: str, now: datetime) -> set[str]:
    is_late = (task.c.tenant == tenant, task.c.run == run, task.c.state == "open", task.c.due_at < now)
    return set(session.scalars(select(task.c.element).where(*is_late)))


def _scope_name(element: str, elements: Mapping[str, Element]) -> str:
    if not element:
        return CASE_SCOPE
    return elements[element].name or element if element in elements else element
