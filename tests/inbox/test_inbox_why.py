"""« Pourquoi ? » : the rule that applied and what refused the others, for those who may see what is clinical."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.pictures import Entry
from inbox.case.cells import answered, spoken
from inbox.case.why import Board, boards
from tests.inbox.conftest import Site
from tests.support.grids import Input, grid
from tests.support.models import chain, definition, document, end, message, process, rule, start, user

SCORE, ALONE = Input("score", "number"), Input("vit_seul", "boolean")
TABLE = grid(
    [SCORE, ALONE],
    [
        ["< 2", "-", '"P3"'],
        ["[2..4)", "true", '"P1"'],
        [">= 2", "-", '"P2"'],
        ["-", "-", '"P4"'],
        ["-", "-", '"P5"'],
    ],
    policy="FIRST",
)
DIAGRAM = document(
    message("m", "sortie"),
    process(
        "p_suites",
        start("s", definition("message", "m")),
        rule("r", "d", "priorite"),
        user("u"),
        end(),
        chain("s", "r", "u", "end"),
    ),
)


@pytest.fixture
def decided(site: Site) -> tuple[Site, str]:
    """A case whose first step is a decision, on a message that says nothing but its number."""
    table = TABLE.replace(b">score<", b">3<").replace(b">vit_seul<", b">false<")
    with site.context.database.begin() as session:
        digest = site.context.engine.deploy(session, {"p.bpmn": DIAGRAM, "d.dmn": table})
    moved = replace(site, definition=digest)
    return moved, moved.open_case()


def words(page: str) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_doctor_reads_the_rule_that_applied_and_what_refused_the_others(decided: tuple[Site, str]) -> None:
    site, case = decided
    page = site.client(site.doctor).get(f"/dossiers/{case}").text
    assert '<tr class="is-fired">' in page
    said = words(page)
    assert "Pourquoi ?" in said
    assert "score 3 vit_seul non" in said
    assert "Règle 3 S’applique score ≥ 2 P2" in said
    assert "Règle 1 Il faudrait score &lt; 2 P3" in said
    assert "Règle 2 Il faudrait vit_seul : oui P1" in said
    assert "Règles 4 à 5 Non lues : une règle avant elles a répondu." in said


def test_the_coordinator_is_told_of_the_decision_and_not_of_its_values(decided: tuple[Site, str]) -> None:
    site, case = decided
    page = site.client(site.coordinator).get(f"/dossiers/{case}").text
    assert "D’après la règle du parcours" in page
    assert "Pourquoi ?" not in page
    assert "vit_seul" not in page


def told(site: Site, entry: Entry, definition_of: str) -> Sequence[Board]:
    with site.context.database.read() as session:
        return boards(site.context.engine, site.context.engine.definition(session, definition_of), entry)


def test_an_entry_that_kept_too_little_explains_nothing(decided: tuple[Site, str]) -> None:
    site, _ = decided
    now = datetime(2026, 11, 24, tzinfo=UTC)
    for detail in ({}, {"decision": "inconnue", "inputs": {}}):
        assert told(site, Entry(1, now, "", "decision_made", "r", detail), site.definition) == []
    assert told(site, Entry(1, now, "", "run_started", "s", {"decision": "d"}), site.definition) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (">= 4", "Rankin ≥ 4"),
        ("[1..2)", "Rankin : de 1 à moins de 2"),
        ("(1..2]", "Rankin : de plus de 1 à 2"),
        ("1.5", "Rankin : 1,5"),
        ("true", "Rankin : oui"),
        ('"AIT", "AVC_isch"', "Rankin : AIT ou AVC isch"),
        ('["a", "b"]', "Rankin : a ou b"),
        ('not("a", "b")', "Rankin : autre que a ou b"),
        ("null", "Rankin : non renseigné"),
        ('< @"P2D"', "Rankin < 2 jours"),
        ('> date("2026-11-24")', "Rankin > 24/11/2026"),
        ("? > seuil", "Rankin : ? > seuil"),
        ("> seuil", "Rankin : > seuil"),
        ("+ + +", "Rankin : + + +"),
    ],
)
def test_a_cell_is_said_as_a_person_reads_it(cell: str, said: str) -> None:
    assert spoken("Rankin", cell) == said


def test_an_answer_is_said_as_a_person_reads_it() -> None:
    assert [answered(text) for text in ('"PT4H"', "false", "dose * 2")] == ["4 heures", "non", "dose * 2"]
