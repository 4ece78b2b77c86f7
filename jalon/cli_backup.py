"""`jalon backup` and `jalon restore`: a copy that is proven when it comes back."""

from pathlib import Path

import click

from jalon import backup, checkup, shell
from jalon.installation import load_settings


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path), metavar="FICHIER", required=False)
def backup_command(target: Path | None) -> None:
    """Sauvegarder toute la base dans un fichier, pendant que Jalon travaille.

    Sans nom, le fichier s’appelle d’après la date. Il ne contient pas les clés : gardez les réglages (JALON_VAULT_KEYS,
    JALON_INDEX_KEY) à part, sans elles les identités d’une sauvegarde sont illisibles.
    """
    settings = load_settings()
    checkup.require(settings)
    context = shell.opened(settings)
    path = target or Path(f"jalon-{context.calendar.local(context.clock.now()):%Y-%m-%d-%H%M}.sauvegarde")
    if path.exists():
        raise click.ClickException(f"{path} existe déjà : donnez un autre nom.")
    manifest = backup.save(context, path)
    click.echo(f"{path} : {_rows(manifest)}, {path.stat().st_size / 1e6:.1f} Mo.")


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FICHIER")
@click.option("--replace", is_flag=True, help="Remplacer ce que la base contient déjà. Arrêtez d’abord Jalon.")
def restore_command(source: Path, replace: bool) -> None:
    """Remettre une sauvegarde dans la base des réglages, et prouver que tout y est.

    Les lignes de chaque table sont comptées, la base et la chaîne du journal relues. Ensuite : `jalon db upgrade`.
    """
    manifest = backup.restore(load_settings(), source, replace=replace)
    click.echo(f"Base du {manifest.made_at} restaurée et vérifiée : {_rows(manifest)}.")


def _rows(manifest: backup.Manifest) -> str:
    return f"{sum(manifest.rows.values())} lignes dans {len(manifest.rows)} tables"
