"""`jalon demo`: load the demo CPTS, play a new discharge."""

from dataclasses import replace

import click

from jalon import partner_call, shell
from jalon.cli_partner import tell
from jalon.demo import TITLE, discharge_call, load
from jalon.demo.sign_ins import table
from jalon.installation import load_settings


@click.group(cls=shell.Group)
def demo() -> None:
    """La CPTS de démonstration : personnes inventées, établissements et dossiers."""


@demo.command("load")
def load_demo() -> None:
    """Charger la démonstration dans une base vide. Sans effet si elle y est déjà."""
    settings = replace(load_settings(demo=True), sqlite_synchronous="NORMAL")  # nothing here that cannot be made again
    loaded = load.load(shell.opened(settings), lambda words: click.echo(f"  {words}"))
    click.echo(f"  {TITLE} : prête" if loaded else "La base contient déjà des professionnels : rien n’a été ajouté.")


@demo.command("accounts")
def accounts() -> None:
    """Donner les comptes de démonstration et leur mot de passe."""
    click.echo(table())


@demo.command()
@click.option("--post", is_flag=True, help="Envoyer l’appel au lieu de l’afficher.")
@click.option("--stroke/--other", default=None, help="Une sortie après AVC, ou une autre ; sans rien, au hasard.")
def discharge(post: bool, stroke: bool | None) -> None:
    """Jouer l’hôpital : un appel signé qui annonce la sortie d’une nouvelle personne inventée.

    La signature vaut cinq minutes ; relancez la commande pour en avoir une autre.
    """
    call = discharge_call.new_call(shell.opened(load_settings()), stroke=stroke)
    if post:
        tell(partner_call.send(call))
    else:
        click.echo(partner_call.as_curl(call))
