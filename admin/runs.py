"""The runs as those who follow them see them: every case with its state, what is late in it and what is stuck."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, cast, func, select
from sqlalchemy.orm import Session

from care.tables import case
from engine.tables import incident, run, task
from pathways.tables import pathway

PAGE = 20
STATES = {"active": "En cours", "completed": "Terminé", "cancelled": "Arrêté", "failed": "Bloqué"}


@dataclass(frozen=True)
class RunRow:
    """One case of the list."""

    id: str
    patient: str
    pathway: str
    pathway_title: str
    version: int
    title: str
    state: str
    end_state: str | None
    started_at: datetime
    ended_at: datetime | None
    open_tasks: int
    late_tasks: int
    incidents: int
    next_due: datetime | None

    @property
    def stuck(self) -> bool:
        return self.incidents > 0 or self.state == "failed"


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to: a pathway's key, a standing (`en-cours`, `termines`, `en-retard`, `bloques`)."""

    pathway: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Tally:
    """How many cases run, are finished, are late or stuck, and how many tasks are late."""

    active: int
    finished: int
    late: int
    stuck: int
    late_tasks: int


def runs(session: Session, tenant: str, now: datetime, wanted: Wanted, page: int = 1) -> list[RunRow]:
    """One page of the cases: what is stuck first, then what is late, then the newest."""
    listed = _listed(tenant, now)
    columns = listed.selected_columns
    rows = session.execute(
        listed.where(*_narrowed(listed, wanted))
        .order_by(columns.incidents.desc(), columns.late_tasks.desc(), columns.started_at.desc(), columns.id)
        .limit(PAGE + 1)
        .offset(PAGE * (page - 1))
    )
    return [_row(row) for row in rows]


def run_row(session: Session, tenant: str, now: datetime, identifier: str) -> RunRow | None:
    """One case as the list shows it."""
    row = session.execute(_listed(tenant, now).where(case.c.id == identifier)).one_or_none()
    return _row(row) if row else None


def tally(session: Session, tenant: str, now: datetime, key: str = "") -> Tally:
    """The figures above the list, of all pathways or of one."""
    listed = _listed(tenant, now).where(*([case.c.pathway == key] if key else [])).subquery()
    stuck, late, active = listed.c.incidents > 0, listed.c.late_tasks > 0, listed.c.state == "active"
    row = session.execute(
        select(
            _count(active), _count(~active), _count(late), _count(stuck | (listed.c.state == "failed")),
            func.coalesce(func.sum(listed.c.late_tasks), 0),
        )
    ).one()  # fmt: skip
    return Tally(*(int(number) for number in row))


def running_counts(session: Session, tenant: str) -> dict[str, int]:
    """How many cases run in each pathway."""
    counted = (
        select(case.c.pathway, func.count().label("number"))
        .join(run, (run.c.tenant == case.c.tenant) & (run.c.id == case.c.id))
        .where(case.c.tenant == tenant, run.c.state == "active")
        .group_by(case.c.pathway)
    )
    return {row.pathway: row.number for row in session.execute(counted)}


def _listed(tenant: str, now: datetime) -> Select[Any]:
    open_task = (task.c.tenant == tenant) & (task.c.run == run.c.id) & (task.c.state == "open")
    return (
        select(
            case.c.id, case.c.patient, case.c.pathway, pathway.c.title.label("pathway_title"),
            case.c.pathway_version.label("version"), case.c.title, run.c.state, run.c.end_state,
            run.c.started_at, run.c.ended_at,
            _number(open_task).label("open_tasks"),
            _number(open_task & (task.c.due_at < now)).label("late_tasks"),
            _incidents(tenant).label("incidents"),
            select(func.min(task.c.due_at)).where(open_task).correlate(run).scalar_subquery().label("next_due"),
        )
        .join(run, (run.c.tenant == case.c.tenant) & (run.c.id == case.c.id))
        .join(pathway, (pathway.c.tenant == case.c.tenant) & (pathway.c.key == case.c.pathway))
        .where(case.c.tenant == tenant)
    )  # fmt: skip


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(task).where(condition).correlate(run).scalar_subquery()


def _incidents(tenant: str) -> ColumnElement[int]:
    is_open = (incident.c.tenant == tenant) & (incident.c.run == run.c.id) & (incident.c.state == "open")
    return select(func.count()).select_from(incident).where(is_open).correlate(run).scalar_subquery()


def _narrowed(listed: Select[Any], wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    columns = listed.selected_columns
    by_standing = {
        "en-cours": run.c.state == "active",
        "termines": run.c.state.in_(("completed", "cancelled")),
        "en-retard": columns.late_tasks > 0,
        "bloques": (columns.incidents > 0) | (run.c.state == "failed"),
    }
    conditions = [by_standing[wanted.standing]] if wanted.standing in by_standing else []
    return [*conditions, case.c.pathway == wanted.pathway] if wanted.pathway else conditions


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(cast(condition, Integer)), 0)


def _row(row: Row[Any]) -> RunRow:
    return RunRow(**row._mapping)
