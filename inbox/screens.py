"""The professional's pages: the list, the task, the cases."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Invalid
from inbox import cases as dossiers
from inbox import choices, dates, tasks
from inbox import queue as waiting_list
from inbox.fields import flat
from inbox.page import Page, fields_of, note_look, task_page
from inbox.request import desk, finish, require_sign_in
from inbox.statements import TABS
from people.persons import persons

blueprint = Blueprint("inbox", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)


@blueprint.get("/taches")
def queue() -> ResponseReturnValue:
    """What waits for me, late first."""
    words = request.args.get("q", "").strip()[:80]
    after = request.args.get("apres", "")[:16]
    counted = waiting_list.counts(desk())
    tab = _tab() if "liste" in request.args or counted.mine else "roles" if counted.roles else "moi"
    g.waiting = counted.all
    rows, more = waiting_list.queue(desk(), tab, words, after)
    return render_template(
        "inbox/queue.html",
        counts=counted,
        groups=waiting_list.grouped(rows),
        tabs=TABS,
        tab=tab,
        words=words,
        after=after,
        last=rows[-1].id if rows else "",
        more=more,
        today=dates.long_day(desk().today),
        sent="envoyee" in request.args,
        left=left,
    )


@blueprint.get("/taches/<task_id>")
def task(task_id: str) -> ResponseReturnValue:
    """One task: who it is about, why me, what to answer."""
    found = tasks.task_of(desk(), task_id)
    if found.state != "open":
        return _answered_already(found)
    page = task_page(desk(), found)
    note_look(desk(), found.case, "task")
    return _show(page, sent="envoyee" in request.args)


@blueprint.post("/taches/<task_id>")
def answer(task_id: str) -> ResponseReturnValue:
    """Send the answer: the task leaves and the next one comes in the same response."""
    found = tasks.task_of(desk(), task_id)
    boxes = _boxes()
    if g.get("token_is_stale"):
        finish(commit=False)
        return _show(task_page(desk(), found, boxes), stale=True), 409
    try:
        tasks.complete(desk(), found, boxes)
    except Invalid as error:
        finish(commit=False)
        return _show(task_page(desk(), found, boxes, error.fields), summary=error.message), 422
    except Conflict:
        finish(commit=False)
        return _overtaken(tasks.task_of(desk(), task_id), boxes), 409
    return _send_next()


@blueprint.post("/taches/<task_id>/champs")
def fields(task_id: str) -> ResponseReturnValue:
    """The fields that another answer has just shown or hidden; nothing is kept."""
    found = tasks.task_of(desk(), task_id)
    shown = set(request.form.getlist("_shown"))
    laid_out = flat(fields_of(desk(), found, _boxes(), desk().sight(found.case, involved=True)), hidden=True)
    moved = [field for field in laid_out if field.conditional and field.hidden == (field.id in shown)]
    return render_template("inbox/moved.html", fields=moved)


@blueprint.post("/taches/<task_id>/choix")
def choose(task_id: str) -> ResponseReturnValue:
    """Begin one of the activities that the task offers."""
    found = tasks.task_of(desk(), task_id)
    try:
        choices.choose(desk(), found, request.form.get("element", ""), request.form.get("vu", 0, type=int))
    except Conflict as error:
        finish(commit=False)
        found = tasks.task_of(desk(), task_id)
        words = error.message if found.state == "open" and error.message != tasks.TAKEN else _who_answered(found)
        return _show(task_page(desk(), found), conflict=words), 409
    if tasks.task_of(desk(), task_id).state != "open":
        return _send_next()
    return redirect(url_for("inbox.task", task_id=task_id, liste=_tab(), commencee=1), 303)


@blueprint.post("/taches/<task_id>/prendre")
def claim(task_id: str) -> ResponseReturnValue:
    tasks.claim(desk(), task_id)
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.post("/taches/<task_id>/rendre")
def release(task_id: str) -> ResponseReturnValue:
    tasks.release(desk(), task_id)
    return redirect(url_for("inbox.queue"), 303)


@blueprint.get("/dossiers")
def cases() -> ResponseReturnValue:
    """The cases I may see."""
    tab = "termines" if request.args.get("liste") == "termines" else "en-cours"
    words = request.args.get("q", "").strip()[:80]
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
    found = dossiers.case_page(desk(), case_id)
    note_look(desk(), case_id, "case")
    return render_template("inbox/case.html", case=found)


@blueprint.get("/dossiers/<case_id>/diagramme.bpmn")
def diagram(case_id: str) -> ResponseReturnValue:
    """The drawing that the case follows: the one of its own version."""
    content = dossiers.diagram(desk(), case_id)
    return Response(content, content_type="application/xml; charset=utf-8")


@blueprint.get("/dossiers/<case_id>/etat.json")
def state(case_id: str) -> ResponseReturnValue:
    """Where the case stands on its drawing."""
    return dossiers.state(desk(), case_id)


def left(count: int) -> str:
    """« Il vous reste 6 tâches. »"""
    if count == 0:
        return "Rien d’autre ne vous attend."
    return f"Il vous reste {count} tâche{'s' if count > 1 else ''}."


def _send_next() -> ResponseReturnValue:
    """End the transaction, and show the task that comes first now: under htmx in this very response."""
    tab = _tab()
    following = waiting_list.following(desk(), tab)
    if not request.headers.get("HX-Request"):
        finish(commit=True)
        return redirect(_address(following, tab), 303)
    if following is None:
        finish(commit=True)
        return Response(headers={"HX-Redirect": _address(None, tab)})
    found = tasks.task_of(desk(), following)
    note_look(desk(), found.case, "task")
    finish(commit=True)
    response = _show(task_page(desk(), found), sent=True)
    response.headers["HX-Push-Url"] = url_for("inbox.task", task_id=following, liste=tab)
    return response


def _address(following: str | None, tab: str) -> str:
    if following is None:
        return url_for("inbox.queue", liste=tab, envoyee=1)
    return url_for("inbox.task", task_id=following, liste=tab, envoyee=1)


def _show(page: Page, *, sent: bool = False, summary: str = "", conflict: str = "", stale: bool = False) -> Response:
    around = {"tab": _tab(), "sent": sent, "left": left, "summary": summary, "conflict": conflict, "stale": stale}
    return Response(render_template("inbox/task.html", page=page, task=page.task, **around))


def _answered_already(found: tasks.Task) -> ResponseReturnValue:
    page = task_page(desk(), found)
    return render_template("inbox/answered.html", page=page, task=found, words=_who_answered(found)), 200


def _overtaken(found: tasks.Task, boxes: dict[str, str | list[str]]) -> Response:
    page = task_page(desk(), found, boxes)
    return _show(page, conflict=_who_answered(found))


def _who_answered(found: tasks.Task) -> str:
    """« Dr Anne DEMO-VIGNAL a répondu à 10:41. »"""
    if found.state == "cancelled":
        return "Cette tâche n’est plus demandée : le parcours a continué sans elle."
    if found.state == "open":
        return "Cette tâche a été confiée à quelqu’un d’autre pendant ce temps."
    answering = persons(desk().session, {found.completed_by or ""}).get(found.completed_by or "")
    when = dates.moment(found.completed_at, desk().now, desk().zone) if found.completed_at else ""
    return f"{answering.display if answering else 'Quelqu’un'} a répondu {when}."


def _boxes() -> dict[str, str | list[str]]:
    """What was typed: one text a box, several where several choices may be ticked; our own fields left out."""
    return {
        key: values if len(values) > 1 else values[0]
        for key, values in request.form.lists()
        if key not in ("_csrf", "_liste", "_shown")
    }


def _tab() -> str:
    tab = request.form.get("_liste") or request.args.get("liste") or "moi"
    return tab if tab in TABS else "moi"
