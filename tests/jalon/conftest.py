from pathlib import Path

import pytest

from jalon.cli import cli
from jalon.shell import run
from tests.support.keys import SECRETS


class Command:
    """The command `jalon` in a folder and with settings of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def use(self, **settings: str) -> None:
        """Change settings for what follows."""
        for name, value in settings.items():
            self.monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run it, expect this exit code, and return all that it said."""
        self.capsys.readouterr()
        found = run(cli, list(arguments))
        said = self.capsys.readouterr()
        assert found == code, said
        return said.out + said.err


@pytest.fixture
def jalon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)
    command = Command(monkeypatch, capsys)
    command.use(**SECRETS, JALON_DATABASE_URL=f"sqlite:///{tmp_path / 'jalon.db'}")
    return command
