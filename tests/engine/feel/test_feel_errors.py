"""A text that is no FEEL is refused with a French sentence, the place and the text."""

import pytest

from engine.feel import FeelError, FeelSyntaxError, compile, compile_unary


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("1 +", "expression attendue", 3),
        ("if a then b", "« else » attendu", 11),
        ("(1 + 2", "« ) » attendu", 6),
        ('"abc', "guillemet fermant manquant", 0),
        ("1 2", "fin de l’expression attendue", 2),
        ("for x return 1", "nom attendu", 4),
        ("a = = b", "expression attendue", 4),
        ("", "expression attendue", 0),
        ("[1..2", "fin d’intervalle attendue", 5),
        ("function(a) external {}", "les fonctions externes sont refusées", 12),
        ("x between 1 or 2", "« and » attendu", 12),
        ("a.", "nom attendu", 2),
        ("{a 1}", "nom attendu", 1),
        ("#", "expression attendue", 0),
    ],
)
def test_a_syntax_error_says_what_and_where(text, reason, position):
    with pytest.raises(FeelSyntaxError) as caught:
        compile(text)
    assert caught.value.reason == reason
    assert caught.value.position == position
    assert caught.value.source == text


def test_the_message_shows_the_place():
    with pytest.raises(FeelSyntaxError) as caught:
        compile("if score > 3 then 1")
    assert str(caught.value) == "« else » attendu (caractère 20, à la fin, dans « if score > 3 then 1 »)"


def test_an_author_may_assert():
    with pytest.raises(FeelError, match="Âge manquant"):
        compile('assert(age, age != null, "âge manquant")').evaluate({"age": None})


@pytest.mark.parametrize(
    ("cell", "value", "accepted"),
    [
        ("-", None, True),
        ("", 3, True),
        ("3", 3, True),
        ("< 5", 3, True),
        ("< 5", None, False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ("[1..3], > 10", 11, True),
        ("? > 2 and ? < 4", 3, True),
        ('contains(?, "isch")', "ischémique", True),
        ("seuil", 3, True),
        ("> seuil", 4, True),
        ("null", None, True),
        ("not(null)", None, False),
        ("true", True, True),
        ("true", None, False),
        ('@"2026-01-01"', "2026-01-01", False),
    ],
)
def test_cells_test_their_input(cell, value, accepted):
    assert compile_unary(cell).accept(value, {"seuil": 3}) is accepted


def test_a_foreign_value_is_loud():
    with pytest.raises(FeelError, match="La variable « x » ne se lit pas"):
        compile("x").evaluate({"x": object()})
    with pytest.raises(FeelError, match="Valeur étrangère à FEEL : float"):
        compile("x = [1]").evaluate({"x": [1.5]})
