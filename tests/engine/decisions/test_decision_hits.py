"""Hit policies with several outputs, their aggregations, defaults and priorities; and what a cell may say."""

from decimal import Decimal

import pytest

from engine.decisions import DecisionError, read
from engine.feel import from_feel
from tests.support.dmn import decision, file, grid


def sheet(inputs, outputs, rules, **options):
    """A table whose rules are the texts of all their cells."""
    count = len(inputs)
    return grid(inputs, outputs, [(cells[:count], cells[count:]) for cells in rules], **options)


def problems(logic):
    return [problem.message for problem in read(file(decision("d", logic))).problems]


def answer(logic, strict=True, **given):
    decisions = read(file(decision("d", logic)))
    assert not strict or not decisions.problems
    return from_feel(decisions.evaluate("d", given, strict=strict).value)


LEVELS = [("> 3", '"haut"', "2"), ("> 0", '"bas"', "1"), ("> 1", '"bas"', "3")]
RANKS = ['"haut", "bas"', "3, 2, 1"]


def test_collect_gives_one_context_for_each_rule():
    found = answer(sheet(["n"], ["niveau", "jours"], LEVELS, policy="COLLECT"), n=2)
    assert found == [{"niveau": "bas", "jours": 1}, {"niveau": "bas", "jours": 3}]


def test_priority_looks_at_the_first_output_then_at_the_next():
    logic = sheet(["n"], ["niveau", "jours"], LEVELS, policy="PRIORITY", values=RANKS)
    assert answer(logic, n=5) == {"niveau": "haut", "jours": 2}
    assert answer(logic, n=2) == {"niveau": "bas", "jours": 3}


def test_output_order_sorts_by_the_first_output_then_by_the_next():
    logic = sheet(["n"], ["niveau", "jours"], LEVELS, policy="OUTPUT ORDER", values=RANKS)
    assert [row["jours"] for row in answer(logic, n=5)] == [2, 3, 1]


def test_equal_priorities_keep_the_order_of_the_rules():
    logic = sheet(["n"], ["a", "b"], [("-", "1", "1"), ("-", "1", "2")], policy="PRIORITY", values=["1", ""])
    assert answer(logic, n=5) == {"a": 1, "b": 1}


def test_the_priorities_may_be_those_of_the_type():
    item = '<itemDefinition name="tN"><typeRef>string</typeRef><allowedValues><text>"b", "a"</text></allowedValues>'
    logic = sheet(["n"], ["o"], [("-", '"a"'), ("-", '"b"')], policy="PRIORITY").replace(
        '<output id="o1"', '<output id="o1" typeRef="tN"'
    )
    decisions = read(file(item + "</itemDefinition>" + decision("d", logic)))
    assert decisions.problems == ()
    assert decisions.evaluate("d", {"n": 1}).value == "b"


def test_priority_without_any_priority_is_a_problem():
    assert "demande les valeurs permises" in problems(sheet(["n"], ["o"], [("-", "1")], policy="PRIORITY"))[0]


def test_any_accepts_equal_contexts_and_refuses_different_ones():
    same = [("> 0", "1", '"a"'), ("> 1", "1.0", '"a"')]
    assert answer(sheet(["n"], ["x", "y"], same, policy="ANY"), n=2) == {"x": 1, "y": "a"}
    other = [("> 0", "1", '"a"'), ("> 1", "1", '"b"')]
    with pytest.raises(DecisionError, match=r"les règles 1 .* et 2 .* se contredisent"):
        answer(sheet(["n"], ["x", "y"], other, policy="ANY"), n=2)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"])
def test_defaults_make_a_whole_answer_for_every_policy(policy):
    logic = sheet(["n"], ["x", "y"], [("> 9", "1", "2")], policy=policy, defaults=["7", ""])
    assert answer(logic, n=2) == {"x": 7, "y": None}


@pytest.mark.parametrize(
    ("aggregation", "outputs", "expected"),
    [
        ("MIN", ['date("2026-03-02")', 'date("2026-03-01")'], 'date("2026-03-01")'),
        ("MAX", ['duration("P1D")', 'duration("P3D")'], 'duration("P3D")'),
        ("MIN", ['"b"', '"a"'], '"a"'),
        ("SUM", ["0.1", "0.2"], "0.3"),
        ("COUNT", ['"x"', '"x"'], "2"),
    ],
)
def test_what_compares_can_be_aggregated(aggregation, outputs, expected):
    logic = sheet(["n"], ["o"], [("-", output) for output in outputs], policy="COLLECT", aggregation=aggregation)
    assert answer(logic, n=1) == answer(sheet(["n"], ["o"], [("-", expected)]), n=1)


def test_what_does_not_add_up_is_an_error_that_names_the_rules():
    logic = sheet(["n"], ["o"], [("-", "1"), ("-", '"deux"')], policy="COLLECT", aggregation="SUM")
    with pytest.raises(DecisionError, match=r"SUM.* demande des nombres : 1 \(règle 1\), \"deux\" \(règle 2\)"):
        answer(logic, n=1)
    assert answer(logic, strict=False, n=1) is None


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", None), ("MIN", None), ("MAX", None), ("COUNT", 0)])
def test_nothing_collected_is_null_but_for_the_count(aggregation, expected):
    logic = sheet(["n"], ["o"], [("> 5", "1")], policy="COLLECT", aggregation=aggregation)
    assert answer(logic, n=1) == expected


def test_orders_without_a_rule_that_applies_are_errors():
    for policy in ("RULE ORDER", "OUTPUT ORDER"):
        with pytest.raises(DecisionError, match="aucune règle ne s’applique"):
            answer(sheet(["n"], ["o"], [("> 5", "1")], policy=policy, values=["1"]), n=1)


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (sheet(["n"], ["o"], [], policy="BEST"), "Politique de table inconnue : BEST"),
        (sheet(["n"], ["o"], [], policy="COLLECT", aggregation="MEAN"), "Agrégation inconnue : MEAN"),
        (sheet(["n"], ["o"], [], aggregation="SUM"), "La politique UNIQUE n’agrège pas ses résultats (SUM)"),
        (sheet(["n"], ["a", "b"], [], policy="COLLECT", aggregation="SUM"), "SUM ne s’applique qu’à une table d’une"),
        (sheet(["n"], [], []), "La table n’a aucune sortie"),
        (sheet([""], ["o"], []), "La colonne d’entrée 1 (sans nom) ne dit pas quelle donnée elle lit"),
        (sheet(["n"], ["a", "a"], []), "Deux sorties portent le même nom : « a »"),
        (sheet(["n"], ["a", ""], []), "La sortie 2 n’a pas de nom"),
        (sheet(["n", "m"], ["o"], [("1", "2")]), "La règle 1 n’a pas autant de cellules que la table"),
        (sheet(["n"], ["o"], [("", "1 +")]), "Expression attendue"),
    ],
)
def test_a_table_that_does_not_fit_together_is_a_problem(logic, message):
    assert any(message in found for found in problems(logic))


@pytest.mark.parametrize("orientation", ["Rule-as-Row", "Rule-as-Column", "CrossTable"])
def test_how_a_table_is_drawn_changes_nothing(orientation):
    logic = sheet(["n"], ["o"], [("> 1", '"a"'), ("<= 1", '"b"')])
    drawn = logic.replace("<decisionTable ", f'<decisionTable preferredOrientation="{orientation}" outputLabel="x" ')
    assert answer(drawn, n=1) == "b"


def test_a_table_is_unique_when_it_says_nothing():
    assert answer(sheet(["n"], ["o"], [("1", "2")]).replace(' hitPolicy="UNIQUE"', ""), n=1) == Decimal(2)


def test_a_table_without_inputs_answers_its_rule():
    assert answer(sheet([], ["o"], [("3",)])) == 3


@pytest.mark.parametrize(
    ("cell", "accepted", "refused"),
    [
        ("-", [1, None, "x"], []),
        ("", [1, None], []),
        ("? > 3 and ? < 7", [5], [9]),
        ("modulo(?, 2) = 0", [4], [5]),
        ("not(1, 2)", [3], [1, 2]),
        ("1, 2, [5..7)", [1, 5], [7]),
        ("> a", [11], [10]),
        ("null", [None], [1]),
        ("not(null)", [1], [None]),
        ('contains(string(?), "2")', [12], [3]),
        ("some x in [1, 2] satisfies x = ?", [2], [3]),
        ("[1, 2, 3]", [2], [4]),
    ],
)
def test_a_cell_may_be_a_comparison_a_list_or_a_whole_expression(cell, accepted, refused):
    logic = sheet(["n"], ["o"], [(cell, "true"), ("-", "false")], policy="FIRST")
    decisions = read(file(decision("d", logic)))
    found = [decisions.evaluate("d", {"n": value, "a": 10}).value for value in [*accepted, *refused]]
    assert found == [True] * len(accepted) + [False] * len(refused)


def test_a_list_is_looked_at_by_the_functions_of_lists():
    logic = sheet(["n"], ["o"], [('list contains(?, "x")', "true"), ("count(?) > 1", "false")])
    assert answer(logic, n=["x"]) is True
    assert answer(logic, n=["a", "b"]) is False


def test_a_cell_may_read_its_input_under_the_name_that_camunda_gave():
    logic = sheet(["poids / taille"], ["o"], [("imc > 2", '"gros"'), ("imc <= 2", '"mince"')]).replace(
        '<input id="i1"', '<input xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:inputVariable="imc"'
    )
    assert answer(logic, poids=10, taille=2) == "gros"
    assert answer(logic, poids=2, taille=2) == "mince"


def test_an_empty_output_is_null():
    assert answer(sheet(["n"], ["a", "b"], [("-", "1", "")]), n=1) == {"a": 1, "b": None}
