"""Variables live in scopes: the run, a sub-process, a called process, the locals of one activity (Zeebe's rules)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from base.errors import RunError

if TYPE_CHECKING:
    from engine.run import Run, ScopeParts
    from engine.token import Token

Scopes = Sequence["Vars"]
Functions = Mapping[str, Callable[..., Any]]

FEEL_NOTE, PLAIN_NOTE = "$", "%"
"""First letter of the engine's own variables: FEEL values, or plain JSON. No expression can name them."""


class NameTaken(RunError):
    """A variable without a name, or with one that the engine keeps for itself."""

    code = "variable-name"


def hidden(name: str) -> bool:
    return name[0] in "$%"


class Vars(dict[str, Any]):
    """One scope's variables; says to its run what changed, and how to take it back."""

    __slots__ = ("owner", "run")

    def __init__(self, run: Run, owner: str) -> None:
        self.run, self.owner = run, owner

    def put(self, name: str, value: Any) -> None:
        self._remember(name)
        self[name] = value
        if not hidden(name):
            self.run.data_changed = True

    def drop(self, name: str) -> None:
        if name in self:
            self._remember(name)
            del self[name]

    def _remember(self, name: str) -> None:
        if name in self:
            self.run.undo.append((self.__setitem__, (name, self[name])))
        else:
            self.run.undo.append((self.pop, (name, None)))
        self.run.changed[(self.owner, name)] = self

    def visible(self) -> dict[str, Any]:
        return {name: value for name, value in self.items() if not hidden(name)}


class Moment(Protocol):
    """What an expression knows beside variables."""

    @property
    def now(self) -> datetime: ...
    @property
    def functions(self) -> Functions: ...


class View(Mapping[str, Any]):
    """What an expression sees: the scopes from the innermost outwards, asked name by name; nothing is copied."""

    __slots__ = ("extra", "functions", "now", "scopes")

    def __init__(self, run: Moment, scopes: Scopes, extra: Mapping[str, Any] | None = None) -> None:
        self.scopes, self.extra = scopes, extra
        self.now: datetime = run.now
        self.functions: Functions = run.functions

    def __getitem__(self, name: str) -> Any:
        if self.extra is not None and name in self.extra:
            return self.extra[name]
        for scope in self.scopes:
            if name in scope:
                return scope[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return (self.extra is not None and name in self.extra) or any(name in scope for scope in self.scopes)

    def names(self) -> set[str]:
        found = {name for scope in self.scopes for name in scope if not hidden(name)}
        return found | set(self.extra or ())

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.names()))

    def __len__(self) -> int:
        return len(self.names())


class Copies(Mapping[str, Any]):
    """What an operation is told: it may do with it what it likes, the run's own values stay as they are."""

    def __init__(self, seen: View) -> None:
        self.seen = seen

    def __getitem__(self, name: str) -> Any:
        return deepcopy(self.seen[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.seen)

    def __len__(self) -> int:
        return len(self.seen)


def view(token: Token, extra: Mapping[str, Any] | None = None) -> View:
    """What a token sees."""
    return View(token.host, chain(token), extra)


def chain(token: Token) -> list[Vars]:
    """The scopes a token sees, innermost first; a called process is a wall."""
    found: list[Vars] = []
    place: Token | None = token
    workflow = token.workflow
    while True:
        while place is not None:  # the activity, and the repetition's body around it
            if place.locals:
                found.append(place.locals)
            hangs = "inner" in place.internal_data or "listener" in place.internal_data
            place = workflow.tasks.get(place._parent) if hangs else None
        found.append(workflow.data)
        if workflow.wall:
            return found
        place = workflow.owner
        workflow = workflow.owner.workflow


def scope_chain(scope: ScopeParts) -> list[Vars]:
    """The same, seen from inside a scope without a token of its own."""
    if scope.wall or scope.owner is None:
        return [scope.data]
    return [scope.data, *chain(scope.owner)]


def propagate(scopes: Scopes, values: Mapping[str, Any]) -> None:
    """Each value goes to the nearest scope that has the name, else to the outermost (the process)."""
    for name, value in values.items():
        next((scope for scope in scopes if name in scope), scopes[-1]).put(free(name), value)


def put_all(scope: Vars, values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
    for name, value in dict(values).items():
        scope.put(free(name), value)


def free(name: str) -> str:
    """The name, when files and answers may use it. Raises NameTaken."""
    if not name or hidden(name):
        raise NameTaken(f"Une variable ne peut pas s’appeler « {name[:60]} » : commencez par une lettre.")
    return name
