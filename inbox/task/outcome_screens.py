"""The door of « Autre réponse »: a page for each, from which one comes back to the task or to the list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Forbidden, Invalid, NotFound
from inbox.form import text
from inbox.patient import patient_of
from inbox.request import desk, finish, require_sign_in
from inbox.task import outcomes, refusals, tasks
from inbox.task.conflicts import coordinator, overtaken
from inbox.task.tasks import Task

blueprint = Blueprint("outcomes", __name__)
blueprint.before_request(require_sign_in)


@dataclass(frozen=True)
class Outcome:
    """One other answer: what its page is called, what its button says, whether one must choose a person or a reason."""

    title: str
    button: str
    says: str
    person: str = ""
    reason: bool = False
    plan: bool = False
    words: str = ""
    wanted: bool = False


OUTCOMES = {
    "je-ne-peux-pas": Outcome(
        "Je ne peux pas", "Je ne peux pas", "La tâche vous quitte : un collègue ou la coordination prend la suite.",
        reason=True, words="Précision",
    ),
    "pas-concerne": Outcome(
        "Pas concerné", "Je ne suis pas concerné", "La tâche vous quitte et ne vous sera plus proposée.",
        reason=True, words="Dites pourquoi en un mot",
    ),
    "question": Outcome(
        "Poser une question", "Poser la question", "La tâche reste à vous, et son échéance ne change pas.",
        person="À qui", words="Votre question", wanted=True,
    ),
    "deleguer": Outcome(
        "Déléguer", "Déléguer, puis relire", "Cette personne prépare la réponse. La tâche vous revient ensuite.",
        person="À qui", words="Un mot pour cette personne",
    ),
    "confier": Outcome(
        "Confier à…", "Confier la tâche", "La tâche change de mains pour de bon, avec votre brouillon.",
        person="À qui", words="Un mot pour cette personne",
    ),
    "priorite": Outcome(
        "Priorité et relance", "Enregistrer", "L’échéance du parcours ne change pas. Le dossier dit qui a changé quoi.",
        plan=True,
    ),
    "correction": Outcome(
        "Demander une correction", "Demander la correction",
        "Votre réponse a déjà servi : ceux qui s’en servent sont prévenus dans le dossier.",
        words="Ce qu’il faut corriger", wanted=True,
    ),
}  # fmt: skip


@blueprint.get("/taches/<task_id>/autre/<name>")
def ask(task_id: str, name: str) -> ResponseReturnValue:
    """The page of one other answer."""
    outcome, found = _outcome(name), tasks.task_of(desk(), task_id)
    _check(found, name)
    return _show(name, outcome, found)


@blueprint.post("/taches/<task_id>/autre/<name>")
def answer(task_id: str, name: str) -> ResponseReturnValue:
    """Do it; what must be seen again comes back with what was typed."""
    outcome = _outcome(name)
    found = tasks.task_of(desk(), task_id, hold=True)
    try:
        DONE[name](found)
    except Invalid as error:
        finish(commit=False)
        return _show(name, outcome, found, error), 422
    except Conflict as error:
        finish(commit=False)
        words = error.message if error.message != tasks.TAKEN else overtaken(desk(), found, error).words
        return render_template("inbox/refused.html", words=words, call=coordinator(desk()), kept=False), 409
    if name in ("question", "priorite"):
        return redirect(url_for("inbox.task", task_id=task_id, _anchor="echanges" if name == "question" else None), 303)
    if name == "correction":
        return redirect(url_for("inbox.case", case_id=found.case, _anchor="echanges"), 303)
    return redirect(url_for("inbox.queue", fait=name), 303)


@blueprint.app_template_filter("telephone")
def telephone(number: str) -> str:
    """« 04 65 71 00 01 » of +33465710001; another country's as it is."""
    national = f"0{number[3:]}" if number.startswith("+33") else number
    pairs = national.isdecimal() and len(national) == 10
    return " ".join(national[at : at + 2] for at in range(0, 10, 2)) if pairs else number


@blueprint.app_template_filter("day")
def numbers(instant: datetime) -> str:
    """« 8/12/2026 », as a person writes it."""
    local = instant.astimezone(desk().zone)
    return f"{local.day}/{local.month}/{local.year}"


def follow_up(day: str, today: date) -> date | None:
    """The day on which to look again, as a person writes it. Raises Invalid."""
    if not day:
        return None
    said = "Écrivez un jour à venir, par exemple 8/12/2026."
    try:
        parts = [int(part) for part in day.replace("-", "/").replace(".", "/").split("/")]
        found = date(parts[2], parts[1], parts[0]) if parts[0] <= 31 else date(*parts)
    except (ValueError, IndexError, TypeError, OverflowError) as error:
        raise Invalid(said, {"relance": said}) from error
    if not today <= found <= today + timedelta(days=2 * 366):
        raise Invalid(said, {"relance": said})
    return found


def at_eight(day: date | None) -> datetime | None:
    """A day's list is read in the morning."""
    return None if day is None else datetime.combine(day, time(8), desk().zone).astimezone(UTC)


def _outcome(name: str) -> Outcome:
    found = OUTCOMES.get(name)
    if found is None:
        raise NotFound("Cette page n’existe pas.")
    return found


def _check(found: Task, name: str) -> None:
    if name == "correction":
        if found.completed_by != desk().person.id:
            raise Forbidden("On ne demande de corriger que sa propre réponse.")
    elif name == "priorite":
        outcomes.check_may_plan(desk(), found)
    else:
        tasks.check_may_answer(desk(), found)


def _show(name: str, outcome: Outcome, found: Task, error: Invalid | None = None) -> str:
    words = text("q", 80) or request.args.get("q", "")[:80]
    people = outcomes.to_ask(desk(), found) if name == "question" else []
    if name in ("deleguer", "confier"):
        people = outcomes.to_give(desk(), found, words)
    return render_template(
        "inbox/outcome.html", name=name, outcome=outcome, task=found, patient=patient_of(desk(), found.patient),
        people=people, reasons=refusals.REASONS, priorities=outcomes.PRIORITIES, words=words,
        error=error, fields=error.fields if error else {},
    )  # fmt: skip


def _decline(kind: str) -> Callable[[Task], object]:
    return lambda found: outcomes.decline(desk(), found, kind, text("raison", 16), text("mots"))


def _plan(found: Task) -> None:
    day = follow_up(text("relance", 20), desk().today)
    outcomes.plan(desk(), found, text("priorite", 4), at_eight(day))


DONE: dict[str, Callable[[Task], object]] = {
    "je-ne-peux-pas": _decline(refusals.CANNOT),
    "pas-concerne": _decline(refusals.NOT_CONCERNED),
    "question": lambda found: outcomes.ask(desk(), found, text("a", 16), text("mots", 5000)),
    "deleguer": lambda found: outcomes.delegate(desk(), found, text("a", 16), text("mots")),
    "confier": lambda found: outcomes.hand_over(desk(), found, text("a", 16), text("mots")),
    "priorite": _plan,
    "correction": lambda found: outcomes.ask_for_correction(desk(), found, text("mots", 5000)),
}
