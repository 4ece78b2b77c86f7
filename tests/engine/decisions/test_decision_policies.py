"""Each hit policy against a naive reference: plain loops over the rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import DecisionError, read
from engine.feel import from_feel
from tests.support.decision_tables import AGGREGATIONS, MULTIPLE, SINGLE, rows, sheets

CASES = [*((policy, "") for policy in (*SINGLE, *MULTIPLE)), *(("COLLECT", name) for name in AGGREGATIONS)]


class Violation(Exception):
    """The table has no answer to be trusted."""


def expected(sheet, inputs):
    """What the standard says, rule by rule."""
    hits = []
    for rule in sheet.rules:
        refused = False
        for cell, value in zip(rule.cells, inputs, strict=True):
            if not cell.passes(value):
                refused = True
        if not refused:
            hits.append(rule.outputs)
    if not hits:
        return nothing_hit(sheet)
    return answer(sheet, hits)


def nothing_hit(sheet):
    if sheet.defaults:
        return one(sheet.defaults)
    if sheet.policy != "COLLECT":
        raise Violation("no hit")
    return {"": [], "COUNT": 0}.get(sheet.aggregation)


def answer(sheet, hits):
    if sheet.policy == "UNIQUE" and len(hits) > 1:
        raise Violation("two hits")
    if sheet.policy == "ANY" and any(hit != hits[0] for hit in hits):
        raise Violation("two answers")
    if sheet.policy in ("UNIQUE", "ANY", "FIRST"):
        return one(hits[0])
    if sheet.policy in ("PRIORITY", "OUTPUT ORDER"):
        ordered = insertion_sorted(sheet, hits)
        return one(ordered[0]) if sheet.policy == "PRIORITY" else [one(hit) for hit in ordered]
    found = [one(hit) for hit in hits]
    if not sheet.aggregation:
        return found
    total = 0
    for value in found:
        total += value
    return {"SUM": total, "MIN": min(found), "MAX": max(found), "COUNT": len(found)}[sheet.aggregation]


def insertion_sorted(sheet, hits):
    """Those of higher priority first, rules of the same priority in their order."""
    ordered = []
    for hit in hits:
        at = 0
        while at < len(ordered) and places(sheet, ordered[at]) <= places(sheet, hit):
            at += 1
        ordered.insert(at, hit)
    return ordered


def places(sheet, outputs):
    return [sheet.ranks.index(value) for value in outputs]


def one(outputs):
    return outputs[0] if len(outputs) == 1 else {f"o{at}": value for at, value in enumerate(outputs, 1)}


@pytest.mark.parametrize(("policy", "aggregation"), CASES)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_table_answers_as_plain_loops_do(policy, aggregation, data):
    sheet = data.draw(sheets(policy, aggregation))
    decisions = read(sheet.content())
    assert decisions.problems == ()
    for inputs in data.draw(st.lists(rows(sheet), min_size=1, max_size=4)):
        context = {f"i{at}": value for at, value in enumerate(inputs, 1)}
        try:
            wanted = expected(sheet, inputs)
        except Violation:
            with pytest.raises(DecisionError):
                decisions.evaluate("d", context)
            assert decisions.evaluate("d", context, strict=False).value is None
        else:
            found = decisions.evaluate("d", context)
            assert from_feel(found.value) == wanted
            assert [rule.number for rule in found.rules] == matching(sheet, inputs)


def matching(sheet, inputs):
    """The numbers of the rules that apply; FIRST does not look behind the first."""
    found = []
    for number, rule in enumerate(sheet.rules, 1):
        if all(cell.passes(value) for cell, value in zip(rule.cells, inputs, strict=True)):
            found.append(number)
    return found[:1] if sheet.policy == "FIRST" else found
