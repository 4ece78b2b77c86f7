"""`jalon feel` and `jalon decide`, as the shell runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jalon.cli import cli
from jalon.shell import run
from jalon.shipped import pathway_files
from tests.support.dmn import HEAD
from tests.support.grids import Input, grid

LACE = pathway_files() / "sortie-hospitalisation" / "decisions" / "lace.dmn"
STAY = {"duree_jours": 3, "charlson": 2, "entree_urgente": True, "passages_urgences_6_mois": 1}


@pytest.fixture
def jalon(capsys: pytest.CaptureFixture[str]):
    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(cli, list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


@pytest.fixture
def stay(tmp_path: Path) -> str:
    path = tmp_path / "sejour.json"
    path.write_text(json.dumps(STAY), "utf-8")
    return str(path)


def piped(text: str, *arguments: str) -> tuple[int, str, str]:
    """A real process, with a text in its pipe."""
    found = subprocess.run(
        [sys.executable, "-m", "jalon", *arguments], input=text, capture_output=True, encoding="utf-8", check=False
    )
    return found.returncode, found.stdout, found.stderr


def test_an_expression_reads_its_values_from_a_pipe_exactly() -> None:
    given = '{"né le": "=date(\\"2001-02-03\\")", "nom": "Ada", "x": 0.10000000000000000001}'
    expression = "{n: upper case(nom), a: né le.year, x: x}"
    assert piped(given, "feel", expression, "--context", "-") == (
        0,
        '{n: "ADA", a: 2001, x: 0.10000000000000000001}\n',
        "",
    )


def test_an_expression_itself_may_come_from_a_pipe() -> None:
    assert piped("1 + 1\n", "feel", "-") == (0, "2\n", "")


def test_what_is_no_feel_is_shown_with_a_caret_under_its_place(jalon) -> None:
    code, out, err = jalon("feel", "1 + * 2")
    assert (code, out) == (1, "")
    assert err.splitlines()[-2:] == ["1 + * 2", "    ^"]
    assert "Expression attendue" in err


def test_a_cell_is_tried_on_a_value(jalon) -> None:
    assert jalon("feel", "< 18, > 75", "--unary", "80") == (0, "true\n", "")
    assert jalon("feel", "< 18, > 75", "--unary", 'date("2026-01-01")') == (0, "false\n", "")


def test_a_null_says_why_when_asked(jalon) -> None:
    assert jalon("feel", "1 + a")[::2] == (0, "  (--explain dit pourquoi c’est null)\n")
    _, out, err = jalon("feel", "1 + a", "--explain")
    assert out == "null\n"
    assert "parce que : variable inconnue « a »" in err


def test_a_value_comes_as_json_with_its_type_and_warnings(jalon) -> None:
    code, out, _ = jalon("feel", '[1, "a", @"P1D"]', "--json")
    assert (code, json.loads(out)) == (0, {"value": [1, "a", "P1D"], "type": "list", "warnings": []})


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "pas du JSON lisible (ligne 1, colonne 2)"), ("[1]", "un objet JSON est attendu"), (None, "introuvable"),
     ('{"a": NaN}', "NaN n’est pas un nombre"), ('{"a": "2026-13-01T00:00Z"}', "n’est pas un instant possible")],
)  # fmt: skip
def test_a_context_that_cannot_be_read_is_refused_in_one_line(jalon, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content, "utf-8")
    code, out, err = jalon("feel", "a", "--context", str(path))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err


def test_decisions_are_listed_with_what_they_read(jalon) -> None:
    code, out, _ = jalon("decide", str(LACE))
    assert code == 0
    assert "lace_classe        Classe\n" in out
    assert "lit : charlson, duree_jours, entree_urgente, passages_urgences_6_mois" in out


@pytest.mark.parametrize("named", ["lace_classe", "Classe"])
def test_a_decision_is_taken_by_its_id_or_name(jalon, stay: str, named: str) -> None:
    assert jalon("decide", str(LACE), named, "--input", stay) == (0, '"modere"\n', "")


def test_each_table_tells_the_rule_that_applies_and_the_cells_that_refuse(jalon, stay: str) -> None:
    _, out, _ = jalon("decide", str(LACE), "Classe", "--input", stay, "--explain")
    assert out.endswith(
        "Classe [lace_classe], UNIQUE\n"
        "  Score LACE  9\n"
        "    règle 1  refusée par Score LACE : [0..4]\n"
        '  → règle 2  s’applique :  "modere"  ([S-27] LACE d’origine)\n'
        "    règle 3  refusée par Score LACE : >= 10\n"
        '  = "modere"\n\n'
        'Classe = "modere"\n'
    )
    assert out.index("Durée [lace_duree]") < out.index("Classe [lace_classe]")


def test_the_same_comes_as_json(jalon, stay: str) -> None:
    _, out, _ = jalon("decide", str(LACE), "Classe", "--input", stay, "--json")
    found = json.loads(out)
    assert (found["value"], found["inputs"]) == ("modere", STAY)
    rules = found["tables"][-1]["rules"]
    assert [rule["matched"] for rule in rules] == [False, True, False]
    assert rules[0]["refused"] == [{"input": "Score LACE", "cell": "[0..4]"}]


def test_missing_values_are_named(jalon) -> None:
    code, out, err = jalon("decide", str(LACE), "Durée")
    assert (code, out) == (1, "")
    assert err.startswith("Données absentes : duree_jours.\n")


def test_a_case_without_a_rule_still_tells_why_each_rule_refused(jalon, tmp_path: Path) -> None:
    file = tmp_path / "t.dmn"
    file.write_bytes(grid([Input("âge"), Input("grave")], [["< 18", "true", "1"], ["> 60", "-", "2"]]))
    (tmp_path / "x.json").write_text('{"âge": 30, "grave": false}', "utf-8")
    code, out, err = jalon("decide", str(file), "d", "--input", str(tmp_path / "x.json"), "--explain")
    assert code == 1
    assert "règle 1  refusée par âge : < 18 ; grave : true" in out
    assert "aucune règle ne s’applique" in err


def test_rules_behind_the_one_that_answers_are_said_not_to_be_read(jalon, tmp_path: Path) -> None:
    file = tmp_path / "t.dmn"
    file.write_bytes(grid([Input("âge")], [["< 18", "1"], ["-", "2"]], policy="FIRST"))
    (tmp_path / "x.json").write_text('{"âge": 3}', "utf-8")
    _, out, _ = jalon("decide", str(file), "D", "--input", str(tmp_path / "x.json"), "--explain")
    assert "→ règle 1  s’applique :  1\n    règle 2  non lue : une règle avant elle a répondu\n" in out


def test_a_decision_imports_from_its_own_folder(jalon, tmp_path: Path) -> None:
    other = HEAD.replace("urn:t", "urn:autre") + (
        '<decision id="seuil" name="seuil"><variable name="seuil"/>'
        "<literalExpression><text>18</text></literalExpression></decision></definitions>"
    )
    main = HEAD + (
        '<import namespace="urn:autre" name="autre" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        '<decision id="d" name="D"><variable name="D"/><informationRequirement id="r">'
        '<requiredDecision href="urn:autre#seuil"/></informationRequirement>'
        "<literalExpression><text>autre.seuil + 1</text></literalExpression></decision></definitions>"
    )
    (tmp_path / "autre.dmn").write_text(other, "utf-8")
    (tmp_path / "brouillon.dmn").write_text("rien", "utf-8")
    (tmp_path / "t.dmn").write_text(main, "utf-8")
    assert jalon("decide", str(tmp_path / "t.dmn"), "D") == (0, "19\n", "")


def test_an_unknown_decision_is_answered_with_those_of_the_file(jalon) -> None:
    code, _, err = jalon("decide", str(LACE), "Clase")
    assert code == 1
    assert "Classe (lace_classe)" in err
