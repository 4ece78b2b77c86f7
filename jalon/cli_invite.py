"""`jalon invite`: the link by which the very first account is opened, before anybody can invite on the screen."""

import click

from base.errors import Invalid
from jalon import shell
from jalon.installation import load_settings
from people import persons
from people.roles import ROLES
from people.sign_in import invitations


@click.command("invite", cls=shell.Command)
@click.option("--nom", required=True, help="Nom de famille.")
@click.option("--prenom", required=True, help="Prénom.")
@click.option("--email", required=True, help="Adresse par laquelle la personne se connectera.")
@click.option("--role", "roles", multiple=True, default=("coordinateur", "admin"), help="Rôle, autant que voulu.")
def invite_command(nom: str, prenom: str, email: str, roles: tuple[str, ...]) -> None:
    """Donner le lien qui ouvre un premier compte, à remettre à la personne elle-même.

    Le lien sert une fois, pendant 7 jours. Sans --role, la personne tient la coordination et l’administration ; elle
    invite ensuite les autres à l’écran, sous « Comptes ».
    """
    context = shell.opened(load_settings())
    if unknown := sorted(set(roles) - ROLES.keys()):
        raise Invalid(f"Rôle inconnu : {', '.join(unknown)}. Rôles possibles : {', '.join(ROLES)}.")
    with context.database.begin() as session:
        names = {"family_name": nom, "given_name": prenom, "email": email}
        made = persons.add(session, context.tenant, **names, roles=roles)
        token = invitations.invite(session, context.clock, context.tenant, made.id, email, made.id)
    click.echo(f"{context.settings.public_url}/invitation/{token}")
