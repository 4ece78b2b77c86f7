"""What the engine does not execute is refused by name: the tables of rules, each rule yields all that it finds."""

from engine.refusals import (
    activities,
    care,
    collaboration,
    concurrency,
    containers,
    data,
    elements,
    events,
    expressions,
    flows,
    gateways,
    identity,
    links,
    reach,
    references,
    services,
    structure,
    tasks,
    triggers,
)
from engine.refusals.rule import Rule

EXECUTABLE: tuple[Rule, ...] = (
    *identity.RULES,
    *structure.RULES,
    *references.RULES,
    *elements.RULES,
    *events.RULES,
    *triggers.RULES,
    *links.RULES,
    *flows.RULES,
    *gateways.RULES,
    *reach.RULES,
    *expressions.RULES,
    *activities.RULES,
    *tasks.RULES,
    *containers.RULES,
    *data.RULES,
    *services.RULES,
    *collaboration.RULES,
)
"""What BPMN and the engine need."""

OURS: tuple[Rule, ...] = care.RULES + concurrency.RULES
"""What a care pathway needs beyond that."""

RULES: tuple[Rule, ...] = EXECUTABLE + OURS
