"""`jalon partner`: list the partners, sign a message as one of them, post it, read what became of it."""

import sys
from pathlib import Path

import click
import httpx

from base.ids import new_id
from jalon import partner_call, shell
from jalon.installation import load_settings
from pathways.context import Context
from webhooks import partners

FILE = click.argument("file", metavar="[FICHIER|-]", type=click.Path(path_type=Path), default=Path("-"))
KEY = click.argument("key", metavar="PARTENAIRE")


@click.group(cls=shell.Group)
def partner() -> None:
    """Jouer un établissement partenaire : signer et envoyer ses messages."""


@partner.command("list")
def list_partners() -> None:
    """Donner les partenaires connus, une ligne chacun."""
    context = shell.opened(load_settings())
    with context.database.read() as session:
        for one in partners.listing(session, context.tenant):
            click.echo(f"{one.key}\t{one.name}\t{'actif' if one.active else 'arrêté'}")


@partner.command()
@KEY
@FILE
def sign(key: str, file: Path) -> None:
    """Signer un message (fichier, ou entrée standard) et donner l’appel `curl` prêt à coller.

    La signature vaut cinq minutes : refaites-la quand elle a vieilli.
    """
    click.echo(partner_call.as_curl(prepared(shell.opened(load_settings()), key, read_body(file))))


@partner.command()
@KEY
@FILE
def post(key: str, file: Path) -> None:
    """Signer un message (fichier, ou entrée standard) et l’envoyer au site en marche."""
    tell(partner_call.send(prepared(shell.opened(load_settings()), key, read_body(file))))


@partner.command()
@click.argument("location", metavar="ADRESSE")
def read(location: str) -> None:
    """Lire ce qu’un message est devenu, à l’adresse que la réponse 202 donne (en-tête Location)."""
    response = partner_call.send(partner_call.question(shell.opened(load_settings()), location))
    if response.status_code != 200:
        raise click.ClickException(f"Refusé ({response.status_code}) : {response.text}")
    click.echo(response.text.strip())


def read_body(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def prepared(context: Context, key: str, body: bytes) -> partner_call.Call:
    return partner_call.prepare(context, key, partner_call.message_id_of(body, new_id()), body)


def tell(response: httpx.Response) -> None:
    """Say what the door answered; a refusal leaves with an error."""
    if response.status_code == 202:
        location = response.headers.get("location", "")
        click.echo(f"Reçu (202). Suite du message : {location}\nPour la lire : jalon partner read {location}")
        return
    raise click.ClickException(f"Refusé ({response.status_code}) : {response.text}")
