"""The server's FEEL beside the browser's: every difference is known, and docs/feel.md tells it."""

import json
from pathlib import Path

import pytest

from engine.feel.storage import dump
from tests.support import reference
from tests.support.absent import shared
from tests.support.feelin import Difference, Question, cell_questions, differences, kit_questions, version
from tests.support.feelin_differences import CAUSES, cause_of

LIST = Path(__file__).with_name("beside_feelin.txt")
PATHWAYS = Path(__file__).parents[3] / "bpmn"
HEADS = ("Exemple", "Jalon", "feelin", "Pourquoi")


@pytest.fixture(scope="module")
def shown() -> dict[str, Difference]:
    """What each cause's own example gives, by its text."""
    found = differences([Question(cause.example) for cause in CAUSES])
    return {difference.question.text: difference for difference in found}


def test_the_browser_s_feel_is_the_one_that_was_compared():
    assert version().startswith("8.2.")


def test_every_difference_on_our_own_expressions_is_known():
    context = json.dumps({name: dump(value) for name, value in reference.context().items()})
    texts = LIST.read_text("utf-8").splitlines()
    examples = [row[0].strip("`") for row in reference.rows("Expression", "Donne") if not out_of_reach(*row[:2])]
    asked = [Question(text, context) for text in [*texts, *examples] if text]
    assert len(asked) > 400
    assert unknown(differences(asked)) == []


def test_every_difference_on_the_cells_of_our_own_tables_is_known():
    told = [
        Question(cell.strip("`"), input=json.dumps(dump(reference.value_of(value))))
        for cell, *values in reference.rows("Cellule", "Accepte", "Refuse")
        for value in reference.codes(" ".join(values))
    ]
    shipped = [*cell_questions(sorted(PATHWAYS.glob("*/decisions/*.dmn")))]
    assert len(told) > 30
    assert len(shipped) > 30
    assert unknown(differences([*told, *shipped])) == []


def test_every_difference_on_the_expressions_of_the_kit_is_known():
    asked = list(kit_questions(shared("dmn-tck")))
    assert len(set(asked)) > 1500
    assert unknown(differences(asked)) == []


def test_each_known_difference_is_one_still(shown):
    assert [cause.reason for cause in CAUSES if cause.example not in shown] == []


def test_each_example_has_the_cause_that_is_said(shown):
    for cause in CAUSES:
        assert cause_of(shown[cause.example]) is cause


def test_the_page_lists_the_known_differences_and_no_other(shown):
    wanted = [cause.row(shown[cause.example]) for cause in CAUSES]
    told = [f"| {' | '.join(row)} |" for row in reference.rows(*HEADS)]
    assert told == wanted, "\n".join(wanted)


def out_of_reach(text: str, said: str) -> bool:
    """The clock of feelin is the machine's, and nothing ends what it calculates."""
    return "now()" in text or "today()" in text or said.startswith("erreur : calcul trop")


def unknown(found: list[Difference]) -> list[str]:
    return [f"{one.question.text} : {one.ours} ici, {one.theirs} pour feelin" for one in found if cause_of(one) is None]
