"""A backup is one archive: the copy of the database, and a manifest that says what must come back from it."""

import hashlib
import tarfile
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import orjson
from sqlalchemy import make_url

from base import migrations, presence
from base.settings import Settings
from base.vault import Unreadable
from engine.chain import Break
from engine.verification import verify
from jalon import copies
from pathways.context import Context, build

FORMAT = 1
MANIFEST, DATA = "manifest.json", "data"
LARGEST_MANIFEST = 1_000_000
WORDS, PLACE = "jalon", "backup.words:0"
IN_USE = (
    "Un processus de Jalon utilise cette base : arrêtez le site et les travaux de fond sur toutes les machines, "
    "puis recommencez. Rien n’a été changé."
)


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: server, schema version, the instant, rows of each table, SHA-256 of the copy.

    `seal` is a word sealed with the identities' key (base 64): who cannot open it could not read the identities.
    """

    format: int
    server: str
    version: str
    made_at: str
    rows: dict[str, int]
    sha256: str
    seal: str


def save(context: Context, target: Path) -> Manifest:
    """Write a backup; the file appears under its name only once it is whole and on the disk. Raises ClickException."""
    with tempfile.TemporaryDirectory(prefix="jalon-backup-", dir=target.parent) as name:
        copy = Path(name) / DATA
        counted = copies.dump(context.database, copy)
        manifest = Manifest(
            FORMAT,
            context.database.engine.dialect.name,
            migrations.current(context.database) or "",
            context.clock.now().isoformat(timespec="seconds"),
            counted,
            _digest(copy),
            b64encode(context.vault.seal(WORDS, PLACE)).decode(),
        )
        whole = Path(name) / "whole"
        _pack(whole, manifest, copy)
        whole.chmod(0o600)
        copies.put(whole, target)
    return manifest


def restore(settings: Settings, source: Path, *, replace: bool = False) -> Manifest:
    """Bring a database back from a backup, then prove that all of it is there. Raises ClickException."""
    if not (replace or copies.is_empty(settings.database_url)):
        raise click.ClickException(
            "La base des réglages contient déjà des données. Pour les remplacer par la sauvegarde : --replace."
        )
    context = build(settings)
    try:
        with _opened(source) as (manifest, copy):
            _accept(context, manifest, copy)
            copies.make_folder(settings.database_url)
            with presence.alone(context.database) as free:
                if not free:
                    raise click.ClickException(IN_USE)
                copies.fill(settings.database_url, copy)
        if wrong := differences(context, manifest):
            raise click.ClickException("La base restaurée n’est pas celle de la sauvegarde : " + " ; ".join(wrong))
    finally:
        context.database.dispose()
    return manifest


def differences(context: Context, manifest: Manifest) -> list[str]:
    """What of a backup the database does not hold; nothing when it was restored well."""
    found = copies.faults(context.settings.database_url)
    with context.database.read() as session:
        held = copies.rows(session.connection())
    for name, count in manifest.rows.items():
        if held.get(name) != count:
            found.append(f"{name} : {held.get(name, 0)} lignes au lieu de {count}")
    if manifest.version >= "0002":
        with context.database.read() as session:
            broken = [said for said in verify(session, context.tenant) if isinstance(said, Break)]
        found += [f"journal du dossier {one.run}, ligne {one.n}" for one in broken]
    return found


def _accept(context: Context, manifest: Manifest, copy: Path) -> None:
    """Everything that can be known before the database is touched."""
    server = make_url(context.settings.database_url).get_backend_name()
    if manifest.server != server:
        raise click.ClickException(
            f"Cette sauvegarde est celle d’une base {manifest.server}, les réglages nomment {server}."
        )
    if manifest.version not in migrations.versions():
        raise click.ClickException(
            f"Cette sauvegarde ({manifest.version}) vient d’un Jalon plus récent : installez-le."
        )
    if _digest(copy) != manifest.sha256:
        raise click.ClickException("La sauvegarde est abîmée : son contenu n’est pas celui que son manifeste annonce.")
    if wrong := copies.faults(context.settings.database_url, copy):
        raise click.ClickException(f"La base de cette sauvegarde était déjà abîmée ({wrong[0]}) : prenez-en une autre.")
    try:
        context.vault.open(b64decode(manifest.seal), PLACE)
    except Unreadable as error:
        raise click.ClickException(
            "Les clés des réglages n’ouvrent pas cette sauvegarde : reprenez les JALON_VAULT_KEYS d’alors."
        ) from error


def _pack(target: Path, manifest: Manifest, copy: Path) -> None:
    described = copy.with_name(MANIFEST)
    described.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    with tarfile.open(target, "w:gz", compresslevel=3) as archive:
        archive.add(described, MANIFEST)
        archive.add(copy, DATA)


@contextmanager
def _opened(source: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and the copy in a temporary folder. Only these two names are read."""
    with tempfile.TemporaryDirectory(prefix="jalon-restore-") as name:
        copy = Path(name) / DATA
        try:
            with tarfile.open(source, "r:gz") as archive:
                manifest = Manifest(**orjson.loads(_read(archive, MANIFEST, LARGEST_MANIFEST)))
                _extract(archive, copy)
        except (tarfile.TarError, KeyError, TypeError, ValueError, EOFError) as error:
            raise click.ClickException(f"{source} n’est pas une sauvegarde de Jalon, ou elle est coupée.") from error
        if manifest.format != FORMAT:
            raise click.ClickException(f"Cette sauvegarde est d’un format inconnu ({manifest.format}).")
        yield manifest, copy


def _read(archive: tarfile.TarFile, name: str, most: int) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member.read(most)


def _extract(archive: tarfile.TarFile, target: Path) -> None:
    member = archive.extractfile(DATA)
    if member is None:
        raise KeyError(DATA)
    with target.open("wb") as made:
        while block := member.read(1 << 20):
            made.write(block)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
