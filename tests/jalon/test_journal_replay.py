"""`jalon journal replay`: a case told again from its journal, beside what is stored and on a draft."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bench.over_http import FOLDER
from engine import tables
from jalon.installation import load_settings
from pathways.context import Context, build
from pathways.library import read_folder
from tests.jalon.conftest import Command

CASE = "0000000000case01"
SECRET = "Dupont-Lachance"


@pytest.fixture
def context(jalon: Command) -> Iterator[Context]:
    """A case whose first question was answered wrong, then taken back, and whose second is answered too."""
    jalon("db", "upgrade")
    built = build(load_settings())
    with built.database.begin() as session:
        digest = built.engine.deploy(session, read_folder(FOLDER).bundle)
        built.engine.start(
            session, run=CASE, definition=digest, process="trois_taches", message="sortie", variables={"nom": SECRET},
            actor="banc",
        )  # fmt: skip
    answer(built, "premiere", "wrong")
    with built.database.begin() as session:
        built.engine.take_back(session, task=task_of(built, "premiere"), actor="anne")
    answer(built, "premiere", SECRET)
    answer(built, "deuxieme", SECRET)
    yield built
    built.database.dispose()


def task_of(context: Context, element: str) -> str:
    task = tables.task.c
    with context.database.read() as session:
        return str(session.scalars(select(task.id).where(task.element == element, task.state != "cancelled")).one())


def answer(context: Context, element: str, words: str) -> None:
    task = task_of(context, element)
    with context.database.begin() as session:
        context.engine.complete(session, task=task, variables={"commentaire": words}, actor="anne")


def test_a_case_is_told_step_by_step_and_its_journal_gives_the_same_case(jalon: Command, context: Context) -> None:
    said = jalon("journal", "replay", CASE)
    told = [line.strip().split("  ", 2)[-1] for line in said.splitlines()[:-1]]
    assert [line.split(" « ")[0] for line in told] == [
        "Ouverture du dossier", "Réponse", "Réponse reprise", "Réponse", "Réponse",
    ]  # fmt: skip
    assert all(line.endswith(" : pareil") for line in told)
    assert "Le journal donne le même dossier" in said
    assert "1 tâche ouverte" in said
    assert SECRET not in said


def test_a_value_that_no_journal_explains_is_named_and_not_shown(jalon: Command, context: Context) -> None:
    with context.database.begin() as session:
        session.execute(text("UPDATE variable SET value = '\"forged\"' WHERE name = 'nom'"))
    said = jalon("journal", "replay", CASE, code=1)
    assert "la valeur « nom »" in said
    assert SECRET not in said
    assert "forged" not in said


def test_the_first_line_that_is_not_repeated_is_named(jalon: Command, context: Context) -> None:
    with context.database.begin() as session:
        session.execute(text("DROP TRIGGER journal_no_update"))
        opened = "SELECT max(n) FROM journal WHERE kind = 'task_opened'"
        number = session.execute(text(opened)).scalar()
        session.execute(text(f"UPDATE journal SET element = 'deuxieme' WHERE n = {number}"))
    said = jalon("journal", "replay", CASE, code=1)
    assert f"s’écarte du journal à la ligne {number} " in said
    assert "autre chose se passe : task_opened troisieme" in said


def test_an_unknown_case_is_refused(jalon: Command, context: Context) -> None:
    assert "Ce dossier n’existe pas." in jalon("journal", "replay", "nowhere", code=1)
    assert "Ce dossier n’existe pas." in jalon("journal", "replay", "nowhere", "--draft", str(FOLDER), code=1)


def draft(folder: Path, before: str, after: str) -> str:
    shutil.copytree(FOLDER, folder)
    diagram = folder / "trois-taches.bpmn"
    content = diagram.read_text("utf-8")
    assert before in content
    diagram.write_text(content.replace(before, after), "utf-8")
    return str(folder)


def test_a_draft_that_takes_every_input_says_where_the_case_would_stand(
    jalon: Command, context: Context, tmp_path: Path
) -> None:
    folder = draft(tmp_path / "trois-taches", 'name="Troisième', 'name="Dernière')
    said = jalon("journal", "replay", CASE, "--draft", folder)
    assert "Toutes les entrées vont avec ce brouillon." in said
    assert "le dossier attend : « Dernière" in said
    assert "reprise" not in said, "what was taken back is not played"
    assert SECRET not in said


def test_a_draft_says_which_inputs_no_longer_fit(jalon: Command, context: Context, tmp_path: Path) -> None:
    folder = draft(tmp_path / "trois-taches", "deuxieme", "seconde")
    said = jalon("journal", "replay", CASE, "--draft", folder, code=1)
    assert "Réponse « deuxieme » : cette tâche n’y est pas ouverte à ce moment" in said
    assert "1 entrée ne vont plus" not in said
    assert "1 entrée ne va plus avec ce brouillon." in said
