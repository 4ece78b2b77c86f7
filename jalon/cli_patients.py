"""`jalon patients`: make findable the patients of before the index of words."""

import click

from care import indexing
from jalon import checkup, shell
from jalon.installation import load_settings


@click.group(cls=shell.Group)
def patients() -> None:
    """Les patients : la recherche par leurs noms, qui restent chiffrés."""


@patients.command("index")
def index() -> None:
    """Rendre trouvables les patients enregistrés avant la recherche, et proposer les doublons.

    Le site et les travaux peuvent rester en marche. Interrompue, la commande reprend où elle en était.
    """
    settings = load_settings()
    checkup.require(settings)
    context, done = shell.opened(settings), 0
    with context.database.read() as session:
        total = indexing.waiting(session, context.tenant)
    while done < total:
        with context.database.begin() as session:
            found = indexing.index_next(session, context.vault, context.clock, context.tenant)
        if not found:
            break
        done += found
        click.echo(f"Patients indexés : {done} sur {total}")
    click.echo("Tous les patients se trouvent par leurs noms.")
