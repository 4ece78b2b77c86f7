"""The professional's pages: the list, the task, the cases."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Forbidden, Invalid
from inbox.case import cases as dossiers
from inbox.case import one_case
from inbox.form import typed
from inbox.lists import queue as waiting_list
from inbox.lists import screens as lists
from inbox.lists.walks import TABS
from inbox.request import desk, finish, require_sign_in
from inbox.task import choices, tasks
from inbox.task.conflicts import Overtaken, coordinator, keep_typed, overtaken, who_answered
from inbox.task.fields import Boxes, flat
from inbox.task.page import Page, fields_of, note_look, task_page

blueprint = Blueprint("inbox", __name__, template_folder="../templates")
blueprint.before_request(require_sign_in)


@blueprint.get("/taches")
def queue() -> ResponseReturnValue:
    """What waits for me, late first."""
    return lists.page()


@blueprint.get("/taches/<task_id>")
def task(task_id: str) -> ResponseReturnValue:
    """One task: who it is about, why me, what to answer."""
    found = tasks.task_of(desk(), task_id)
    if found.state != "open":
        return _answered_already(found)
    page = task_page(desk(), found)
    note_look(desk(), found.case, "task")
    sent = tasks.RETURNED if "rendue" in request.args else tasks.SENT if "envoyee" in request.args else ""
    return _show(page, sent=sent, answered=request.args.get("envoyee", ""))


@blueprint.post("/taches/<task_id>")
def answer(task_id: str) -> ResponseReturnValue:
    """Send the answer: the task leaves and the next one comes in the same response."""
    boxes = typed()
    try:
        found = tasks.task_of(desk(), task_id, hold=True)
    except Forbidden as error:
        return _refused(task_id, boxes, error)
    if g.get("token_is_stale"):
        finish(commit=False)
        return _show(task_page(desk(), found, boxes), stale=True), 409
    try:
        done = tasks.complete(desk(), found, boxes)
    except Invalid as error:
        finish(commit=False)
        return _show(task_page(desk(), found, boxes, error.fields), summary=error.message), 422
    except Conflict as error:
        return _overtaken(task_id, boxes, error), 409
    return _send_next(task_id, done)


@blueprint.post("/taches/<task_id>/champs")
def fields(task_id: str) -> ResponseReturnValue:
    """The fields that another answer has just shown or hidden; nothing is kept."""
    found = tasks.task_of(desk(), task_id)
    boxes = typed()
    shown = set(request.form.getlist("_shown"))
    laid_out = flat(fields_of(desk(), found, boxes, desk().sight(found.case, involved=True)), hidden=True)
    moved = [field for field in laid_out if field.conditional and field.hidden == (field.id in shown)]
    return render_template("inbox/moved.html", fields=moved)


@blueprint.post("/taches/<task_id>/choix")
def choose(task_id: str) -> ResponseReturnValue:
    """Begin one of the activities that the task offers."""
    found = tasks.task_of(desk(), task_id, hold=True)
    try:
        choices.choose(desk(), found, request.form.get("element", ""), request.form.get("vu", 0, type=int))
    except Conflict as error:
        finish(commit=False)
        found = tasks.task_of(desk(), task_id)
        told = overtaken(desk(), found, error)
        if found.state == "open" and error.message != tasks.TAKEN:
            told = Overtaken(error.message, told.call, told.absent)
        return _show(task_page(desk(), found), conflict=told), 409
    if tasks.task_of(desk(), task_id).state != "open":
        return _send_next(task_id, tasks.SENT)
    return redirect(url_for("inbox.task", task_id=task_id, liste=_tab(), commencee=1), 303)


@blueprint.post("/taches/<task_id>/prendre")
def claim(task_id: str) -> ResponseReturnValue:
    tasks.claim(desk(), task_id)
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.post("/taches/<task_id>/rendre")
def release(task_id: str) -> ResponseReturnValue:
    tasks.release(desk(), task_id)
    return redirect(url_for("inbox.queue", fait="rendre"), 303)


@blueprint.post("/taches/<task_id>/recuperer")
def recall(task_id: str) -> ResponseReturnValue:
    """« La reprendre »: what one had delegated."""
    tasks.recall(desk(), task_id)
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.post("/taches/<task_id>/reprendre")
def take_back(task_id: str) -> ResponseReturnValue:
    """« Reprendre ma réponse »; else the page says why it stands, and offers to ask for a correction."""
    try:
        tasks.take_back(desk(), tasks.task_of(desk(), task_id, hold=True))
    except Conflict:
        finish(commit=False)
        return _answered_already(tasks.task_of(desk(), task_id))
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.route("/dossiers", methods=["GET", "POST"])
def cases() -> ResponseReturnValue:
    """The cases I may see; words are posted, for an address must name no patient."""
    if request.method == "POST":
        finish(commit=False)
    tab = "termines" if request.values.get("liste") == "termines" else "en-cours"
    words = request.form.get("q", "").strip()[:80]
    rows, more = dossiers.cases(desk(), tab, words)
    counts = dossiers.counts(desk())
    return render_template(
        "inbox/cases.html",
        rows=rows,
        more=more,
        tab=tab,
        tabs=dossiers.TABS,
        counts=counts,
        words=words,
        said=dossiers.said,
    )


@blueprint.get("/dossiers/<case_id>")
def case(case_id: str) -> ResponseReturnValue:
    """One case: where it stands, what happened, what was said."""
    found = one_case.case_page(desk(), case_id)
    note_look(desk(), case_id, "case")
    return render_template("inbox/case.html", case=found)


@blueprint.get("/dossiers/<case_id>/diagramme.bpmn")
def diagram(case_id: str) -> ResponseReturnValue:
    """The drawing that the case follows: the one of its own version."""
    content = one_case.diagram(desk(), case_id)
    return Response(content, content_type="application/xml; charset=utf-8")


@blueprint.get("/dossiers/<case_id>/etat.json")
def state(case_id: str) -> ResponseReturnValue:
    """Where the case stands on its drawing."""
    return one_case.state(desk(), case_id)


def _send_next(answered: str, done: str) -> ResponseReturnValue:
    """End the transaction, and show the task that comes first now: under htmx in this very response.

    Where nothing more is written, others who write on SQLite need not wait for the look at what comes next.
    """
    tab, alone = _tab(), not request.headers.get("HX-Request")
    if alone and desk().context.database.is_sqlite:
        finish(commit=True)
    following = waiting_list.following(desk(), tab)
    if alone:
        finish(commit=True)
        return redirect(_address(following, tab, answered, done), 303)
    if following is None:
        finish(commit=True)
        return Response(headers={"HX-Redirect": _address(None, tab, answered, done)})
    found = tasks.task_of(desk(), following)
    note_look(desk(), found.case, "task")
    finish(commit=True)
    response = _show(task_page(desk(), found), sent=done, answered=answered)
    response.headers["HX-Push-Url"] = url_for("inbox.task", task_id=following, liste=tab)
    return response


def _address(following: str | None, tab: str, answered: str, done: str) -> str:
    back = 1 if done == tasks.RETURNED else None
    if following is None:
        return url_for("inbox.queue", liste=tab, envoyee=answered, rendue=back)
    return url_for("inbox.task", task_id=following, liste=tab, envoyee=answered, rendue=back)


def _show(
    page: Page, *, sent: str = "", answered: str = "", summary: str = "", conflict: Overtaken | None = None,
    stale: bool = False,
) -> Response:  # fmt: skip
    around = {"tab": _tab(), "sent": sent, "answered": answered, "left": lists.remaining}
    told = {"summary": summary, "conflict": conflict, "stale": stale}
    return Response(render_template("inbox/task.html", page=page, task=page.task, **around, **told))


def _answered_already(found: tasks.Task) -> ResponseReturnValue:
    page = task_page(desk(), found)
    words = who_answered(desk(), found)
    mine = found.completed_by == desk().person.id
    return render_template("inbox/answered.html", page=page, task=found, words=words, mine=mine), 200


def _overtaken(task_id: str, boxes: Boxes, error: Conflict) -> Response:
    """Somebody else was first: what was typed stays on the page, and is kept."""
    finish(commit=False)
    keep_typed(task_id, boxes)
    found = tasks.task_of(desk(), task_id)
    return _show(task_page(desk(), found, boxes), conflict=overtaken(desk(), found, error))


def _refused(task_id: str, boxes: Boxes, error: Forbidden) -> ResponseReturnValue:
    """The guard does not let this person answer any more: nothing of the patient is shown, what was typed is kept."""
    finish(commit=False)
    keep_typed(task_id, boxes)
    call = coordinator(desk())
    return render_template("inbox/refused.html", words=error.message, call=call, kept=any(boxes.values())), 403


def _tab() -> str:
    tab = request.form.get("_liste") or request.args.get("liste") or "moi"
    return tab if tab in TABS else "moi"
