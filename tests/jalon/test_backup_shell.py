"""`jalon backup` and `jalon restore`, on both servers: what comes back is proven, what cannot be is refused."""

import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from base.database import Database
from base.presence import present
from base.settings import fresh_secrets
from jalon import copies
from jalon.cli import cli
from jalon.shell import run
from tests.jalon.conftest import Command
from tests.support.keys import SECRETS
from tests.support.packages import write_folder

FILE = "essai.sauvegarde"


@dataclass(frozen=True)
class Original:
    """An installation with a published pathway, saved once for all tests of a server."""

    server: str
    url: str
    backup: Path


def asked(*arguments: str, code: int = 0) -> None:
    assert run(cli, list(arguments)) == code, arguments


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Original]:
    folder = tmp_path_factory.mktemp("saved")
    url = f"sqlite:///{folder / 'used.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create("saved")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in {**SECRETS, "JALON_DATABASE_URL": url}.items():
            patch.setenv(name, value)
        asked("db", "upgrade")
        asked("pathways", "import", str(write_folder(folder / "essai")))
        asked("backup", FILE)
    yield Original(request.param, url, folder / FILE)
    if request.param == "postgresql":
        request.getfixturevalue("postgres").drop("saved")


@pytest.fixture
def target(original: Original, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Another database, to restore into."""
    if original.server == "sqlite":
        return f"sqlite:///{tmp_path / 'other' / 'jalon.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def saved(jalon: Command, original: Original, target: str, tmp_path: Path) -> Command:
    """The settings name the other database; the backup lies here."""
    jalon.use(JALON_DATABASE_URL=target)
    shutil.copy(original.backup, tmp_path / FILE)
    return jalon


def rewrite(path: Path, **changes: object) -> None:
    """The same archive with another manifest."""
    with tarfile.open(path) as archive:
        parts = {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]
    parts["manifest.json"] = orjson.dumps(orjson.loads(parts["manifest.json"]) | changes)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))


def test_what_was_saved_comes_back_and_works(saved: Command) -> None:
    assert "restaurée et vérifiée" in saved("restore", FILE)
    assert "version 1" in saved("pathways", "list")
    assert "Le journal est intact" in saved("journal", "verify")
    saved("check")


def test_a_database_in_use_is_replaced_only_when_asked(saved: Command, target: str) -> None:
    saved("restore", FILE)
    database = Database(target)
    with database.begin() as session:
        session.execute(text("DELETE FROM draft_file"))
        session.execute(text("UPDATE pathway SET title = 'Autre'"))
    database.dispose()
    assert "--replace" in saved("restore", FILE, code=1)
    saved("restore", FILE, "--replace")
    assert "Essai" in saved("pathways", "list")


def test_the_file_is_for_its_owner_alone_and_never_overwritten(saved: Command, original: Original) -> None:
    assert original.backup.stat().st_mode & 0o077 == 0
    saved.use(JALON_DATABASE_URL=original.url)
    assert "existe déjà" in saved("backup", FILE, code=1)


def test_a_database_is_not_replaced_beneath_a_process_that_uses_it(saved: Command, target: str) -> None:
    """What it would answer afterwards would go into a file without a name, or beside what it remembers."""
    saved("restore", FILE)
    database = Database(target)
    with database.begin() as session:
        session.execute(text("UPDATE pathway SET title = 'Autre'"))
    with present(database):
        assert "Rien n’a été changé" in saved("restore", FILE, "--replace", code=1)
        assert "Autre" in saved("pathways", "list")
    database.dispose()
    saved("restore", FILE, "--replace")
    assert "Essai" in saved("pathways", "list")


def test_a_backup_that_the_keys_do_not_open_is_refused_beforehand(saved: Command, target: str) -> None:
    saved.use(**fresh_secrets())
    assert "Les clés des réglages" in saved("restore", FILE, code=1)
    assert copies.is_empty(target)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "9999_future"}, "plus récent"),
        ({"sha256": "0" * 64}, "abîmée"),
        ({"server": "oracle"}, "oracle"),
        ({"format": 99}, "format inconnu"),
        ({"more": 1}, "n’est pas une sauvegarde"),
    ],
)
def test_a_backup_that_does_not_hold_is_refused_beforehand(
    saved: Command, target: str, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    rewrite(tmp_path / FILE, **changes)
    assert words in saved("restore", FILE, code=1)
    assert copies.is_empty(target)


def test_rows_that_are_not_back_are_told(saved: Command, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / FILE) as archive:
        rows = orjson.loads(archive.extractfile("manifest.json").read())["rows"]  # type: ignore[union-attr]
    rewrite(tmp_path / FILE, rows=rows | {"pathway": 7})
    assert "pathway : 1 lignes au lieu de 7" in saved("restore", FILE, code=1)


def test_a_cut_file_is_refused(saved: Command, tmp_path: Path) -> None:
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    assert "n’est pas une sauvegarde de Jalon, ou elle est coupée" in saved("restore", FILE, code=1)
