"""A token: SpiffWorkflow's task without inherited data, kept only while it is alive."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import spiff
from engine.scopes import Vars

if TYPE_CHECKING:
    from engine.dialect import Flow
    from engine.elements.node import Node
    from engine.run import Run


LEFT = spiff.COMPLETED | spiff.CANCELLED


class Token(spiff.TokenBase):
    """`internal_data` holds the engine's notes on it (small JSON, saved with its row); `locals` its own variables."""

    task_spec: Node
    internal_data: dict[str, Any]
    parent: Token | None
    _state: int
    locals: Vars | None = None
    place = 0  # in the queue
    taken: tuple[Flow, ...] = ()  # outgoing flows, chosen before the token leaves
    gone = False

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Token | None = None,
        state: int = spiff.FUTURE,
        key: int | None = None,
    ) -> None:
        run: Run = workflow.top_workflow
        self.host = run
        super().__init__(workflow, task_spec, parent, state, key or run.next_id())
        self._children: dict[int, None] = {}  # a dict: removal must not cost more when there are many
        self.since: datetime = run.now
        run.tokens[self.id] = self
        run.touched[self.id] = self

    @property
    def listener(self) -> bool:
        """It keeps nothing alive: a boundary event, an event sub-process, a branch of an event-based gateway."""
        return "listener" in self.internal_data

    @property
    def inner(self) -> bool:
        """One turn of a repeated activity."""
        return "inner" in self.internal_data

    @property
    def stuck(self) -> bool:
        return bool(self._state == spiff.ERROR)

    def own(self) -> Vars:
        """The token's local variables, made when first needed."""
        if self.locals is None:
            self.locals = Vars(self.host, f"t{self.id}")
        return self.locals

    def note(self, **notes: Any) -> None:
        """Keep engine data with the token; None takes a note away."""
        self.host.undo.append((self._restore, (dict(self.internal_data),)))
        for name, value in notes.items():
            if value is None:
                self.internal_data.pop(name, None)
            else:
                self.internal_data[name] = value
        self.host.touched[self.id] = self

    def _restore(self, notes: dict[str, Any]) -> None:
        self.internal_data = notes
        self.host.touched[self.id] = self

    def become(self, state: int) -> None:
        """Change state without any effect on the queue."""
        self.host.undo.append((self._turn_back, (self._state, self.since)))
        self._state, self.since = state, self.host.now
        self.host.touched[self.id] = self

    def _turn_back(self, state: int, since: datetime) -> None:
        self._state, self.since = state, since

    def wait(self) -> None:
        """Stay at a join."""
        self.workflow.joins.setdefault(self.task_spec.name, []).append(self)
        self.host.doubtful[self.workflow] = None
        self.host.undo.append((self.stop_waiting, ()))
        self.become(spiff.WAITING)

    def stop_waiting(self) -> None:
        joins = self.workflow.joins
        waiting = joins.get(self.task_spec.name) if joins else None
        if waiting and self in waiting:
            self.host.undo.append((self._wait_again, (waiting.index(self),)))
            waiting.remove(self)
            if not waiting:
                del joins[self.task_spec.name]

    def _wait_again(self, place: int) -> None:
        self.workflow.joins.setdefault(self.task_spec.name, []).insert(place, self)

    def retire(self, state: int) -> None:
        """Leave the state for good; what hangs on the token goes with it."""
        if self.gone:
            return
        self.host.undo.append((self._stay, (self._state,)))
        self.gone = True
        self._state = state
        self.host.retired(self)

    def _stay(self, state: int) -> None:
        self.gone, self._state = False, state

    # --- what the library calls -------------------------------------------------------------------------------------

    def _child_added_notify(self, child: Token) -> None:
        self._children[child.id] = None

    def _add_child(self, task_spec: Any, state: int = spiff.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def complete(self) -> None:
        """As the library's own; the state is the last that a token gets, when it leaves."""
        self.task_spec._on_complete(self)

    def _set_state(self, value: int) -> None:
        self.become(value)
        if value == spiff.READY and not self.task_spec.manual:
            self.host.enqueue(self)

    def _ready(self) -> None:
        """As the library's own; what a spec does then is nothing here."""
        if not self._state & LEFT:
            self._set_state(spiff.READY)

    def run(self) -> Any:
        """As the library's own, but a token that was cancelled while it ran stays so."""
        result = self.task_spec._run(self)
        if self.gone:
            return result
        if result is None:
            self._set_state(spiff.STARTED)
        else:
            self.complete()
        return result
