"""In a care pathway an error is told with its table, its rule, its column and its value; by the standard it is null."""

import pytest

from engine.decisions import DecisionError, read
from tests.support.dmn import decision, file, grid, literal, model, table


def refusal(logic, **given):
    decisions = read(file(decision("d", logic)))
    assert decisions.problems == ()
    with pytest.raises(DecisionError) as caught:
        decisions.evaluate("d", given)
    decisions.evaluate("d", given, strict=False)
    return caught.value.message


def test_a_cell_that_cannot_compare_tells_the_rule_the_column_and_the_value():
    message = refusal(grid(["n"], ["o"], [(["> 3"], ["1"])]), n="cinq")
    assert 'Décision « d » : règle 1, colonne « n » : la cellule « > 3 » ne peut pas juger "cinq"' in message
    assert message.endswith("Corrigez la cellule, ou la donnée")


@pytest.mark.parametrize(
    ("cell", "given"),
    [
        ('"cinq"', {"n": 5}),
        ("> seuil", {"n": 5}),
        ("> seuil", {"n": 5, "seuil": None}),
        ("?.poids > 3", {"n": 5}),
        ("[1..3]", {"n": "un"}),
        ('upper case(?) = "A"', {"n": 5}),
    ],
)
def test_a_cell_that_fails_is_an_error_even_where_a_later_rule_would_answer(cell, given):
    logic = grid(["n"], ["o"], [([cell], ["1"]), (["-"], ["2"])], policy="FIRST")
    assert "règle 1, colonne « n »" in refusal(logic, **given)
    assert read(file(decision("d", logic))).evaluate("d", given, strict=False).value == 2


def test_a_cell_that_speaks_of_null_may_fail_quietly():
    logic = grid(["n"], ["o"], [(["seuil != null and ? > seuil"], ["1"]), (["-"], ["2"])], policy="FIRST")
    assert read(file(decision("d", logic))).evaluate("d", {"n": 5, "seuil": None}).value == 2


def test_the_second_cell_of_a_rule_is_not_blamed_for_the_first():
    logic = grid(["n", "m"], ["o"], [(["not(seuil)", "> 9"], ["1"]), (["-", "-"], ["2"])], policy="FIRST")
    assert read(file(decision("d", logic))).evaluate("d", {"n": 5, "m": 1}).value == 2


def test_an_output_that_fails_tells_the_rule_and_the_output():
    message = refusal(grid(["n"], ["délai"], [(["-"], ['score + "a"'])]), n=1, score=2)
    assert 'règle 1, la sortie « délai » : « score + "a" » ne donne pas de valeur' in message
    assert "variable inconnue « score »" in refusal(grid(["n"], ["o"], [(["-"], ["{a: score}"])]), n=1)


def test_an_input_that_fails_tells_the_column():
    message = refusal(grid(["poids / taille"], ["o"], [(["-"], ["1"])]), poids=3, taille=None)
    assert "l’entrée « poids / taille »" in message


def test_a_default_output_that_fails_is_an_error():
    logic = grid(["n"], ["o"], [(["> 3"], ["1"])], defaults=["inconnue + 1"])
    assert "la valeur par défaut de « o »" in refusal(logic, n=1)


def test_a_literal_that_fails_is_an_error_unless_it_speaks_of_null():
    assert "l’expression : « a + 1 » ne donne pas de valeur" in refusal(literal("a + 1"))
    decisions = read(model(literal("if a = null then null else a + 1")))
    assert decisions.evaluate("d", {}).value is None


def test_a_null_that_nobody_made_by_error_is_a_value():
    assert read(model(literal("a"))).evaluate("d", {"a": None}).value is None
    assert read(model(table([("-", "null")]))).evaluate("d", {"n": 1}).value is None


def test_an_assertion_tells_where_it_stands():
    assert "règle 1, la sortie « o »" in refusal_of_assert('assert(1, false, "non")')


def refusal_of_assert(text):
    with pytest.raises(DecisionError) as caught:
        read(file(decision("d", grid(["n"], ["o"], [(["-"], [text])])))).evaluate("d", {"n": 1})
    return caught.value.message


def test_no_rule_shows_the_values_and_what_would_mend_it():
    message = refusal(grid(["n", "m"], ["o"], [(["1", "-"], ["1"])]), n=2, m=None)
    assert "aucune règle ne s’applique (n = 2, m = null). Ajoutez une règle pour ce cas, ou une valeur par" in message


def test_rules_that_apply_together_are_named_with_what_would_mend_it():
    message = refusal(grid(["n"], ["o"], [(["-"], ["1"]), (["> 1"], ["2"])]), n=2)
    assert "les règles 1 et 2 s’appliquent ensemble, une seule est permise. Précisez ces règles" in message


@pytest.mark.parametrize(
    ("rules", "matched"),
    [
        ([(["-"], ["1"]), (["> 1"], ["2"])], [True, True]),
        ([(["> 9"], ["1"]), (["?.a > 1"], ["2"]), (["-"], ["3"])], [False, None, None]),
        ([(["-"], ["inconnue"])], [True]),
    ],
)
def test_an_error_in_a_table_keeps_how_far_it_went(rules, matched):
    with pytest.raises(DecisionError) as caught:
        read(file(decision("d", grid(["n"], ["o"], rules)))).evaluate("d", {"n": 2})
    assert caught.value.table is not None
    assert [rule.matched for rule in caught.value.table.rules] == matched


def test_what_needs_a_faulty_element_is_not_decided_and_the_rest_is():
    requires = '<informationRequirement><requiredDecision href="#e"/></informationRequirement>'
    parts = [decision("d", literal("1")), decision("e", literal("1 +")), decision("f", literal("e"), requires=requires)]
    decisions = read(file("\n" + "\n".join(parts)))
    assert decisions.evaluate("d", {}).value == 1
    for asked in ("e", "f"):
        with pytest.raises(DecisionError, match="Le fichier de décisions est à corriger : ligne 3, e"):
            decisions.evaluate(asked, {})
        assert decisions.evaluate(asked, {}, strict=False).value is None


def test_a_faulty_type_or_import_stops_every_decision():
    item = '\n<itemDefinition name="tA"><typeRef>tNulle</typeRef></itemDefinition>\n'
    decisions = read(file(item + decision("d", literal("1"))))
    with pytest.raises(DecisionError, match="Type inconnu"):
        decisions.evaluate("d", {})
