"""`jalon notices`: the key that signs messages to browsers, and addresses that send mail back."""

import click

from inbox.notices import push
from jalon import shell
from jalon.installation import load_settings
from people.notices import deliveries


@click.group("notices", cls=shell.Group)
def notices() -> None:
    """Soigner ce qui part vers les professionnels."""


@notices.command("key")
def make_key() -> None:
    """Produire la clé des messages aux navigateurs, pour JALON_VAPID_PRIVATE_KEY.

    Une autre clé demande à chaque personne d’abonner de nouveau ses appareils : gardez la première.
    """
    click.echo(push.make_key())


@notices.command("bounced")
@click.argument("address")
@click.option("--raison", default="Le message est revenu.", help="Ce que la personne et la coordination en liront.")
def mark_bounced(address: str, raison: str) -> None:
    """Noter qu’une adresse renvoie les messages : plus rien n’y part, et la page « Notifications » le dit."""
    context = shell.opened(load_settings())
    with context.database.begin() as session:
        known = deliveries.mark_bounced(session, context.clock, context.tenant, address, raison)
    click.echo("C’est noté, et le dernier message envoyé là est marqué." if known else "C’est noté.")


@notices.command("works")
@click.argument("address")
def clear(address: str) -> None:
    """Noter qu’une adresse fonctionne de nouveau."""
    context = shell.opened(load_settings())
    with context.database.begin() as session:
        was_marked = deliveries.clear(session, context.tenant, address)
    click.echo("Les messages repartent vers cette adresse." if was_marked else "Cette adresse n’était pas notée.")
