"""What a run asks of the world during one input: each becomes rows in the transaction that saves the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from base.ids import new_id


class Noted(NamedTuple):
    """A line of the journal; a tuple, for every move of a token makes one."""

    kind: str
    element: str
    detail: Mapping[str, Any] | None = None


class Opened(NamedTuple):
    """A task that waits for a person."""

    id: str
    token: int
    process: str
    element: str
    name: str
    lane: str | None
    roles: tuple[str, ...]
    persons: tuple[str, ...]
    assignee: str | None
    form: str | None
    priority: int
    due_at: datetime | None
    follow_up_at: datetime | None


class Closed(NamedTuple):
    """A task that waits no longer: `state` is `completed` or `cancelled`."""

    task: str
    state: str
    outcome: str | None = None


@dataclass(frozen=True)
class Sent:
    """A message or a signal that leaves the run."""

    kind: str
    name: str
    key: str | None
    payload: Mapping[str, Any]
    element: str
    id: str = field(default_factory=new_id, compare=False)


@dataclass(frozen=True)
class Asked:
    """An operation that runs outside the step, as a job."""

    token: int
    element: str
    type: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Stuck:
    """A token that cannot go on; a person must look."""

    token: int
    element: str
    kind: str
    message: str
    detail: str


@dataclass(frozen=True)
class Freed:
    """A token that is stuck no longer."""

    token: int


Effect = Noted | Opened | Closed | Sent | Asked | Stuck | Freed
