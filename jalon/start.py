"""`jalon up`: make what is missing, load the demo, start web and worker, and say how to come in."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from base.settings import Settings
from jalon import installation, partner_call, server
from jalon.demo import TITLE, discharge_call, load, sign_ins
from pathways.context import Context, build

PORT = Settings.port


def up(host: str | None, port: int | None) -> None:
    """Start everything here; returns when stopped."""
    with step("Secrets et dossier de travail"):
        installation.prepare()
    settings = installation.load_settings(host=host, port=port, demo=True)
    server.require_free_port(settings.host, settings.port)
    with step("Base de données"):
        installation.upgrade_database(settings)
    if settings.demo:
        load_demo(settings)
    server.serve(settings, with_worker=True, announce=announce)


def load_demo(settings: Settings) -> None:
    """Load the demo into an empty database, in a process of its own: the memory it takes is given back."""
    context = build(settings)
    empty = load.is_empty(context)
    context.database.dispose()
    if empty and subprocess.run([sys.executable, "-m", "jalon", "demo", "load"], check=False).returncode:
        raise click.ClickException("La démonstration n’a pas pu être chargée. Les lignes ci-dessus disent pourquoi.")


@contextmanager
def step(words: str) -> Iterator[None]:
    """One line of progress, with the time it took."""
    begun = time.monotonic()
    yield
    click.echo(f"  {words} : {seconds(begun)}")


def seconds(begun: float) -> str:
    return f"{time.monotonic() - begun:.1f} s".replace(".", ",")


def say_address(context: Context) -> None:
    click.echo(f"Jalon répond à {context.settings.public_url}  (Ctrl-C pour arrêter)")


def announce(context: Context) -> None:
    """Said by the process that answers, once it does."""
    settings = context.settings
    click.echo("")
    say_address(context)
    if not settings.demo:
        return
    if not settings.is_loopback:
        click.echo("Attention : la démonstration, au mot de passe connu de tous, est joignable d’autres machines.")
    click.echo(f"\nComptes de la {TITLE} :\n{sign_ins.table()}")
    click.echo("\nJouer l’hôpital, dans un autre terminal (signature valable 5 minutes) :\n")
    click.echo(partner_call.as_curl(discharge_call.new_call(context)))
    command = "jalon demo discharge" if settings.port == PORT else f"JALON_PORT={settings.port} jalon demo discharge"
    click.echo(f"\nPlus tard, un nouvel appel signé : {command}   (avec --post pour l’envoyer aussitôt)\n")
