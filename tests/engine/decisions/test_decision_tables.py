"""Decision tables: hit policies, what is refused, and why."""

from decimal import Decimal

import pytest

from base.errors import NotFound
from engine.decisions import DecisionError, MatchedRule, read
from engine.feel import Budget, FeelBudgetError
from tests.support.dmn import model, table


def decide(rules, strict=True, given=None, **options):
    decisions = read(model(table(rules, **options)))
    return decisions.evaluate("d", given or {"n": 5}, strict=strict)


OVERLAPPING = [("< 10", '"bas"'), ("> 3", '"haut"'), ("5", '"cinq"')]


def test_unique_gives_the_only_rule_that_applies():
    found = decide([("< 3", '"bas"'), (">= 3", '"haut"')])
    assert found.value == "haut"
    assert found.rules == (MatchedRule("d", 2, "r2"),)


def test_unique_refuses_two_rules_that_apply_together():
    with pytest.raises(DecisionError, match="les règles 1 et 2 et 3 s’appliquent ensemble"):
        decide(OVERLAPPING)


def test_no_rule_that_applies_is_an_error_that_shows_the_inputs():
    with pytest.raises(DecisionError, match=r"aucune règle ne s’applique \(n = 5\)") as caught:
        decide([("< 3", '"bas"'), ("> 7", '"haut"')])
    assert caught.value.table is not None
    assert [(refusal.rule, refusal.column, refusal.cell) for refusal in caught.value.table.refused] == [
        (1, 1, "< 3"),
        (2, 1, "> 7"),
    ]


def test_as_the_standard_says_it_is_null_when_not_strict():
    assert decide([("< 3", '"bas"')], strict=False).value is None
    assert decide(OVERLAPPING, strict=False).value is None


def test_a_default_output_answers_when_no_rule_applies():
    assert decide([("< 3", '"bas"')], default='"moyen"').value == "moyen"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", "bas"),
        ("RULE ORDER", ["bas", "haut", "cinq"]),
        ("COLLECT", ["bas", "haut", "cinq"]),
        ("PRIORITY", "cinq"),
        ("OUTPUT ORDER", ["cinq", "haut", "bas"]),
    ],
)
def test_each_hit_policy_answers_in_its_own_way(policy, expected):
    assert decide(OVERLAPPING, policy=policy, values='"cinq", "haut", "bas"').value == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 12), ("MIN", 3), ("MAX", 5), ("COUNT", 3)])
def test_collected_numbers_are_aggregated(aggregation, expected):
    rules = [("< 10", "4"), ("> 3", "3"), ("5", "5"), ("6", "100")]
    assert decide(rules, policy="COLLECT", aggregation=aggregation, type_="number").value == Decimal(expected)


def test_collecting_nothing_is_no_error():
    assert decide([("< 3", "1")], policy="COLLECT").value == []
    assert decide([("< 3", "1")], policy="COLLECT", aggregation="COUNT").value == 0


def test_any_accepts_rules_that_agree_and_refuses_others():
    assert decide([("< 10", '"a"'), ("> 3", '"a"')], policy="ANY").value == "a"
    with pytest.raises(DecisionError, match=r"les règles 1 \(\"a\"\) et 2 \(\"b\"\) se contredisent"):
        decide([("< 10", '"a"'), ("> 3", '"b"')], policy="ANY")


def test_an_input_that_is_not_allowed_is_refused():
    options = {"allowed": "[0..42]"}
    assert decide([("-", '"ok"')], **options).value == "ok"
    with pytest.raises(DecisionError, match=r"« n » vaut 43, qui n’est pas permis \(\[0..42\]\)"):
        decide([("-", '"ok"')], given={"n": 43}, **options)


def test_an_output_that_is_not_allowed_is_refused():
    with pytest.raises(DecisionError, match=r"la sortie « o » vaut \"autre\", qui n’est pas permis \(\"a\", \"b\"\)"):
        decide([("-", '"autre"')], values='"a", "b"')


def test_an_input_of_another_type_is_refused():
    with pytest.raises(DecisionError, match=r"l’entrée « n » .* n’est pas du type « number »"):
        decide([("-", '"ok"')], given={"n": "cinq"}, input_type="number")


def test_a_variable_that_nobody_gave_is_named():
    with pytest.raises(DecisionError, match="l’entrée « n » : « n » ne donne pas de valeur : variable inconnue « n »"):
        decide([("< 3", '"bas"'), (">= 3", '"haut"')], given={"m": 1})


def test_a_null_input_is_refused_by_the_cells_that_compare_and_accepted_by_the_others():
    rules = [("< 3", '"bas"'), ('"a"', '"texte"'), ("null", '"inconnu"')]
    assert decide(rules, given={"n": None}).value == "inconnu"
    assert decide([("< 3", '"bas"'), ("-", '"autre"')], policy="FIRST", given={"n": None}).value == "autre"
    with pytest.raises(DecisionError, match=r"aucune règle ne s’applique \(n = null\)"):
        decide([("< 3", '"bas"'), (">= 3", '"haut"')], given={"n": None})


def test_several_outputs_make_a_context():
    xml = """<decisionTable hitPolicy="FIRST"><input id="i"><inputExpression><text>n</text></inputExpression></input>
      <output name="niveau"/><output name="délai"/>
      <rule id="r1"><inputEntry><text>&gt; 3</text></inputEntry>
        <outputEntry><text>"haut"</text></outputEntry><outputEntry><text>duration("P2D")</text></outputEntry></rule>
      </decisionTable>"""
    value = read(model(xml)).evaluate("d", {"n": 5}).value
    assert value["niveau"] == "haut"
    assert str(value["délai"]) == "P2D"


def test_cells_may_compare_with_other_variables_and_with_the_input_itself():
    rules = [("> seuil", '"haut"'), ("? <= seuil", '"bas"')]
    assert decide(rules, given={"n": 5, "seuil": 4}).value == "haut"
    assert decide(rules, given={"n": 4, "seuil": 4}).value == "bas"


def test_the_trace_tells_which_cell_refused_each_rule():
    found = decide([("< 3", '"bas"'), ("5", '"cinq"')])
    (passage,) = found.trace
    assert passage.inputs == (("n", 5),)
    assert passage.refused[0].cell == "< 3"
    assert passage.output == "cinq"
    assert found.inputs == {"n": 5}


def test_an_unknown_decision_is_not_found():
    with pytest.raises(NotFound, match="La décision « x » n’existe pas"):
        read(model(table([("-", "1")]))).evaluate("x", {})


def test_a_table_is_evaluated_within_the_budget():
    decisions = read(model(table([("some i in 1..10000000 satisfies i < 0", "1")])))
    with pytest.raises(FeelBudgetError):
        decisions.evaluate("d", {"n": 1}, budget=Budget(steps=1_000))


def test_problems_of_a_file_are_listed_with_their_place():
    decisions = read(model(table([("< ", '"a"'), ("-", '"b')], policy="SOMETIMES")))
    assert [problem.element for problem in decisions.problems] == ["t", "r1", "r2"]
    assert all(problem.line for problem in decisions.problems)
    assert any("Guillemet fermant manquant" in problem.message for problem in decisions.problems)
    with pytest.raises(DecisionError, match="Le fichier de décisions est à corriger : ligne 1, t : Politique"):
        decisions.evaluate("d", {"n": 5})
