"""`jalon journal`: prove that what was written still stands, and that it is enough to build a case again."""

from typing import NoReturn

import click

from engine import anchors
from engine.chain import Break
from engine.verification import Verified, verify
from jalon import checkup, cli_replay, shell
from jalon.installation import load_settings

FAULTS = {
    "altered": "dossier {run}, ligne {n} : ce qui est écrit n’est plus ce qui avait été écrit",
    "missing": "dossier {run}, ligne {n} : cette ligne a disparu",
    "orphan": "dossier {run} : des lignes sont là, mais le dossier n’y est plus",
    "anchor": "{run} : les lignes de ce jour ne sont plus celles qui avaient été scellées ({n} trouvées)",
}


@click.group(cls=shell.Group)
def journal() -> None:
    """Le journal des dossiers : chaque ligne scelle la précédente, chaque jour est scellé à son tour."""


@journal.command("verify")
@click.option("--case", metavar="ID", help="Un seul dossier. Sans lui : tous, et les sceaux de chaque jour.")
def verify_journal(case: str | None) -> None:
    """Vérifier que rien n’a été changé ni retiré, et nommer la première ligne fautive de chaque dossier.

    Code de sortie 0 si tout tient, 1 sinon.
    """
    settings = load_settings()
    checkup.require(settings)
    context, faults, tally = shell.opened(settings), 0, Verified()
    with context.database.read() as session:
        for said in verify(session, context.tenant, case):
            if isinstance(said, Break):
                faults += 1
                click.echo(FAULTS[said.reason].format(run=said.run, n=said.n))
            else:
                tally = said
    if case is not None and not tally.runs:
        raise click.ClickException(f"Le dossier « {case} » n’existe pas.")
    _conclude(tally, faults)


def _conclude(tally: Verified, faults: int) -> None:
    read = f"{tally.runs} dossiers, {tally.entries} lignes, {tally.anchors} jours scellés"
    if faults:
        _fail(f"Le journal a été altéré : {faults} faute{'s' if faults > 1 else ''} ({read} relus).")
    click.echo(f"Le journal est intact : {read}.")


def _fail(words: str) -> NoReturn:
    raise click.ClickException(words)


@journal.command("anchors")
def list_anchors() -> None:
    """Donner le sceau de chaque jour, à garder ailleurs : il prouve ce que disaient les journaux ce jour-là."""
    settings = load_settings()
    checkup.require(settings)
    context = shell.opened(settings)
    with context.database.read() as session:
        for made in anchors.all_of(session, context.tenant):
            click.echo(f"{made.day}  {made.entries:>8} lignes  {made.hash.hex()}")


journal.add_command(cli_replay.replay_case)
