"""What `jalon check` looks at: settings, database, migrations, secrets, screens, pathway files."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import orjson
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from base.errors import JalonError, SettingsError
from base.jobs.adapters import left_elsewhere
from base.migrations import is_current
from base.settings import Settings
from care.identity import patients
from jalon import causes
from jalon.assets import FOLDER
from jalon.installation import load_settings
from jalon.scratch import scratch_engine
from jalon.shipped import pathway_files
from pathways.checks import check
from pathways.context import Context, build
from pathways.library import read_folder

UNKNOWN_KEY = {
    "": "les identités se lisent et se retrouvent",
    "vault": "Elles n’ouvrent pas les identités de cette base : reprenez les JALON_VAULT_KEYS d’alors.",
    "index": "Les patients de cette base ne se retrouveraient pas : reprenez la JALON_INDEX_KEY d’alors.",
}
BUNDLES = ("shell.js", "passkey.js", "viewer.js", "modeler.js")


@dataclass(frozen=True)
class Answer:
    """What one check found: all is well, or what is wrong and what to do about it."""

    name: str
    fine: bool
    words: str


def examine() -> list[Answer]:
    """All the checks; those that need settings are left out when the settings do not hold."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [*(Answer("Réglages", False, problem) for problem in error.problems), *_files()]
    context = build(settings)
    try:
        return [Answer("Réglages", True, _place(settings)), *_database(context), _vault(context), *_files()]
    finally:
        context.database.dispose()


def require(settings: Settings) -> None:
    """Refuse to start on a database that does not answer or is not up to date."""
    context = build(settings)
    try:
        wrong = [answer for answer in _database(context) if not answer.fine]
    finally:
        context.database.dispose()
    if wrong:
        raise click.ClickException(f"{wrong[0].name} : {wrong[0].words}")


def as_text(answers: list[Answer]) -> str:
    width = max(len(answer.name) for answer in answers)
    lines = [f"{'  ' if one.fine else '! '}{one.name:<{width}}  {one.words}" for one in answers]
    wrong = sum(not one.fine for one in answers)
    closing = "Tout va." if not wrong else "1 point à revoir." if wrong == 1 else f"{wrong} points à revoir."
    return "\n".join([*lines, "", closing])


def as_json(answers: list[Answer]) -> str:
    healthy = all(answer.fine for answer in answers)
    return orjson.dumps({"healthy": healthy, "checks": [asdict(answer) for answer in answers]}).decode()


def _place(settings: Settings) -> str:
    database = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    return f"{settings.public_url}, CPTS « {settings.tenant} », {database}"


def _database(context: Context) -> Iterator[Answer]:
    try:
        with context.database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        words = f"Elle ne répond pas : {causes.of_database(error)}. Vérifiez JALON_DATABASE_URL."
        yield Answer("Base de données", False, words)
        return
    yield Answer("Base de données", True, "elle répond")
    current = is_current(context.database)
    yield Answer("Migrations", current, "à jour" if current else "La base n’est pas à jour. Lancez : jalon db upgrade")
    if current:
        yield _jobs(context)
        yield _keys(context)


def _jobs(context: Context) -> Answer:
    """Who does the background work; jobs left in the queue of another setting would wait there for ever."""
    with context.database.read() as session:
        left = left_elsewhere(session, context.settings, context.clock)
    if left:
        words = f"Restés dans l’ancienne file, depuis que JALON_JOBS a changé : {left}. Lancez : jalon db upgrade"
        return Answer("Travaux de fond", False, words)
    return Answer("Travaux de fond", True, f"par « {context.settings.jobs} »")


def _keys(context: Context) -> Answer:
    """With other keys than those of this database nobody could be read, or known patients would not be found again."""
    with context.database.read() as session:
        unknown = patients.unknown_key(session, context.vault, context.tenant)
    return Answer("Clés de cette base", not unknown, UNKNOWN_KEY[unknown])


def _vault(context: Context) -> Answer:
    """Seal and open again, under the keys of the settings."""
    words, place = "aller et retour", "check.words:0"
    opened = context.vault.open(context.vault.seal(words, place), place)
    return Answer("Coffre des identités", opened == words, "il s’ouvre" if opened == words else "Il ne s’ouvre pas.")


def _files() -> Iterator[Answer]:
    missing = [name for name in BUNDLES if not (FOLDER / "built" / name).is_file()]
    yield Answer(
        "Écrans", not missing, f"Il manque {', '.join(missing)}. Lancez : make bundles" if missing else "construits"
    )
    folders = sorted(path.parent for path in pathway_files().glob("*/parcours.json"))
    if not folders:
        yield Answer("Parcours livrés", False, f"Aucun dans {pathway_files()}.")
    yield from (_pathway(folder) for folder in folders)


def _pathway(folder: Path) -> Answer:
    try:
        findings = check(scratch_engine(), read_folder(folder))
    except JalonError as error:
        return Answer(f"Parcours {folder.name}", False, str(error))
    errors = [finding for finding in findings if finding.severity == "error"]
    return Answer(f"Parcours {folder.name}", not errors, str(errors[0]) if errors else "contrôlé")
