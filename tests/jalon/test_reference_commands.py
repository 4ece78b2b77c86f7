"""The commands that docs/feel.md shows run as they are written, on the values that it shows."""

import re
import shlex
from pathlib import Path

import pytest

from tests.support import reference
from tests.support.dmn import given, grid, model

COMMANDS = re.findall(r"^    jalon (.+)$", reference.page(), re.MULTILINE)
VALUES = re.compile(r"`x\.json` tient les valeurs : `(\{.*\})`")


@pytest.fixture
def beside(tmp_path: Path) -> None:
    """The two files that the commands name."""
    written = VALUES.search(reference.page())
    (tmp_path / "x.json").write_text(written[1], "utf-8")
    data, needs = given(["age"])
    table = grid(["age"], ["suivi"], [([">= 75"], ['"visite"']), (["< 75"], ['"appel"'])])
    (tmp_path / "suivi.dmn").write_bytes(
        model(table, elements=data, requires=needs).replace(b'id="d" name="D"', b'id="suivi" name="suivi"')
    )


def test_the_reference_shows_both_commands():
    assert {shlex.split(command)[0] for command in COMMANDS} == {"feel", "decide"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("beside")
def test_a_command_of_the_reference_runs(jalon, command):
    assert jalon(*shlex.split(command)).strip()


@pytest.mark.usefixtures("beside")
def test_a_value_that_begins_with_an_equals_sign_is_feel(jalon):
    assert jalon("feel", "sortie", "--context", "x.json").strip() == "2026-03-02"
