"""What a run is given from outside: the time, the calendar, the operations of the service tasks, the job queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.jobs import JobQueue

FeelValue = Any  # None, bool, str, Decimal, list, dict or a value of engine.feel.values


@dataclass(frozen=True)
class OperationCall:
    """What an operation is told. `variables` are those the task sees (its own inputs first), read-only."""

    session: Session
    tenant: str
    run: str
    element: str
    type: str
    variables: Mapping[str, FeelValue]
    headers: Mapping[str, str]
    now: datetime


class Operation(Protocol):
    """What a service task calls inside the step; it only touches our own tables.

    Raises `engine.propagation.BpmnError` to take an error boundary event, `base.errors.RunError` to stop with an
    incident (or to take an error boundary event that names its code).
    """

    def __call__(self, call: OperationCall) -> Mapping[str, FeelValue]: ...


@dataclass(frozen=True)
class Opening:
    """An event that would begin a run: which start event of which process, and what it brought."""

    definition: str
    process: str
    element: str
    kind: str
    name: str
    values: Mapping[str, FeelValue]
    now: datetime


@dataclass(frozen=True)
class Place:
    """Where a run begins: its id, and the values it begins with beside what the event brought."""

    run: str
    variables: Mapping[str, FeelValue] = field(default_factory=dict)


class Opens(Protocol):
    """Says who a run is about that begins by itself; None: nobody, and no run begins."""

    def __call__(self, session: Session, opening: Opening) -> Place | None: ...


@dataclass(frozen=True)
class Environment:
    """Given once to the engine by the roof."""

    clock: Clock
    calendar: Calendar
    operations: Mapping[str, Operation]
    queue: JobQueue
    opens: Opens | None = None


class World(NamedTuple):
    """What stands around a run during one input: one instant, one actor, one transaction."""

    now: datetime
    actor: str
    calendar: Calendar
    operations: Mapping[str, Operation]
    session: Session
    tenant: str
    rehearsal: bool = False
