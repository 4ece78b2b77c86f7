"""`jalon vault`: turn the keys that seal, and know when an old one may go."""

import click

from jalon import checkup, rotation, shell
from jalon.installation import load_settings
from jalon.rotation import Count
from jalon.sealed import Sealed


@click.group(cls=shell.Group)
def vault() -> None:
    """Le coffre : les clés qui chiffrent ce qui identifie une personne."""


@vault.command("rotate")
@click.option("--batch", type=click.IntRange(1, 5000), default=rotation.BATCH, metavar="N", help="Valeurs par lot.")
def rotate(batch: int) -> None:
    """Chiffrer à nouveau, avec la première clé de JALON_VAULT_KEYS, ce que d’anciennes clés ont chiffré.

    Le site et les travaux peuvent rester en marche. Interrompue, la commande reprend où elle en était.
    """
    settings = load_settings()
    checkup.require(settings)
    failed = rotation.rotate(shell.opened(settings), _say, batch)
    if failed:
        raise click.ClickException(f"Valeurs restées fermées, faute de leur clé : {failed}.")
    click.echo("Tout est chiffré avec la première clé.")


@vault.command("check")
def check() -> None:
    """Dire quelles clés servent encore, et lesquelles peuvent quitter JALON_VAULT_KEYS.

    Code de sortie 0 si seule la première clé sert, 1 sinon. Une ancienne sauvegarde garde besoin de ses clés.
    """
    settings = load_settings()
    checkup.require(settings)
    context = shell.opened(settings)
    with context.database.read() as session:
        found = rotation.counts(session, context)
    for line in _lines(found):
        click.echo(line)
    first, *others = context.vault.names
    unknown = sum(one.unknown for one in found)
    still = [name for name in others if _total(found, name)]
    for name in others:
        click.echo(f"La clé « {name} » {'sert encore' if name in still else 'ne sert plus : elle peut être retirée'}.")
    if still or unknown:
        raise click.ClickException(f"Lancez `jalon vault rotate`. Valeurs d’une clé inconnue : {unknown}.")
    click.echo(f"Tout est chiffré avec la clé « {first} ».")


def _say(one: Sealed, done: int, total: int) -> None:
    click.echo(f"{one.table}.{one.column} : {done} sur {total}")


def _lines(found: list[Count]) -> list[str]:
    """What each key has sealed, column by column; nothing of columns that hold nothing."""
    lines = []
    for one in found:
        parts = [f"{name} : {number}" for name, number in one.by_key.items() if number]
        parts += [f"clé inconnue : {one.unknown}"] if one.unknown else []
        if parts:
            lines.append(f"{one.sealed.table}.{one.sealed.column}  {', '.join(parts)}")
    return lines


def _total(found: list[Count], name: str) -> int:
    return sum(one.by_key[name] for one in found)
