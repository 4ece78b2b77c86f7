"""The door of drafts: kept while one types, thrown away, taken over from a colleague, or joined to the thread."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Forbidden, Invalid, NotFound
from inbox.case import exchanges
from inbox.case.sights import may_open
from inbox.form import typed
from inbox.request import desk, finish, require_sign_in
from inbox.task import drafts, tasks
from inbox.task.conflicts import keep_typed

blueprint = Blueprint("drafts", __name__)
blueprint.before_request(require_sign_in)


@blueprint.post("/taches/<task_id>/brouillon.json")
def keep(task_id: str) -> ResponseReturnValue:
    """Keep what is typed; the page says when it was. Whom the task was taken from keeps the words, and is told."""
    device, seen = request.form.get("_appareil", ""), request.form.get("_revision", type=int)
    try:
        tasks.check_may_answer(desk(), tasks.task_of(desk(), task_id))
    except (Conflict, Forbidden):
        finish(commit=False)
        keep_typed(task_id, typed(), device)
        raise
    kept = drafts.keep(desk(), task_id, typed(), device, seen)
    return {"revision": kept.revision, "words": kept.words}


@blueprint.post("/taches/<task_id>/brouillon/effacer")
def drop(task_id: str) -> ResponseReturnValue:
    """Begin again from what the case knows."""
    drafts.drop(desk().session, desk().tenant, task_id, desk().person.id)
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.post("/taches/<task_id>/brouillon/reprendre")
def take_over(task_id: str) -> ResponseReturnValue:
    """Go on with what somebody else had begun, now that the task is ours."""
    found = tasks.task_of(desk(), task_id)
    if found.assignee != desk().person.id:
        raise Forbidden("Ce brouillon se reprend une fois que la tâche est à vous.")
    form = tasks.form_of(desk().context.engine.definition(desk().session, found.definition), found)
    if form is None:
        raise NotFound("Ce brouillon n’existe plus.")
    seen = desk().sight(found.case, involved=True).categories
    drafts.take_over(desk(), task_id, request.form.get("de", ""), form, seen)
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.post("/taches/<task_id>/joindre")
def join(task_id: str) -> ResponseReturnValue:
    """What could not be sent as the answer goes to the circle as a comment."""
    found = tasks.task_of(desk(), task_id)
    own = drafts.own(desk(), task_id)
    boxes = typed() or (own.boxes if own else {})
    form = tasks.form_of(desk().context.engine.definition(desk().session, found.definition), found)
    told = drafts.lines(form, boxes) if form else ""
    if not told:
        raise Invalid("Il n’y a rien à joindre.")
    words = f"Réponse préparée pour « {found.title} » :\n{told}"
    exchanges.say(desk(), found.case, found.patient, words, task_id, calls=False)
    drafts.drop(desk().session, desk().tenant, task_id, desk().person.id)
    if not may_open(desk(), found.case):
        return away(url_for("inbox.task", task_id=task_id, jointe=1))
    return away(url_for("inbox.case", case_id=found.case, _anchor="echanges"))


def away(address: str) -> ResponseReturnValue:
    """Go to another page, also when htmx asks."""
    if request.headers.get("HX-Request"):
        return Response(headers={"HX-Redirect": address})
    return redirect(address, 303)
