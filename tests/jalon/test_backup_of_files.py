"""What `jalon backup` and `jalon restore` meet where the database is a file: damage, full disks, owners."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from jalon import copies
from tests.jalon.conftest import Command

FILE, OTHER, PAGE = "essai.sauvegarde", "other.sauvegarde", 4096


@pytest.fixture
def saved(jalon: Command, tmp_path: Path) -> Command:
    """An installation that was saved once."""
    jalon("db", "upgrade")
    jalon("backup", FILE)
    return jalon


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def a_small_disk() -> Iterator[None]:
    """No file grows beyond 200 kB: the system says so as it says that a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_damaged_database_is_told_and_not_saved(saved: Command, tmp_path: Path) -> None:
    database = tmp_path / "jalon.db"
    whole = database.read_bytes()
    with closing(sqlite3.connect(database)) as line:
        page = PAGE * (line.execute("SELECT rootpage FROM sqlite_master WHERE name = 'workload'").fetchone()[0] - 1)
    database.write_bytes(whole[:page] + b"\xff" * PAGE + whole[page + PAGE :])
    before = files(tmp_path)
    assert "La base est abîmée" in saved("backup", OTHER, code=1)
    assert files(tmp_path) == before
    database.write_bytes(whole)
    assert "lignes dans" in saved("backup", OTHER)


def test_a_disk_that_is_full_is_one_line_and_leaves_nothing_behind(saved: Command, tmp_path: Path) -> None:
    before = files(tmp_path)
    with a_small_disk():
        assert "n’a pas pu être copiée" in saved("backup", OTHER, code=1)
        assert "plus grand que permis" in saved("restore", FILE, "--replace", code=1)
        with pytest.raises(OSError, match="too large"):
            copies.fill(f"sqlite:///{tmp_path / 'jalon.db'}", tmp_path / "jalon.db")
    assert files(tmp_path) == before
    assert "lignes dans" in saved("backup", OTHER)


def test_what_is_restored_is_its_owners_alone_or_has_the_mode_of_before(saved: Command, tmp_path: Path) -> None:
    fresh, known = tmp_path / "fresh" / "jalon.db", tmp_path / "jalon.db"
    known.chmod(0o640)
    saved("restore", FILE, "--replace")
    saved.use(JALON_DATABASE_URL=f"sqlite:///{fresh}")
    saved("restore", FILE)
    assert (known.stat().st_mode & 0o777, fresh.stat().st_mode & 0o777) == (0o640, 0o600)
    assert files(fresh.parent) == ["jalon.db", "jalon.db.processes"]
