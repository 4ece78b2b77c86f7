"""The static check of tables: what it says of tables written by hand."""

import time

import pytest

from engine.decisions import read
from engine.decisions.coverage import Remark
from tests.support.grids import Input, grid

AGE, GRAVITY = Input("âge", "number"), Input("gravité", "string", '"légère","grave"')


def told(content: bytes) -> list[tuple[str, tuple[int, ...], str]]:
    return [(remark.code, remark.rules, remark.message) for remark in read(content).remarks()]


def only(content: bytes) -> Remark:
    (remark,) = read(content).remarks()
    return remark


def messages(content: bytes) -> list[str]:
    return [remark.message for remark in read(content).remarks()]


def test_a_whole_table_has_no_remark() -> None:
    assert told(grid([AGE, GRAVITY], [["< 18", "-", "1"], [">= 18", '"grave"', "2"], [">= 18", '"légère"', "3"]])) == []


def test_a_gap_is_told_with_a_case_in_words() -> None:
    remark = only(grid([AGE, GRAVITY], [["< 18", '"légère"', "1"], [">= 18", "-", "2"]]))
    assert (remark.code, remark.table, remark.element, remark.rules) == ("gap", "d", "t", ())
    assert remark.message == "Aucune règle ne s’applique si âge < 18 et gravité = «\u00a0grave\u00a0»."
    assert remark.example == (17, "grave")


def test_what_stands_open_between_two_bounds_is_one_gap() -> None:
    assert messages(grid([AGE], [["< 18", "1"], ["> 20", "2"]])) == ["Aucune règle ne s’applique si 18 ≤ âge ≤ 20."]


def test_boxes_that_leave_the_same_open_are_one_case() -> None:
    rows = [["[10..20]", "-", "1"], ["-", '"légère"', "2"]]
    assert messages(grid([AGE, GRAVITY], rows, policy="FIRST")) == [
        "Aucune règle ne s’applique si âge < 10 ou âge > 20 et gravité = «\u00a0grave\u00a0»."
    ]


@pytest.mark.parametrize(
    ("column", "cells", "case"),
    [
        (Input("ok", "boolean"), ["true"], "ok = faux"),
        (Input("n", "integer"), ["<= 17", ">= 19"], "17 < n < 19"),
        (Input("n", "number"), ["<= 17", ">= 18"], "17 < n < 18"),
        (Input("n"), ["< 0", "> 0"], "n = 0"),
        (Input("n", "number", "[0..10]"), ["< 10"], "n = 10"),
        (Input("n", "number", "0,1,2"), ["0", "1"], "n = 2"),
        (Input("s"), ['"a"', '"b","c"'], "s n’est ni «\u00a0a\u00a0» ni «\u00a0b\u00a0» ni «\u00a0c\u00a0»"),
        (Input("s"), ['not("a")'], "s = «\u00a0a\u00a0»"),
        (Input("s"), ["not(null)"], "s absent"),
        (Input("j", "date"), ['< date("2026-01-01")', '> date("2026-01-01")'], "j = 2026-01-01"),
        (Input("j"), ['<= @"2026-01-01"', '>= @"2026-01-03"'], "2026-01-01 < j < 2026-01-03"),
        (Input("t", "time"), ['< @"12:00:00"'], "t ≥ 12:00:00"),
        (Input("d"), ['< duration("P2D")', '> duration("P3D")'], "P2D ≤ d ≤ P3D"),
        (Input("d"), ['< duration("P2Y")'], "d ≥ P2Y"),
        (Input("i"), ['< @"2026-01-01T00:00:00Z"'], "i ≥ 2026-01-01T00:00:00Z"),
        (Input("n"), ["? < 3 or ? > 5"], "3 ≤ n ≤ 5"),
        (Input("n"), ["? between 3 and 5", "< 3"], "n > 5"),
        (Input("n"), ["? in (<= 2, [4..9], > 9)"], "2 < n < 4"),
    ],
)
def test_each_kind_of_column_is_cut_where_its_cells_say(column: Input, cells: list[str], case: str) -> None:
    assert messages(grid([column], [[cell, "1"] for cell in cells])) == [f"Aucune règle ne s’applique si {case}."]


def test_whole_dates_leave_nothing_between_two_days() -> None:
    assert told(grid([Input("j", "date")], [['<= @"2026-01-01"', "1"], ['>= @"2026-01-02"', "2"]])) == []


def test_null_is_a_case_only_where_a_cell_speaks_of_it() -> None:
    ok = Input("ok", "boolean")
    assert told(grid([ok], [["true", "1"], ["false", "2"]])) == []
    assert messages(grid([ok], [["true", "1"], ["not(null)", "2"]], policy="FIRST")) == [
        "Aucune règle ne s’applique si ok absent."
    ]


def test_a_default_answer_or_a_collection_leaves_no_gap() -> None:
    assert told(grid([AGE], [["< 18", "1"]], default="0")) == []
    assert told(grid([AGE], [["< 18", "1"]], policy="COLLECT")) == []


def test_the_allowed_values_of_a_type_bound_the_column() -> None:
    stage = (
        '<itemDefinition name="tStade"><typeRef>string</typeRef><allowedValues><text>"I","II"</text></allowedValues>'
        '</itemDefinition><inputData id="x" name="stade"><variable name="stade" typeRef="tStade"/></inputData>'
    )
    whole = [['"I"', "1"], ['"II"', "2"]]
    assert told(grid([Input("stade", "tStade")], whole, elements=stage)) == []
    assert told(grid([Input("stade")], whole, elements=stage)) == []
    assert messages(grid([Input("stade", "tStade")], whole[:1], elements=stage)) == [
        "Aucune règle ne s’applique si stade = «\u00a0II\u00a0»."
    ]


def test_two_rules_that_meet_are_told_with_a_case() -> None:
    remark = only(grid([AGE, GRAVITY], [["<= 18", "-", "1"], [">= 18", '"grave"', "2"], ["> 18", '"légère"', "2"]]))
    assert (remark.code, remark.element, remark.rules, remark.line) == ("overlap", "r2", (1, 2), 3)
    case = "âge = 18 et gravité = «\u00a0grave\u00a0»"
    assert remark.message == f"Les règles 1 et 2 s’appliquent ensemble si {case} : une seule est permise."


def test_rules_that_meet_may_say_the_same_under_any() -> None:
    rows = [["<= 18", "-", "1"], [">= 18", '"grave"', "1.0"], [">= 18", "-", "2"]]
    assert [(code, rules) for code, rules, _ in told(grid([AGE, GRAVITY], rows, policy="ANY"))] == [
        ("overlap", (1, 3)),
        ("overlap", (2, 3)),
    ]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("[5..3]", "aucune valeur de « âge » ne passe « [5..3] »"),
        ("? > 5 and ? < 5", "aucune valeur de « âge » ne passe « ? > 5 and ? < 5 »"),
        ('"vieux"', '« "vieux" » n’est pas une valeur permise de « âge » (type number)'),
        ("200", "« 200 » n’est pas une valeur permise de « âge » ([0..120])"),
    ],
)
def test_a_rule_that_nothing_passes_is_told(cell: str, reason: str) -> None:
    column = Input("âge", "number", "" if "vieux" in cell else "[0..120]")
    assert told(grid([column], [["-", "1"], [cell, "2"]])) == [
        ("dead-rule", (2,), f"La règle 2 ne s’applique jamais : {reason}.")
    ]


def test_a_rule_behind_rules_that_take_all_of_its_cases_is_told() -> None:
    rows = [["< 18", "-", "1"], [">= 18", '"grave"', "2"], ["[10..30]", '"grave"', "3"], ["-", "-", "4"]]
    (found,) = told(grid([AGE, GRAVITY], rows, policy="FIRST"))
    assert found == (
        "masked-rule", (3,), "La règle 3 ne sert jamais : les règles 1, 2 répondent toujours avant elle."
    )  # fmt: skip


def test_a_catch_all_is_no_idle_rule_since_a_value_may_be_missing() -> None:
    assert told(grid([Input("ok", "boolean")], [["true", "1"], ["false", "2"], ["-", "3"]], policy="FIRST")) == []


def test_priority_masks_by_the_order_of_the_answers() -> None:
    rows = [["< 18", '"bas"'], ["-", '"haut"']]
    (found,) = told(grid([AGE], rows, policy="PRIORITY", values='"haut","bas"'))
    assert found[:2] == ("masked-rule", (1,))
    assert told(grid([AGE], rows, policy="PRIORITY", values='"bas","haut"')) == []


def test_an_answer_outside_the_allowed_ones_is_told() -> None:
    content = grid([AGE], [["-", '"urgent"']], values='"P1","P2"', default='"P9"')
    assert messages(content) == [
        'La règle 1 répond «\u00a0urgent\u00a0» pour « o », hors des valeurs permises ("P1","P2").',
        'La réponse par défaut «\u00a0P9\u00a0» de « o » est hors des valeurs permises ("P1","P2").',
    ]


def test_a_cell_that_it_cannot_read_is_named_and_claims_nothing() -> None:
    rows = [["> seuil", "-", "1"], ["string length(string(?)) > 2", '"grave"', "2"], ["< 0", '"légère"', "3"]]
    assert told(grid([AGE, GRAVITY], rows)) == [
        ("unchecked", (), "Non vérifié : la règle 1 de la colonne « âge », la règle 2 de la colonne « âge ».")
    ]


def test_a_rule_without_readable_cells_may_still_leave_a_gap() -> None:
    rows = [["> seuil", '"grave"', "1"], ["< 18", '"légère"', "2"]]
    assert [code for code, _, _ in told(grid([AGE, GRAVITY], rows))] == ["gap", "unchecked"]


def test_tables_inside_boxed_expressions_are_checked_too() -> None:
    content = grid([AGE], [["< 18", "1"]])
    start, end = content.index(b"<decisionTable"), content.index(b"</decisionTable>") + len(b"</decisionTable>")
    boxed = b'<context><contextEntry><variable name="x"/>' + content[start:end] + b"</contextEntry></context>"
    assert [code for code, _, _ in told(content[:start] + boxed + content[end:])] == ["gap"]


def big(rows: int, columns: int) -> bytes:
    """Each rule takes one slice of the first column, and any cell of a pattern in the others."""
    inputs = [Input(f"n{place}", "number") for place in range(columns)]
    cells = ["-", ">= 3", "< 3", "[1..4)", "-"]
    rules = [
        [f"[{n}..{n + 1})", *(cells[(n + place) % 5] for place in range(columns - 1)), str(n)] for n in range(rows)
    ]
    return grid(inputs, rules, policy="FIRST")


def test_a_table_of_two_hundred_rules_and_six_columns_is_checked_at_once() -> None:
    decisions = read(big(200, 6))
    before = time.thread_time()
    found = decisions.remarks()
    assert time.thread_time() - before < 2
    assert [remark.code for remark in found] == ["gap"]


def test_a_table_made_to_explode_ends_with_what_was_not_checked() -> None:
    inputs = [Input(f"n{place}", "number") for place in range(12)]
    rules = [[f"{'<>'[(r >> (c % 5)) % 2]} {(r * 37 + c * 11) % 97}" for c in range(12)] + [str(r)] for r in range(300)]
    rules.append([*["-"] * 11, "< 200", "x"])
    rules.append([*["-"] * 11, "> 100", "x"])
    before = time.thread_time()
    found = read(grid(inputs, rules, policy="FIRST")).remarks()
    assert time.thread_time() - before < 10
    assert {remark.code for remark in found} <= {"masked-rule", "unchecked"}
