"""Names may hold spaces, accents and, when they are declared, signs."""

from decimal import Decimal

import pytest

from engine.feel import Names, compile, compile_unary, from_feel
from engine.feel.storage import dump


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("score", {"score": 1}),
        ("score élevé", {"score élevé": 1}),
        ("durée   du séjour", {"durée du séjour": 1}),
        ("étape 2", {"étape 2": 1}),
        ("sejour.durée en jours", {"sejour": {"durée en jours": Decimal(1)}}),
        ("_x1", {"_x1": 1}),
    ],
)
def test_names_of_several_words_need_no_declaration(text, context):
    assert compile(text).evaluate(context) == 1


def test_a_keyword_ends_a_name():
    assert compile("if score élevé > 3 then 1 else 0").evaluate({"score élevé": 4}) == 1
    assert compile("x in liste noire and true").evaluate({"x": 1, "liste noire": [Decimal(1)]}) is True


def test_a_declared_name_may_hold_signs():
    names = Names(["plan d'aide", "pré-requis"])
    assert compile("plan d'aide + pré-requis", names).evaluate({"plan d'aide": 1, "pré-requis": 2}) == 3
    assert compile("pré-requis").evaluate({"pré": 5, "requis": 3}) == 2


def test_names_declared_in_the_text_are_known_after_it():
    assert compile("{date-clé: 1, suite: date-clé + 1}.suite").evaluate() == 2
    assert compile("for n° lit in [1, 2] return n° lit + 1").evaluate() == [2, 3]
    assert compile("(function(a-b: number) a-b * 2)(4)").evaluate() == 8


def test_built_in_functions_have_names_of_several_words():
    assert compile('date and time("2026-03-01T10:00:00").hour').evaluate() == 10
    assert compile('string length("été")').evaluate() == 3


def test_a_variable_does_not_hide_a_function_of_the_same_name():
    assert compile('date > date("2026-01-01")').evaluate({"date": None}) is None
    assert compile('date("2026-01-01").year').evaluate({"date": "x"}) == 2026


def test_an_expression_tells_what_it_reads_and_calls():
    expression = compile("for x in liste return x + seuil.haut + heure locale(y) + count(z)")
    assert expression.names == {"liste", "seuil", "y", "z"}
    assert expression.calls == {"heure locale"}


def test_names_inside_a_filter_are_only_possible_variables():
    expression = compile("soignants[role = voulu]")
    assert expression.names == {"soignants"}
    assert expression.possible_names == {"role", "voulu"}


def test_comments_and_blanks_do_not_count():
    assert compile("1 + // un\n /* deux\n */ 2").evaluate() == 3


def test_texts_keep_their_escapes():
    assert compile(r'"a\"b\\c\n\u00e9\U01F40E"').evaluate() == 'a"b\\c\né🐎'


def test_the_example_of_the_documentation_holds():
    risk = compile("score élevé and age >= seuil", Names(["score élevé"]))
    assert risk.names == {"score élevé", "age", "seuil"}
    assert risk.evaluate({"score élevé": True, "age": 80, "seuil": 75}) is True
    outcome = risk.explain({"score élevé": None, "age": "80", "seuil": 75})
    assert outcome.warnings[0].text("en") == 'a text ("80") and a number (75) cannot be compared'
    assert compile_unary("[70..80), > 90").accept(95)
    assert from_feel(compile('date("2026-03-31") + duration("P1M")').evaluate()) == "2026-04-30"


@pytest.mark.parametrize("name", ["mode", "date", "count", "now"])
def test_an_answer_named_like_a_function_is_null_until_it_is_given(name):
    told = compile(f"{{said: {name}}}").evaluate({})
    assert (told, dump(told)) == ({"said": None}, {"said": None})
    assert compile(f"if {name} = null then 1 else 2").evaluate({}) == 1
    assert compile(name).evaluate({name: "oral"}) == "oral"
    assert compile("mode([1, 1, 2])").evaluate({"mode": None}) == [1]
