"""The command `jalon`: start the program, look after its database and its pathways, try a diagram."""

from pathlib import Path

import click

from jalon import (
    checkup,
    cli_backup,
    cli_decide,
    cli_demo,
    cli_feel,
    cli_invite,
    cli_journal,
    cli_notices,
    cli_partner,
    cli_pathways,
    cli_patients,
    cli_vault,
    play,
    server,
    shell,
    start,
    worker,
)
from jalon.installation import load_settings, upgrade_database
from pathways.context import build

FOLDER = "Ses réglages sont des variables JALON_… ; `jalon check` dit lesquelles manquent."


@click.group(cls=shell.Group, epilog=FOLDER)
@click.version_option(package_name="jalon", message="Jalon %(version)s", help="Montrer la version.")
def cli() -> None:
    """Jalon : les parcours de soins d’une CPTS, de l’appel de l’hôpital à la réponse du professionnel."""


@cli.command()
@click.option("--host", metavar="ADRESSE", help="Adresse d’écoute. Sans elle : JALON_HOST, sinon 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Sans lui : JALON_PORT, sinon 8080.")
def up(host: str | None, port: int | None) -> None:
    """Tout démarrer ici, avec la CPTS de démonstration.

    Crée ce qui manque (dossier var/, secrets, base, démonstration), met la base à jour, puis lance le site et les
    travaux de fond. Affiche l’adresse, les comptes de démonstration et un appel signé qui joue l’hôpital.
    Ctrl-C arrête tout ; rien n’est perdu.
    """
    start.up(host, port)


@cli.command()
@click.option("--host", metavar="ADRESSE", help="Adresse d’écoute. Sans elle : JALON_HOST, sinon 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Sans lui : JALON_PORT, sinon 8080.")
@click.option("--with-worker", is_flag=True, help="Lancer aussi les travaux de fond dans ce processus.")
def serve(host: str | None, port: int | None, with_worker: bool) -> None:
    """Lancer le site seul (les travaux de fond : `jalon worker`)."""
    settings = load_settings(host=host, port=port)
    checkup.require(settings)
    server.serve(settings, with_worker=with_worker, announce=start.say_address)


@cli.command("worker")
@click.option("--threads", type=click.IntRange(1, 64), metavar="N", help="Travaux menés de front. Sans lui : réglage.")
def work(threads: int | None) -> None:
    """Lancer les travaux de fond seuls : messages, relances, échéances, envois aux partenaires."""
    settings = load_settings()
    checkup.require(settings)
    click.echo("Travaux de fond lancés  (Ctrl-C pour arrêter)")
    worker.work_until_stopped(build(settings), threads)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Répondre en JSON, pour une sonde.")
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Vérifier les réglages, la base, les secrets, les écrans et les fichiers de parcours.

    Code de sortie 0 si tout va, 1 sinon.
    """
    findings = checkup.examine()
    click.echo(checkup.as_json(findings) if as_json else checkup.as_text(findings))
    ctx.exit(0 if all(finding.fine for finding in findings) else shell.FAILED)


@cli.group()
def db() -> None:
    """S’occuper de la base de données."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Mettre la base à la version du programme. Sans effet si elle y est déjà.

    Quand JALON_JOBS a changé, les travaux de fond qui attendaient passent dans la nouvelle file : arrêtez d’abord le
    site et les travaux.
    """
    moved = upgrade_database(load_settings())
    if moved:
        click.echo(f"Travaux de fond passés dans la nouvelle file : {moved}.")
    click.echo("La base est à jour.")


@cli.command("play")
@click.argument("file", type=click.Path(path_type=Path), metavar="FICHIER.bpmn")
@click.option("--input", "values", type=click.Path(path_type=Path), metavar="x.json",
              help="Les valeurs de départ : un objet JSON, ou un scénario du parcours.")  # fmt: skip
@click.option("--process", metavar="ID", help="Le processus à jouer, quand le fichier en contient plusieurs.")
@click.option("--message", metavar="NOM", help="Le message qui ouvre, quand le processus en attend plusieurs.")
def play_file(file: Path, values: Path | None, process: str | None, message: str | None) -> None:
    """Jouer un diagramme en mémoire, jusqu’à ce qu’il attende, et dire ce qu’il fait.

    Rien n’est enregistré. Les décisions (*.dmn) et les formulaires rangés avec le diagramme sont pris avec lui.
    Les réponses se donnent ensuite, une par ligne, au clavier ou par un tube :

    \b
      complete TÂCHE {"nom": valeur}   répondre à une tâche (son numéro ou son identifiant)
      message NOM {"nom": valeur}      livrer un message attendu
      wait [P2D]                       avancer le temps : jusqu’à la prochaine échéance, ou d’une durée
      show                             redire ce qui est attendu
      variables                        montrer les valeurs
      quit                             s’arrêter là

    Dans les valeurs, un texte qui commence par « = » est une expression FEEL : {"fin": "=now()"}.
    """
    play.play(file, values, process, message)


cli.add_command(cli_feel.feel_command)
cli.add_command(cli_decide.decide_command)
cli.add_command(cli_pathways.pathways)
cli.add_command(cli_invite.invite_command)
cli.add_command(cli_partner.partner)
cli.add_command(cli_demo.demo)
cli.add_command(cli_patients.patients)
cli.add_command(cli_vault.vault)
cli.add_command(cli_journal.journal)
cli.add_command(cli_notices.notices)
cli.add_command(cli_backup.backup_command)
cli.add_command(cli_backup.restore_command)


def main() -> None:
    """The entry point of the package."""
    shell.end(cli)
