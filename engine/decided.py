"""A decision as the journal keeps it: what it read, which rules applied, what came out, and how to decide it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from base.calendars import Calendar
from engine.decisions import Decisions, Evaluation, TableTrace
from engine.expressions import from_stored, to_plain, to_stored
from engine.pictures import Entry
from engine.scopes import View
from engine.timers import functions

MOST_TABLES = 50


def told(decision: str, name: str, reads: Iterable[str], seen: View, found: Evaluation) -> dict[str, Any]:
    """The journal's detail. The variables stand in their exact form: with the run's files, they tell everything else
    again, why the other rules did not apply included."""
    return {
        "decision": decision,
        "name": name,
        "inputs": to_stored({name: seen[name] for name in reads if name in seen}),
        "tables": [_table(table) for table in found.trace[:MOST_TABLES]],
        **to_plain({"value": found.value}),
        **({"warnings": [str(warning) for warning in found.warnings]} if found.warnings else {}),
    }


def _table(table: TableTrace) -> dict[str, Any]:
    rules = [
        {"rule": number, "id": key, "note": table.source.rules[number - 1].annotation}
        for _, number, key in table.matched
    ]
    return {"table": table.table, "rules": rules, **to_plain({"output": table.output})}


def again(model: Decisions, entry: Entry, calendar: Calendar) -> Evaluation:
    """What a `decision_made` entry tells, decided again from what it kept, with every cell that refused a rule.

    Raises NotFound or RunError when the entry does not keep enough, as those of an older program.
    """
    read = from_stored(entry.detail.get("inputs") or {})
    decision = str(entry.detail.get("decision"))
    return model.evaluate(decision, read, now=entry.at, functions=functions(calendar), explain=True)
