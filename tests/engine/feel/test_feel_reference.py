"""docs/feel.md tells the truth: each of its examples is calculated."""

import re

import pytest

from engine.decisions import DecisionError, read
from engine.feel import FeelError, compile, compile_unary
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import equal
from engine.feel.scope import Meter
from tests.support.dmn import given, grid, model
from tests.support.reference import NOW, Table, codes, context, names, rows, tables, value_of

POLICIES = {
    "U": "UNIQUE", "A": "ANY", "F": "FIRST", "P": "PRIORITY", "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
}  # fmt: skip
AGGREGATIONS = {"+": "SUM", "<": "MIN", ">": "MAX", "#": "COUNT"}
EXAMPLES = [(row[0].strip("`"), row[1]) for row in rows("Expression", "Donne")]
CELLS = list(rows("Cellule", "Accepte", "Refuse"))
CORNER = re.compile("[UAFPRO]|C[+<>#]?")
DECISIONS = [(table, tables()[at + 1]) for at, table in enumerate(tables()) if CORNER.fullmatch(table.heads[0])]
MISTAKES = list(rows("Écrit", "Message"))


def test_the_page_has_the_examples_that_these_tests_look_for():
    assert len(EXAMPLES) > 150
    assert len(CELLS) > 10
    assert len(MISTAKES) > 2


@pytest.mark.parametrize(("text", "said"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_an_expression_gives_what_the_page_says(text, said):
    if said.startswith("erreur : "):
        with pytest.raises(FeelError, match="(?i)" + said.removeprefix("erreur : ")):
            value_of(text)
        return
    found, wanted = value_of(text), value_of(said.strip("`"))
    assert equal(found, wanted, Meter()) is True, f"{text} donne {found}"


@pytest.mark.parametrize(("cell", "accepted", "refused"), CELLS, ids=[row[0] for row in CELLS])
def test_a_cell_accepts_and_refuses_what_the_page_says(cell, accepted, refused):
    test = compile_unary(cell.strip("`"))
    for value in map(value_of, codes(accepted)):
        assert test.accept(value, {"?": value})
    for value in map(value_of, codes(refused)):
        assert not test.accept(value, {"?": value})


def test_each_policy_and_each_aggregation_has_its_table():
    assert {table.heads[0] for table, _ in DECISIONS} == {*POLICIES, *("C" + sign for sign in AGGREGATIONS)}


@pytest.mark.parametrize(("table", "answers"), DECISIONS, ids=[table.heads[0] for table, _ in DECISIONS])
def test_a_decision_table_answers_what_the_page_says(table, answers):
    assert answers.heads == ("Données", "Réponse")
    assert answers.rows
    decisions = decided_by(table)
    for data, answer in answers.rows:
        known = value_of(data.strip("`"), {})
        if answer.startswith("incident : "):
            with pytest.raises(DecisionError, match=answer.removeprefix("incident : ")):
                decisions.evaluate("d", known, now=NOW)
        else:
            assert equal(decisions.evaluate("d", known, now=NOW).value, value_of(answer.strip("`")), Meter()) is True


def decided_by(table: Table):
    """The DMN file of a table of the page."""
    corner, *inputs, output = table.heads
    columns = [text for head in inputs for text in codes(head)]
    name, _, allowed = output.partition(" : ")
    lines = [([cell.strip("`") for cell in row[1:-1]], [row[-1].strip("`")]) for row in table.rows]
    policy, aggregation = POLICIES[corner[0]], AGGREGATIONS.get(corner[1:], "")
    logic = grid(columns, [name], lines, policy=policy, aggregation=aggregation, values=codes(allowed))
    data, needs = given(columns)
    return read(model(logic, elements=data, requires=needs))


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_is_told_as_the_page_says(text, message):
    with pytest.raises(FeelError, match="(?i)" + message):
        compile(text.strip("`"))


def test_what_a_diagram_may_hold_is_shown_by_expressions_that_work():
    shown = [code for row in rows("Où", "Exemple") for code in codes(row[1]) if code.startswith("=")]
    assert len(shown) >= 4
    for text in shown:
        assert value_of(text.removeprefix("=")) is not None


def test_every_function_of_the_language_has_an_example():
    called = "\n".join(text for text, _ in EXAMPLES)
    before = r"(?:^|[^\w\s]\s*|\b(?:and|or|if|then|else|in|return|satisfies)\s+)"
    assert [name for name in BUILTINS if not re.search(rf"(?m){before}{name}\(", called)] == []


def test_the_case_of_the_examples_has_the_names_that_they_read():
    assert {"age", "rankin", "vit seul", "sortie", "réveil", "actes"} <= context().keys()
    assert names("{ vit seul: true }").longest is not None
