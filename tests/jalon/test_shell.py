import click
import pytest

from base.errors import Invalid, NotFound, PathwayError, SettingsError
from jalon import shell


@click.group(cls=shell.Group)
def program() -> None:
    """Un programme d’essai."""


@program.command()
@click.argument("file", metavar="FICHIER")
@click.option("--count", type=int, help="Combien.")
def read(file: str, count: int | None) -> None:
    """Lire un fichier."""
    raise {
        "absent": NotFound("Rien ne porte ce nom."),
        "settings": SettingsError(["JALON_PORT : « x » n’est pas un nombre.", "JALON_HOST : vide."]),
        "pathway": PathwayError("Boucle sans fin.", file="a.bpmn", line=12, element="G1", hint="Ajoutez une sortie."),
        "fields": Invalid("Deux champs à revoir.", {"port": "Un nombre est attendu."}),
        "system": FileNotFoundError(2, "No such file", "x.json"),
    }[file]


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["read", "absent"], "jalon : Rien ne porte ce nom.", 1),
        (["read", "settings"], "JALON_HOST : vide.", 1),
        (["read", "pathway"], "a.bpmn:12:G1: Boucle sans fin. Ajoutez une sortie.", 1),
        (["read", "fields"], "port : Un nombre est attendu.", 1),
        (["read", "system"], "jalon : Fichier introuvable : x.json", 1),
        (["read"], "jalon : Il manque 'FICHIER'.", 2),
        (["raed"], "Vouliez-vous dire read ?", 2),
        (["read", "--cuont", "1"], "L’option « --cuont » n’existe pas. Vouliez-vous dire --count ?", 2),
        (["read", "--count"], "L’option « --count » attend une valeur.", 2),
        (["read", "x", "--count", "z"], "'--count' : valeur refusée.", 2),
    ],
)
def test_an_error_is_a_clear_line_on_stderr_and_an_exit_code(
    arguments: list[str], words: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run(program, arguments) == code
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_help_is_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run(program, ["read", "--help"]) == 0
    said = capsys.readouterr().out
    assert "Usage : jalon read [OPTIONS] FICHIER" in said
    assert "Montrer cette aide." in said
    assert "Options :" in said


def test_a_group_lists_its_commands_when_asked_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run(program, []) == shell.MISUSED
    assert "Commandes :" in capsys.readouterr().out
