"""A decision table told at a terminal: the values read, the rule that applied, the others’ refusals."""

from collections.abc import Iterator

from engine.decisions import Decisions, RuleTrace, TableTrace
from jalon.cli_feel import written

UNSEEN = "non lue : une règle avant elle a répondu"


def explained(table: TableTrace, model: Decisions) -> Iterator[str]:
    """One line for each value and each rule, in columns."""
    yield f"{model.names.get(table.table) or table.table} [{table.table}], {table.hit_policy}"
    width = max((len(label) for label, _ in table.inputs), default=0)
    for label, value in table.inputs:
        yield f"  {label:<{width}}  {written(value)}"
    digits = len(str(len(table.rules)))
    for rule in table.rules:
        yield f"  {'→' if rule.matched else ' '} règle {rule.number:>{digits}}  {_why(rule)}"
    yield f"  = {written(table.output)}"


def _why(rule: RuleTrace) -> str:
    if rule.matched is None:
        return UNSEEN
    if rule.matched:
        return "  ".join(part for part in ("s’applique :", ", ".join(rule.outputs), _note(rule)) if part)
    return "refusée par " + " ; ".join(f"{cell.label} : {cell.cell}" for cell in rule.refused)


def _note(rule: RuleTrace) -> str:
    return f"({rule.annotation})" if rule.annotation else ""
