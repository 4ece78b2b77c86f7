from pathlib import Path

import orjson
import pytest

from base.jobs.worker import Worker
from jalon.app import create_app
from jalon.installation import load_settings
from pathways import catalogue
from pathways.context import build
from pathways.library import read_zip
from people import persons
from tests.support.packages import DIAGRAM, write_folder
from tests.webhooks.conftest import Hospital
from webhooks import partners
from webhooks.formats import canonical
from webhooks.handlers import handlers

BROKEN = DIAGRAM.replace(' name="Lettre reçue ?" default="f7"', ' name="Lettre reçue ?"')


def test_files_are_checked_without_a_database(jalon, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "essai")
    assert "essai : rien à corriger" in jalon("pathways", "check", str(folder))
    write_folder(folder, BROKEN)
    said = jalon("pathways", "check", str(folder), code=1)
    assert "erreur : essai.bpmn:" in said


def test_what_came_with_the_program_has_no_error(jalon) -> None:
    said = jalon("pathways", "check")
    for key in ("post-avc", "sortie-hospitalisation", "identite-consentement"):
        assert f"{key} :" in said


def test_a_pathway_is_imported_listed_exported_and_taken_back(jalon, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "essai")
    jalon("db", "upgrade")
    assert "Aucun parcours" in jalon("pathways", "list")
    assert "En service : Essai (essai), version 1" in jalon("pathways", "import", str(folder))
    assert "version 1" in jalon("pathways", "list")
    jalon("pathways", "export", "essai", "--output", "essai.zip")
    assert "rien à corriger" in jalon("pathways", "check", "essai.zip")
    assert "version 1" in jalon("pathways", "import", "essai.zip", "--note", "La même")
    write_folder(folder, DIAGRAM.replace('name="Visite"', 'name="Visite à domicile"'))
    assert "version 2" in jalon("pathways", "import", str(folder))


def test_a_lone_diagram_is_kept_as_a_draft_and_exported_unchanged(jalon, tmp_path: Path) -> None:
    drawn = DIAGRAM.replace('isExecutable="true"', 'isExecutable="false"').encode()
    (tmp_path / "Autre outil.bpmn").write_bytes(drawn)
    jalon("db", "upgrade")
    assert "Brouillon gardé" in jalon("pathways", "import", "Autre outil.bpmn", "--draft")
    jalon("pathways", "export", "autre-outil", "--draft", "--output", "autre.zip")
    exported = read_zip((tmp_path / "autre.zip").read_bytes())
    assert exported.files[exported.diagram] == drawn
    jalon("pathways", "import", "Autre outil.bpmn", code=1)


def test_a_discharge_that_waited_for_its_pathway_gets_it_at_import(jalon, tmp_path: Path) -> None:
    jalon("db", "upgrade")
    context = build(load_settings())
    with context.database.begin() as session:
        _, secret, _ = partners.add(session, context, key="ch-gier", name="CH du Gier (démo)")
    hospital = Hospital(create_app(context).test_client(), context, secret)
    worker = Worker(context.database, context.clock, handlers(context))
    sample = orjson.loads((Path(canonical.__file__).parent / "samples" / "sortie.json").read_bytes())
    location = hospital.post(sample, message_id=sample["id"]).headers["Location"]
    worker.run_once()
    assert hospital.get(location).json["state"] == "waiting"
    jalon("pathways", "import", str(write_folder(tmp_path / "essai")))
    worker.run_once()
    assert hospital.get(location).json["state"] == "done"
    context.database.dispose()


@pytest.mark.parametrize("way", [(), ("--draft",)])
def test_an_import_spares_the_draft_of_somebody_else_unless_told_to_replace_it(
    jalon, tmp_path: Path, way: tuple[str, ...]
) -> None:
    folder = str(write_folder(tmp_path / "essai"))
    jalon("db", "upgrade")
    jalon("pathways", "import", folder)
    context, drawn = build(load_settings()), DIAGRAM.replace("Visite", "Appel").encode()
    with context.database.begin() as session:
        lead = persons.add(session, "demo", family_name="FAURE", given_name="Hélène", title="Dr")
        catalogue.save_draft(session, context, "essai", "essai.bpmn", drawn, lead.id)
    write_folder(tmp_path / "essai", DIAGRAM.replace('name="Visite"', 'name="Visite à domicile"'))
    refused = jalon("pathways", "import", folder, *way, code=1)
    assert refused.startswith("jalon : «\u00a0Essai\u00a0» a un brouillon de Dr Hélène FAURE, enregistré aujourd’hui")
    assert "--replace" in refused
    with context.database.read() as session:
        kept = catalogue.draft(session, "demo", "essai")
        assert "Appel" in kept.files["essai.bpmn"].decode()
        assert catalogue.published(session, "demo", "essai").number == 1
    context.database.dispose()
    said = jalon("pathways", "import", folder, *way, "--replace")
    assert "Brouillon remplacé\u00a0: Essai, Dr Hélène FAURE" in said
    assert ("Brouillon gardé" if way else "version 2") in said
    jalon("pathways", "import", folder, *way)


def test_a_draft_is_kept_without_being_published(jalon, tmp_path: Path) -> None:
    jalon("db", "upgrade")
    jalon("pathways", "import", str(write_folder(tmp_path / "essai", BROKEN)), "--draft")
    said = jalon("pathways", "list")
    assert "non publié" in said
    assert "brouillon" in said


def test_what_is_wrong_is_one_clear_line(jalon, tmp_path: Path) -> None:
    jalon("db", "upgrade")
    assert jalon("pathways", "import", "absent", code=1).startswith("jalon : « absent » n’est ni un dossier")
    assert "jalon : " in jalon("pathways", "import", str(write_folder(tmp_path / "essai", BROKEN)), code=1)
    assert "n’est pas publié" in jalon("pathways", "export", "absent", code=1)
    (tmp_path / "faux.zip").write_bytes(b"PK nothing")
    assert "ne s’ouvre pas" in jalon("pathways", "check", "faux.zip", code=1)


def test_a_check_says_what_is_missing_and_how_to_mend_it(jalon) -> None:
    said = jalon("check", code=1)
    assert "Migrations" in said
    assert "jalon db upgrade" in said
    jalon("db", "upgrade")
    assert "! Migrations" not in jalon("check", code=0 if "! Écrans" not in said else 1)


def test_nothing_starts_on_a_database_that_is_not_ready(jalon, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "jalon db upgrade" in jalon("serve", code=1)
    monkeypatch.setenv("JALON_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "Elle ne répond pas" in jalon("worker", code=1)
