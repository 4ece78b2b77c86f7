"""`jalon patients`: make findable the patients of before the index of words; keep and use the list of the erased."""

from pathlib import Path

import click

from admin import erasure
from base.errors import Conflict, NotFound
from care.identity import identity_log
from care.search import indexing
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


@patients.command("erased")
def erased() -> None:
    """Donner les numéros effacés, une ligne chacun : à garder hors de la base, auprès des sauvegardes."""
    context = shell.opened(load_settings())
    with context.database.read() as session:
        for deed in identity_log.done(session, context.tenant, "erased"):
            click.echo(f"{deed.patient}\t{deed.detail}\t{deed.at.isoformat(timespec='seconds')}")


@patients.command("erase-again")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FICHIER")
def erase_again(file: Path) -> None:
    """Effacer de nouveau, après une restauration, les personnes que dit la liste de `jalon patients erased`."""
    context, kept = shell.opened(load_settings()), []
    for line in filter(None, file.read_text("utf-8").splitlines()):
        patient, reason, *_ = [*line.split("\t"), ""]
        try:
            with context.database.begin() as session:
                erasure.erase_as(session, context, erasure.AGAIN, patient, reason)
            click.echo(f"{patient} : effacé")
        except (Conflict, NotFound) as refusal:
            kept += [patient] if refusal.code == "open-cases" or refusal.code == "in-flight" else []
            click.echo(f"{patient} : {refusal.message}")
    if kept:
        raise click.ClickException(f"Personnes encore là : {len(kept)}. Terminez leurs dossiers, puis recommencez.")
