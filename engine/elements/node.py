"""What every element does: a token arrives, the element acts, the token leaves on flows chosen before it leaves."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import TYPE_CHECKING, Any

from base.errors import RunError
from engine import spiff
from engine.dialect import XML, Flow, Lane, Mapping, References, Trigger, line_of, properties
from engine.expressions import condition
from engine.scopes import view

if TYPE_CHECKING:
    from engine.run import Scope, ScopeParts
    from engine.token import Token


class NoWay(RunError):
    """A token has no flow to leave on."""

    code = "flow"


class Node(spiff.NodeBase):
    """A task spec whose life cycle never predicts, never copies data and never writes to itself after the parse."""

    name: str
    manual: bool
    triggers: tuple[Trigger, ...] = ()
    maps_in: tuple[Mapping, ...] = ()
    maps_out: tuple[Mapping, ...] = ()
    boundary: tuple[Any, ...] = ()
    attached: str | None = None
    compensates = False  # it is a compensation handler
    listens = False  # it waits for an event without holding its scope open
    by_event = False  # it is an event sub-process
    interrupts = False  # … and ends what runs beside it
    parallel = False  # an event that waits for all of its triggers
    gathers = False  # several tokens become one here
    instantiates = False  # a receive task or an event-based gateway that starts the process
    sealed = False

    def __init__(self, container: Any, node: XML, kind: str, lane: Lane | None) -> None:
        super().__init__(container, node.get("id"), lane=None if lane is None else lane.name)
        self.bpmn_id, self.bpmn_name = node.get("id"), node.get("name")
        self.kind, self.swimlane, self.line = kind, lane, line_of(node)
        self.properties = properties(node)
        self._flows: list[Flow] = []
        self._arrivals: list[Flow] = []
        self.flows: tuple[Flow, ...] = ()
        self.arrivals: tuple[Flow, ...] = ()
        self.is_conditional = self.has_default = False  # whether one of the flows is

    @property
    def label(self) -> str:
        return self.bpmn_name or self.name

    def read(self, node: XML, references: References) -> None:
        """Take what the element needs from its XML. Raises PathwayError."""

    def leave_by(self, flow: Flow) -> None:
        self._flows.append(flow)

    def reached_by(self, flow: Flow) -> None:
        self._arrivals.append(flow)

    def seal(self) -> None:
        """No more writing: the definition is shared by all runs."""
        self.flows, self.arrivals = tuple(self._flows), tuple(self._arrivals)
        self.is_conditional = any(flow.condition for flow in self.flows)
        self.has_default = any(flow.default for flow in self.flows)
        self.tighten()
        self.sealed = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self.sealed:
            raise AttributeError(f"the definition is immutable: {self.name}.{name}")
        super().__setattr__(name, value)

    # --- the library's life cycle ------------------------------------------------------------------------------------

    def _update(self, token: Token) -> None:
        """The token arrives."""
        if self.arrive(token):
            token._ready()

    def _run_hook(self, token: Token) -> Any:
        """The element acts: True completes the token, None leaves it started, False when it is gone."""
        self.choose(token)
        return True

    def _on_complete(self, token: Token) -> None:
        """The token leaves: nothing here can fail."""
        token.host.done(token)
        for flow in token.taken:
            token.host.move(token.workflow, flow)
        token.retire(spiff.COMPLETED)

    # --- for the elements --------------------------------------------------------------------------------------------

    def arrive(self, token: Token) -> bool:
        """Whether the token may act now."""
        return True

    def begin(self, token: Token) -> None:
        """The element is where an event brought the run about."""
        token._ready()

    def choose(self, token: Token) -> None:
        """Every flow whose condition holds; the default when none of the conditional ones does."""
        token.taken = self.conditional_flows(token) if self.is_conditional or self.has_default else self.flows

    def conditional_flows(self, token: Token) -> tuple[Flow, ...]:
        seen = view(token)
        taken = [f for f in self.flows if not f.default and (f.condition is None or condition(f.condition, seen))]
        if not any(flow.condition for flow in taken):
            taken += [flow for flow in self.flows if flow.default]
        if not taken:
            raise NoWay(f"« {self.label} » : aucune condition n’est vraie et il n’y a pas de flux par défaut.")
        return tuple(taken)

    def settle(self, token: Token, result: Values[str, Any] | None = None) -> None:
        """Results into scopes, flows chosen: all that can fail, before the token completes."""
        self.choose(token)

    def finish(self, token: Token, result: Values[str, Any] | None = None) -> None:
        """The element is done, called from outside its own step (an answer, a message, a sub-process that ended)."""
        self.settle(token, result)
        token.complete()

    def fire(self, token: Token, n: int, payload: Values[str, Any] | None) -> None:
        """Trigger n of a waiting token happened."""
        raise NotImplementedError(self.kind)

    def happen(
        self,
        activity: Any,
        payload: Values[str, Any] | None,
        listener: Token | None = None,
        n: int = 0,
        cancels: bool | None = None,
    ) -> None:
        """A boundary event or an event sub-process catches something."""
        raise NotImplementedError(self.kind)

    def resume(self, token: Token) -> None:
        """Something that hung on the token is over."""
        raise NotImplementedError(self.kind)

    def scope_done(self, token: Token, scope: Scope) -> None:
        """The last token of my scope is gone."""
        raise NotImplementedError(self.kind)

    def child_left(self, token: Token, scope: ScopeParts) -> None:
        """An activity inside my scope completed."""
