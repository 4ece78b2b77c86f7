"""What screens are shown of a run and of a definition: plain records, no tokens, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Element:
    """One element of a diagram. `roles` are those that may answer a user task; `within` is its sub-process, or ''.

    `properties` are the author's own (zeebe:properties): the engine gives them no meaning, screens do.
    """

    id: str
    name: str
    type: str
    lane: str | None
    roles: tuple[str, ...]
    form: str | None
    within: str
    process: str
    line: int = 0
    file: str = ""
    properties: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class TokenPicture:
    """Where a run stands: `state` is waiting, active, incident or listening (an event that may fire)."""

    element: str
    name: str
    type: str
    process: str
    state: str
    since: datetime


@dataclass(frozen=True)
class TimerPicture:
    """A timer that runs: of which element, by which expression, since when, until when; `id` names it in its run."""

    element: str
    name: str
    due_at: datetime
    since: datetime
    expression: str
    token: int
    n: int

    @property
    def id(self) -> str:
        return f"{self.token}.{self.n}"


@dataclass(frozen=True)
class MessagePicture:
    message: str
    key: str
    since: datetime


@dataclass(frozen=True)
class ChoicePicture:
    """An ad-hoc sub-process in which people choose: its open task, all that it offers, and what may be begun now.

    `begun` and `running` count by element; `stops` says whether what still runs ends when people say that it is done.
    """

    task: str
    element: str
    name: str
    activities: tuple[Element, ...]
    offered: tuple[Element, ...]
    begun: Mapping[str, int]
    running: Mapping[str, int]
    stops: bool


@dataclass(frozen=True)
class IncidentPicture:
    id: str
    run: str
    element: str
    kind: str
    message: str
    detail: str
    created_at: datetime
    state: str


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    n: int
    at: datetime
    actor: str
    kind: str
    element: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class ScopePicture:
    """The variables of one scope, as plain values; the run's own scope comes first, with an empty `element`."""

    element: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class RunPicture:
    run: str
    definition: str
    process: str
    state: str
    end_state: str | None
    started_at: datetime
    ended_at: datetime | None
    tokens: tuple[TokenPicture, ...]
    scopes: tuple[ScopePicture, ...]
    timers: tuple[TimerPicture, ...]
    messages: tuple[MessagePicture, ...]
    incidents: tuple[IncidentPicture, ...]
    completed: Mapping[str, int]  # element id -> how often it completed
    choices: tuple[ChoicePicture, ...] = ()
