"""`jalon backup` and `jalon restore`, on both servers: what comes back is proven, what cannot be is refused."""

import tarfile
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from base.database import Database
from base.settings import fresh_secrets
from jalon import copies
from tests.jalon.conftest import Command
from tests.support.packages import write_folder

FILE = "essai.sauvegarde"


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A database that is used, and another to restore into."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'used.db'}", f"sqlite:///{tmp_path / 'other.db'}"
    cluster = request.getfixturevalue("postgres")
    cluster.drop("restored")
    return request.getfixturevalue("postgres_url"), cluster.create("restored")


@pytest.fixture
def saved(jalon: Command, addresses: tuple[str, str], tmp_path: Path) -> Command:
    """An installation with a published pathway, saved; its settings name the other database now."""
    jalon.use(JALON_DATABASE_URL=addresses[0])
    jalon("db", "upgrade")
    jalon("pathways", "import", str(write_folder(tmp_path / "essai")))
    assert "lignes dans" in jalon("backup", FILE)
    jalon.use(JALON_DATABASE_URL=addresses[1])
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


def test_a_database_in_use_is_replaced_only_when_asked(saved: Command, addresses: tuple[str, str]) -> None:
    saved("restore", FILE)
    database = Database(addresses[1])
    with database.begin() as session:
        session.execute(text("DELETE FROM draft_file"))
        session.execute(text("UPDATE pathway SET title = 'Autre'"))
    database.dispose()
    assert "--replace" in saved("restore", FILE, code=1)
    saved("restore", FILE, "--replace")
    assert "Essai" in saved("pathways", "list")


def test_the_file_is_for_its_owner_alone_and_never_overwritten(saved: Command, tmp_path: Path) -> None:
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    saved("restore", FILE)
    assert "existe déjà" in saved("backup", FILE, code=1)


def test_a_backup_that_the_keys_do_not_open_is_refused_beforehand(saved: Command, addresses: tuple[str, str]) -> None:
    saved.use(**fresh_secrets())
    assert "Les clés des réglages" in saved("restore", FILE, code=1)
    assert copies.is_empty(addresses[1])


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
    saved: Command, addresses: tuple[str, str], tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    rewrite(tmp_path / FILE, **changes)
    assert words in saved("restore", FILE, code=1)
    assert copies.is_empty(addresses[1])


def test_rows_that_are_not_back_are_told(saved: Command, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / FILE) as archive:
        rows = orjson.loads(archive.extractfile("manifest.json").read())["rows"]  # type: ignore[union-attr]
    rewrite(tmp_path / FILE, rows=rows | {"pathway": 7})
    assert "pathway : 1 lignes au lieu de 7" in saved("restore", FILE, code=1)


def test_a_cut_file_is_refused(saved: Command, tmp_path: Path) -> None:
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    assert "n’est pas une sauvegarde de Jalon, ou elle est coupée" in saved("restore", FILE, code=1)
