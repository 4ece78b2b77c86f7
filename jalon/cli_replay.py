"""`jalon journal replay`: a case built again from its journal, step by step; names no patient and shows no value."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from base.errors import NotFound
from engine import journal
from engine.definition import Definition
from engine.draft_replay import DraftReplay
from engine.inputs import Difference
from engine.pictures import Entry
from engine.replay import Replay, Unlike
from jalon import checkup, shell
from jalon.installation import load_settings
from pathways.context import Context
from pathways.library import read_folder

INPUTS = {
    "run_started": "Ouverture du dossier",
    "task_completed": "Réponse",
    "answer_taken_back": "Réponse reprise",
    "task_assigned": "Tâche changée de mains",
    "task_planned": "Tâche replanifiée",
    "task_offered": "Tâche proposée à un autre rôle",
    "task_declined": "Tâche refusée",
    "task_turned_down": "Tâche déclinée",
    "activity_chosen": "Activité commencée",
    "message_received": "Message reçu",
    "signal_received": "Signal reçu",
    "timer_fired": "Échéance atteinte",
    "timer_moved": "Échéance déplacée",
    "operation_done": "Opération faite",
    "job_failed": "Opération en échec",
    "incident_raised": "Arrêt sur incident",
    "incident_resolved": "Nouvel essai",
    "variables_mended": "Valeurs corrigées",
    "run_migrated": "Passage à une autre version",
    "run_cancelled": "Arrêt du dossier",
}
REASONS = {
    "input": "cette entrée ne peut plus être donnée ici",
    "untold": "cette ligne, d’une version plus ancienne, ne dit pas tout ce qu’il faut pour la refaire",
    "missing": "cette ligne ne se répète pas",
    "other": "autre chose se passe : {instead}",
    "detail": "la même chose se passe, mais autrement",
    "extra": "quelque chose de plus se passe : {kind} {element}",
}
UNLIKE = {
    "state": "l’état du dossier ({where})",
    "tokens": "l’endroit où en est le parcours (« {where} »)",
    "variables": "la valeur « {where} »",
    "tasks": "les tâches ouvertes ({where})",
}


@click.command("replay", cls=shell.Command)
@click.argument("case", metavar="ID")
@click.option(
    "--draft",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DOSSIER",
    help="Rejouer les mêmes entrées sur ce brouillon de parcours, et dire où elles ne vont plus.",
)
def replay_case(case: str, draft: Path | None) -> None:
    """Refaire un dossier à partir de son journal, sans rien écrire, et comparer avec ce qui est enregistré.

    Chaque entrée est redonnée à son heure, avec la version du parcours d’alors. Ni nom ni valeur n’est affiché. Code de
    sortie 0 si tout se répète, 1 à la première différence.
    """
    settings = load_settings()
    checkup.require(settings)
    context = shell.opened(settings)
    with context.database.read() as session:
        if draft is None:
            _replay(context, session, case)
        else:
            _try_draft(context, session, case, draft)


def _replay(context: Context, session: Session, case: str) -> None:
    replay, zone = context.engine.replay(session, case), context.calendar.zone
    for entry in replay.inputs():
        click.echo(f"{_line(entry, zone, _names(replay.run.definition))} : pareil")
    if replay.difference is not None:
        _depart(replay, replay.difference, zone)
    found = context.engine.unlike(session, replay)
    if found is not None:
        raise click.ClickException(f"Le dossier enregistré n’est pas celui que donne son journal : {_unlike(found)}.")
    count = len(replay.entries)
    click.echo(f"Le journal donne le même dossier : {count} lignes refaites, {_where(replay)}.")


def _depart(replay: Replay, difference: Difference, zone: ZoneInfo) -> None:
    names = _names(replay.run.definition) if hasattr(replay, "run") else {}
    what = REASONS[difference.reason].format(**vars(difference)).strip()
    at = difference.at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")
    words = f"{difference.kind} « {names.get(difference.element, difference.element)} »"
    raise click.ClickException(f"Le rejeu s’écarte du journal à la ligne {difference.n} ({at}, {words}) : {what}.")


def _unlike(found: Unlike) -> str:
    return UNLIKE[found.what].format(where=found.where)


def _where(replay: Replay) -> str:
    tasks = sum("task" in token.internal_data for token in replay.run.tokens.values())
    if replay.run.state != "active":
        return "terminé"
    return f"{tasks} tâche{'s' if tasks > 1 else ''} ouverte{'s' if tasks > 1 else ''}"


def _line(entry: Entry, zone: ZoneInfo, names: Mapping[str, str]) -> str:
    at = entry.at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")
    place = names.get(entry.element, entry.element) or str(entry.detail.get("name", ""))
    what = INPUTS.get(entry.kind, entry.kind)
    return f"{entry.n:>5}  {at}  {what}{f' « {place} »' if place else ''}"


def _names(definition: Definition) -> dict[str, str]:
    return {one.id: one.name or one.id for process in definition.processes for one in definition.elements(process)}


# --- on a draft -------------------------------------------------------------------------------------------------------


def _try_draft(context: Context, session: Session, case: str, folder: Path) -> None:
    definition = context.engine.inspect(read_folder(folder).bundle)
    entries = journal.standing(journal.stored(session, context.tenant, case))
    if not entries:
        raise NotFound("Ce dossier n’existe pas.")
    played, names, unfit = DraftReplay(entries, definition, context.calendar), _names(definition), 0
    for tried in played.inputs():
        unfit += bool(tried.problem)
        click.echo(f"{_line(tried.entry, context.calendar.zone, names)} : {tried.problem or 'prise'}")
    if played.rehearsal is not None:
        _tell_where(played, names)
    if unfit:
        many = f"{unfit} entrées ne vont plus" if unfit > 1 else "1 entrée ne va plus"
        raise click.ClickException(f"{many} avec ce brouillon.")
    click.echo("Toutes les entrées vont avec ce brouillon.")


def _tell_where(played: DraftReplay, names: Mapping[str, str]) -> None:
    rehearsal = played.played
    if rehearsal.ended:
        click.echo(f"Avec ce brouillon, le dossier est terminé : {rehearsal.end_state or 'fin du parcours'}.")
        return
    waiting = ", ".join(f"« {names.get(task.element, task.element)} »" for task in rehearsal.tasks())
    stuck = ", ".join(f"« {names.get(stop.element, stop.element)} »" for stop in rehearsal.incidents())
    click.echo(f"Avec ce brouillon, le dossier attend : {waiting or 'aucune réponse'}.")
    if stuck:
        click.echo(f"Il reste bloqué à : {stuck}.")
