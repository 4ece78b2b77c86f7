"""The door of a case's exchanges: messages, calls, corrections, documents."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import dump_options_header

from base.errors import Invalid, JalonError
from care.case.attachments import MOST_BYTES
from care.case.cases import case
from care.guard import Sight
from inbox.case import documents, exchanges, sights
from inbox.form import text
from inbox.request import desk, finish, require_sign_in
from inbox.task.page import note_look

blueprint = Blueprint("exchanges", __name__)
blueprint.before_request(require_sign_in)
SANDBOX = "default-src 'none'; sandbox"
"""Whatever a file holds, no browser runs it with our address."""


@blueprint.post("/dossiers/<case_id>/messages")
def say(case_id: str) -> ResponseReturnValue:
    """Write to the circle of care."""
    sight(case_id)
    words = text("texte", 5000)
    try:
        exchanges.say(desk(), case_id, case(desk().session, case_id).patient, words, _task())
    except Invalid as error:
        finish(commit=False)
        return _again(case_id, error, words), 422
    return _back(case_id)


@blueprint.post("/dossiers/<case_id>/messages/<comment_id>/correction")
def correct(case_id: str, comment_id: str) -> ResponseReturnValue:
    """Put one's own words right, shortly after."""
    sight(case_id)
    exchanges.correct(desk(), case_id, comment_id, text("texte", 5000))
    return _back(case_id)


@blueprint.post("/dossiers/<case_id>/messages/<comment_id>/faite")
def settle(case_id: str, comment_id: str) -> ResponseReturnValue:
    """A correction that was asked for is made."""
    sight(case_id)
    exchanges.settle(desk(), case_id, comment_id)
    return _back(case_id)


@blueprint.post("/dossiers/<case_id>/appels")
def call(case_id: str) -> ResponseReturnValue:
    """How a call went."""
    sight(case_id)
    exchanges.log_call(desk(), case_id, request.form.get("issue", ""), _task())
    return _back(case_id)


@blueprint.post("/dossiers/<case_id>/documents")
def attach(case_id: str) -> ResponseReturnValue:
    """Attach a file."""
    allowed = sight(case_id)
    given = request.files.get("fichier")
    try:
        if given is None or not given.filename:
            raise Invalid("Choisissez d’abord un fichier.")
        documents.attach(desk(), case_id, allowed, given.filename, given.stream.read(MOST_BYTES + 1))
    except JalonError as error:
        if error.status >= 500:
            raise
        finish(commit=False)
        return _again(case_id, error), error.status
    return _back(case_id, "documents")


@blueprint.get("/dossiers/<case_id>/documents/<attachment_id>")
def document(case_id: str, attachment_id: str) -> ResponseReturnValue:
    """A file, to be kept and never to be run."""
    return sent(case_id, attachment_id)


def sent(case_id: str, attachment_id: str) -> Response:
    """The file with what keeps browsers from running it; the look is noted."""
    found, content = documents.open_document(desk(), case_id, sight(case_id), attachment_id)
    note_look(desk(), case_id, "document")
    response = Response(content, content_type=found.media_type)
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_")
    response.headers.set("Content-Disposition", "attachment", filename=plain)
    if plain != found.name:
        named = dump_options_header("attachment", {"filename": plain, "filename*": found.name})
        response.headers["Content-Disposition"] = named
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def sight(case_id: str) -> Sight:
    """What the guard lets this person see of the case. Raises NotFound, Forbidden."""
    return sights.sight(desk(), case_id)


def _task() -> str | None:
    """The task from which it was written, when it was."""
    return text("tache", 16) or None


def _back(case_id: str, place: str = "echanges") -> ResponseReturnValue:
    task = _task()
    if task:
        return redirect(url_for("inbox.task", task_id=task, _anchor=place), 303)
    return redirect(url_for("inbox.case", case_id=case_id, _anchor=place), 303)


def _again(case_id: str, error: JalonError, words: str = "") -> str:
    """What must be seen again, with what was typed."""
    task = _task()
    back = url_for("inbox.task", task_id=task) if task else url_for("inbox.case", case_id=case_id)
    return render_template("inbox/said_again.html", case_id=case_id, task=task, error=error, words=words, back=back)
