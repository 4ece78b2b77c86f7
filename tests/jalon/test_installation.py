import os
import stat
from pathlib import Path

import pytest

from jalon import installation


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("JALON_")]:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_secrets_are_made_once_and_only_their_owner_reads_them(place: Path) -> None:
    made = installation.prepare()
    assert made is not None
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    kept = made.read_text("utf-8")
    assert installation.prepare() is None
    assert made.read_text("utf-8") == kept


def test_settings_take_the_secrets_that_were_made(place: Path) -> None:
    installation.prepare()
    first, again = installation.load_settings(), installation.load_settings(port=9000)
    assert first.vault_keys == again.vault_keys
    assert again.port == 9000
    assert again.public_url == "http://127.0.0.1:9000"
    assert first.database_url == "sqlite:///var/jalon.db"


def test_a_secret_given_by_the_environment_is_never_replaced(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = "a secret given by the installer, long enough"
    installation.prepare()
    monkeypatch.setenv("JALON_SECRET_KEY", given)
    assert installation.load_settings().secret_key == given


def test_the_database_follows_the_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JALON_VAR_DIR", str(place / "elsewhere"))
    installation.prepare()
    assert installation.load_settings().database_url == f"sqlite:///{place / 'elsewhere' / 'jalon.db'}"


def test_the_demo_is_on_for_up_unless_it_was_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.prepare()
    assert installation.load_settings(demo=True).demo
    monkeypatch.setenv("JALON_DEMO", "0")
    assert not installation.load_settings(demo=True).demo
