import io
import json
from pathlib import Path

import pytest

from jalon.cli import cli
from jalon.shell import run
from jalon.shipped import pathway_files
from tests.support import choosing

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="http://example.org/jalon">
  <bpmn:message id="m1" name="resultat">
    <bpmn:extensionElements><zeebe:subscription correlationKey="=dossier"/></bpmn:extensionElements>
  </bpmn:message>
  <bpmn:process id="essai" name="Un essai" isExecutable="true">
    <bpmn:laneSet id="L"><bpmn:lane id="medecin_traitant" name="Médecin traitant">
      <bpmn:flowNodeRef>debut</bpmn:flowNodeRef><bpmn:flowNodeRef>avis</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>grave</bpmn:flowNodeRef><bpmn:flowNodeRef>deux_jours</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>recu</bpmn:flowNodeRef><bpmn:flowNodeRef>fin</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>urgence</bpmn:flowNodeRef>
    </bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="debut" name="Demande reçue"/>
    <bpmn:sequenceFlow id="f1" sourceRef="debut" targetRef="avis"/>
    <bpmn:userTask id="avis" name="Donner un avis">
      <bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="avis" targetRef="grave"/>
    <bpmn:exclusiveGateway id="grave" name="Est-ce grave ?" default="f4"/>
    <bpmn:sequenceFlow id="f3" sourceRef="grave" targetRef="urgence">
      <bpmn:conditionExpression>=tension &gt;= seuil</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f4" sourceRef="grave" targetRef="deux_jours"/>
    <bpmn:intermediateCatchEvent id="deux_jours" name="Deux jours">
      <bpmn:timerEventDefinition id="t1"><bpmn:timeDuration>P2D</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="f5" sourceRef="deux_jours" targetRef="recu"/>
    <bpmn:intermediateCatchEvent id="recu" name="Résultat reçu">
      <bpmn:messageEventDefinition id="e1" messageRef="m1"/>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="f6" sourceRef="recu" targetRef="fin"/>
    <bpmn:endEvent id="fin" name="Suivi"/>
    <bpmn:endEvent id="urgence" name="Adressé aux urgences"/>
  </bpmn:process>
</bpmn:definitions>
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "essai.bpmn"
    path.write_text(DIAGRAM, "utf-8")
    (tmp_path / "depart.json").write_text('{"dossier": "1", "seuil": 180}', "utf-8")
    return path


@pytest.fixture
def play(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def played(lines: str, *options: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        code = run(cli, ["play", str(file), "--input", str(file.with_name("depart.json")), *options])
        said = capsys.readouterr()
        return code, said.out, said.err

    return played


def test_a_diagram_is_played_to_its_first_waiting_point(play) -> None:
    code, out, err = play("")
    assert (code, err) == (0, "")
    assert "Un essai (essai.bpmn, processus essai)" in out
    assert "1. Donner un avis [avis], Médecin traitant" in out


def test_answers_from_a_pipe_move_it_to_its_end(play) -> None:
    code, out, _ = play('complete 1 {"tension": 150}\nwait\nmessage resultat {"recu": true}\n')
    assert code == 0
    assert "Répondu : Donner un avis" in out
    assert "Échéance atteinte : Deux jours" in out
    assert "message resultat" in out
    assert out.rstrip().endswith("Terminé : Suivi")


def test_a_task_is_also_called_by_its_own_name(play) -> None:
    code, out, _ = play('complete avis {"tension": 190}\n')
    assert code == 0
    assert "Terminé : Adressé aux urgences" in out


def test_a_value_may_be_an_expression(play) -> None:
    code, out, _ = play('complete avis {"tension": "=100 + 90"}\n')
    assert code == 0
    assert "Adressé aux urgences" in out


def test_variables_are_shown_as_json(play) -> None:
    _, out, _ = play('complete avis {"tension": 150}\nvariables\n')
    assert '"tension": 150' in out


def test_a_run_that_stays_stuck_ends_in_an_error(play) -> None:
    code, out, err = play("complete avis\n")
    assert code == 1
    assert "Bloqué à « Est-ce grave ? »" in out
    assert "Le parcours reste bloqué." in err


def test_what_people_choose_is_chosen_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "choix.bpmn"
    path.write_bytes(choosing.FILES["choix.bpmn"])
    monkeypatch.setattr("sys.stdin", io.StringIO("choose appel\ncomplete appel\nchoose nulle_part\n"))
    assert run(cli, ["play", str(path)]) == 1
    said = capsys.readouterr()
    assert "Infirmier libéral, à choisir : Appeler la personne [appel], Joindre l’aidant [aidant]" in said.out
    assert "Choisi : Appeler la personne" in said.out
    assert "Répondu : Appeler la personne" in said.out
    assert "« nulle_part » ne peut pas être choisie." in said.err


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("complete autre\n", "Tâches ouvertes : avis"),
        ("complete 7\n", "Aucune tâche ne porte le numéro 7"),
        ('complete avis {"a"\n', "un objet JSON est attendu"),
        ("message resultat\n", "n’est pas attendu"),
        ("wait\n", "Aucune minuterie"),
        ("dance\n", "Commande inconnue"),
    ],
)
def test_a_mistake_in_a_pipe_is_one_clear_line_and_stops(play, lines: str, words: str) -> None:
    code, _, err = play(lines)
    assert code == 1
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_a_diagram_that_would_not_run_is_refused_with_every_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "python.bpmn"
    path.write_text(DIAGRAM.replace("=tension &gt;= seuil", "tension >= seuil and __import__('os')"), "utf-8")
    assert run(cli, ["play", str(path)]) == 1
    said = capsys.readouterr().err
    assert "Erreur : python.bpmn:" in said
    assert "ne peut pas être joué" in said


def test_a_missing_file_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["play", "absent.bpmn"]) == 1
    assert capsys.readouterr().err == "jalon : Fichier introuvable : absent.bpmn\n"


@pytest.mark.parametrize("key", ["post-avc", "sortie-hospitalisation", "identite-consentement"])
def test_the_pathways_that_came_with_jalon_can_be_played(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "x.json"
    known = {"patient": {"statut_identite": "PROV"}, "sejour": {"fin": "2026-11-24T09:00:00+01:00"}, "clinique": {}}
    values.write_text(json.dumps(known), "utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("show\nquit\n"))
    diagram = pathway_files() / key / f"{key}.bpmn"
    run(cli, ["play", str(diagram), "--input", str(values)])
    assert "Vérifier l’identité" in capsys.readouterr().out


def test_a_scenario_of_the_pathway_serves_as_input(file: Path, play) -> None:
    file.with_name("depart.json").write_text(
        '{"variables": {"dossier": "1", "seuil": 180, "sortie": "2026-11-23T11:00:00+01:00"}, "etapes": []}', "utf-8"
    )
    code, out, _ = play('complete avis {"tension": 100}\nvariables\n')
    assert code == 0
    assert '"seuil": 180' in out
    assert '"sortie": "2026-11-23T11:00:00' in out


def test_a_shipped_pathway_is_played_with_its_parameters(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pathway_files() / "post-avc"
    answer = 'complete recueillir_consentement {"reponse": "oui", "mode": "oral"}\n'
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    scenario = folder / "scenarios" / "01-jusqu-au-bout.json"
    assert run(cli, ["play", str(folder / "post-avc.bpmn"), "--input", str(scenario)]) == 0
    said = capsys.readouterr().out
    assert "Décision : Priorité → priorité : P3" in said
    assert "Fixer le rendez-vous" in said
