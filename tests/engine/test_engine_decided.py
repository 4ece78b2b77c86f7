"""A decision in the journal says enough to tell it again, with the very files of its run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from base.calendars import Calendar
from base.clock import ManualClock
from engine.decided import again
from engine.decisions import DecisionError
from engine.feel import Date
from engine.pictures import Entry
from engine.rehearsal import Rehearsal
from tests.engine.driver import define
from tests.support.grids import Input, grid
from tests.support.models import chain, document, end, process, rule, start

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TABLE = grid(
    [Input("dose", "number"), Input("début", "date"), Input("patient.âge", "number"), Input('échéance(now(), "P1D")')],
    [
        ["< 0.3", "-", "-", "-", '"faible"'],
        ["[0.3..1]", '< @"2026-01-01"', "-", "-", '"ancienne"'],
        ["[0.3..1]", '>= @"2026-01-01"', ">= 18", '> @"2026-03-03T00:00:00Z"', '"pleine"'],
    ],
)
DOSE = Decimal("0.3000000000000000000000000000000001")


def decided(**values: object) -> tuple[Rehearsal, Entry]:
    """A run with one decision, and the journal's entry of it."""
    diagram = document(process("p", start(), rule("r", "d", "dosage"), end(), chain("start", "r", "end")))
    definition = define(diagram, **{"d.dmn": TABLE})
    run = Rehearsal(definition, Calendar(), process="p", clock=ManualClock(NOW)).start(values)
    return run, next(entry for entry in run.history if entry.kind == "decision_made")


def test_the_entry_keeps_what_was_read_exactly_and_what_applied() -> None:
    _, entry = decided(dose=DOSE, début=Date(2026, 2, 1), patient={"âge": 40}, unread="x" * 100)
    assert entry.detail == {
        "decision": "d",
        "name": "D",
        "inputs": {"dose": {"#": str(DOSE)}, "début": {"@": "2026-02-01"}, "patient": {"âge": 40}},
        "tables": [{"table": "d", "rules": [{"rule": 3, "id": "r3", "note": ""}], "output": "pleine"}],
        "value": "pleine",
    }


def test_the_same_decision_is_told_again_with_every_cell_that_refused() -> None:
    run, entry = decided(dose=DOSE, début=Date(2026, 2, 1), patient={"âge": 40})
    run.clock.advance(timedelta(days=900))
    found = again(run.definition.model("d"), entry, Calendar())
    assert found.value == "pleine"
    assert [(rule.number, rule.matched, [cell.label for cell in rule.refused]) for rule in found.trace[0].rules] == [
        (1, False, ["dose"]),
        (2, False, ["début"]),
        (3, True, []),
    ]


def test_an_entry_that_keeps_too_little_is_refused() -> None:
    run, entry = decided(dose=DOSE, début=Date(2026, 2, 1), patient={"âge": 40})
    older = Entry(1, NOW, "", "decision_made", "r", {**entry.detail, "inputs": {"dose": 1}})
    with pytest.raises(DecisionError, match="début"):
        again(run.definition.model("d"), older, Calendar())
