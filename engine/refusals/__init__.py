"""What the engine does not execute is refused by name: the tables of rules, each rule yields all that it finds."""

from collections.abc import Callable, Iterator

from engine.findings import Finding
from engine.refusals import elements, events, expressions, flows, identity, tasks
from engine.refusals.diagram import Diagram

Rule = Callable[[Diagram], Iterator[Finding]]

EXECUTABLE: tuple[Rule, ...] = (
    identity.executable,
    identity.ids,
    elements.supported,
    elements.foreign_code,
    elements.languages,
    events.positions,
    events.readable,
    events.messages,
    events.attachments,
    events.event_sub_processes,
    flows.beginnings,
    flows.ends,
    flows.directions,
    flows.links,
    flows.choices,
    flows.event_gateways,
    flows.dead_ends,
    flows.unreachable,
    expressions.feel_texts,
    tasks.repetitions,
    tasks.decisions,
    tasks.calls,
)
"""What BPMN and the engine need."""

OURS: tuple[Rule, ...] = (
    elements.scripts,
    events.keys,
    events.only_message_starts,
    tasks.forms,
    tasks.roles,
    tasks.operations,
)
"""What a care pathway needs beyond that."""
