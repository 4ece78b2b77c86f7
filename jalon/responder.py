"""Turns every error into an answer a person or a program understands, and never shows where it broke."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

import orjson
from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from base.driver import is_away
from base.errors import Conflict, Invalid, JalonError, PathwayError
from base.ids import ALPHABET
from base.log import report
from inbox.fhir import bundles
from inbox.request import finish
from jalon.schema_words import in_french
from people.sign_in.sessions import SignInAgain

FHIR = "/fhir/"
PROGRAMS = ("/api/", FHIR, "/webhooks/", "/health")
FETCHED = (".bpmn", ".json", "/controles")
"""What the pages' own programs fetch: an answer that sends them to another page would look like success."""
OURS, AWAY = "Quelque chose s’est cassé de notre côté", "Jalon ne peut rien enregistrer pour le moment"
AGAIN = {"Retry-After": "30"}
TO_PROGRAMS = {
    404: ("Rien ne répond à cette adresse", "Vérifiez-la\u00a0: /api/openapi.json donne celles qui existent."),
    405: ("Cette adresse ne fait pas cela", "Rien n’a été fait. L’en-tête Allow dit ce qu’elle prend."),
    422: ("Des champs sont à revoir", "Rien n’a été fait."),
}
TEXTS = {
    400: ("Cette demande est incomplète", "Rien n’a été fait. Revenez à la page précédente et recommencez."),
    401: ("Nous ne savons pas qui appelle", "Rien n’a été fait. Connectez-vous, ou signez votre appel."),
    403: ("Cette page ne vous est pas ouverte", "Votre coordinatrice peut vous dire qui y a accès."),
    404: ("Cette page n’existe pas", "L’adresse a peut-être changé, ou ce qu’elle montrait ne vous concerne plus."),
    405: ("Cette adresse ne fait pas cela", "Rien n’a été fait. Revenez à la page précédente."),
    409: ("Ce n’est pas possible pour l’instant", "Rien n’a été fait."),
    413: ("C’est trop volumineux", "Rien n’a été gardé de cet envoi. Envoyez-le en plusieurs parties."),
    415: ("Ce format n’est pas pris ici", "Rien n’a été fait."),
    422: ("Des réponses sont à revoir", "Rien n’a été fait."),
    429: ("Trop de demandes à la fois", "Attendez une minute, puis recommencez."),
    500: (OURS, "Rien de ce que vous avez saisi n’est perdu. Réessayez."),
    503: (AWAY, "Rien de ce que vous avez saisi n’est perdu. Réessayez dans une minute."),
}


def answer_errors(app: Flask) -> None:
    """Answer everything that a view of `app` may raise, and end each request's transaction."""
    app.register_error_handler(JalonError, _refused)
    app.register_error_handler(HTTPException, _declined)
    app.register_error_handler(Exception, _broken)
    app.after_request(_end_transaction)
    app.teardown_request(lambda _error: finish(commit=False))


def problem(status: int, code: str, detail: str, extra: Mapping[str, object] | None = None) -> Response:
    """A problem+json answer (RFC 9457), with a stable code; an OperationOutcome to who speaks FHIR."""
    if request.path.startswith(FHIR):
        return bundles.answer(bundles.outcome(status, code, detail), status)
    title, _ = _texts(status, TO_PROGRAMS)
    body = {"type": f"urn:jalon:{code}", "title": title, "status": status, "code": code, "detail": detail}
    content = orjson.dumps({**body, **(extra or {})})
    return Response(content, status, content_type="application/problem+json")


def _end_transaction(response: Response) -> Response:
    finish(commit=response.status_code < 400)
    return response


def _refused(error: JalonError) -> AnyResponse:
    if error.status >= 500:
        return _broken(error)
    finish(commit=False)
    if not _asked_by_a_program():
        return _to_sign_in(error) if error.status == 401 else _page(error.status, error.message)
    return problem(error.status, error.code, error.message, _particulars(error))


def _particulars(error: JalonError) -> dict[str, object]:
    if isinstance(error, Invalid) and error.fields:
        return {"fields": error.fields}
    if isinstance(error, PathwayError):
        return {"file": error.file, "element": error.element, "line": error.line, "hint": error.hint}
    if isinstance(error, Conflict) and error.revision:
        return {"revision": error.revision}
    return {}


def _declined(error: HTTPException) -> AnyResponse:
    """An answer that the framework itself gives: its headers (Allow, WWW-Authenticate…) are kept."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    finish(commit=False)
    if _asked_by_a_program():
        told = _texts(status, TO_PROGRAMS)[1]
        response: AnyResponse = problem(status, _code(error), told, _wrong_fields(error))
    else:
        response = _page(status, _texts(status)[1])
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _texts(status: int, first: Mapping[int, tuple[str, str]] | None = None) -> tuple[str, str]:
    """The title and the words of a status, those of `first` before those for people."""
    return (first or {}).get(status) or TEXTS.get(status, TEXTS[400 if status < 500 else 500])


def _code(error: HTTPException) -> str:
    """« Method Not Allowed » → `method-not-allowed`."""
    return error.name.lower().replace(" ", "-")


def _wrong_fields(error: HTTPException) -> dict[str, object]:
    """What the schema library found wrong, as one sentence a field."""
    by_place = (getattr(error, "data", None) or {}).get("messages", {})
    messages = [found for place in by_place.values() for found in _sentences("", place)]
    return {"fields": dict(messages)} if messages else {}


def _sentences(path: str, found: object) -> list[tuple[str, str]]:
    if isinstance(found, Mapping):
        return [pair for key, inner in found.items() for pair in _sentences(f"{path}.{key}".strip("."), inner)]
    told = found if isinstance(found, list) else [found]
    return [(path, " ".join(in_french(str(one)) for one in told))]


def _broken(error: Exception) -> AnyResponse:
    """An error nobody foresaw: the person gets a mark to give, the log gets where it broke, and no data.

    A database that is away for a while, or has no room, is no fault of the program: whoever asked may ask again.
    """
    finish(commit=False)
    mark = _new_mark()
    cause = getattr(error, "original_exception", None) or error
    report("request_failed", cause, incident=mark, request=request.endpoint or "", method=request.method)
    g.asking = None  # the page must not need what has just failed
    status, code = (503, "unavailable") if is_away(cause) else (500, "internal")
    title, text = _texts(status)
    if _asked_by_a_program():
        answer = problem(status, code, f"{title}. Repère : {mark}.", {"incident": mark})
    else:
        answer = _page(status, text, mark)
    answer.headers.update(AGAIN if status == 503 else {})
    return answer


def _new_mark() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8)).upper()
    return f"R-{letters[:4]}-{letters[4:]}"


def _asked_by_a_program() -> bool:
    return request.path.startswith(PROGRAMS) or request.path.endswith(FETCHED)


def _to_sign_in(error: JalonError) -> AnyResponse:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    if isinstance(error, SignInAgain):
        return redirect(url_for("sign_in.ask", suite=wanted or _before(), confirmer=1), 303)
    if request.headers.get("HX-Request"):
        return Response(status=401)  # the page stays with all that was typed in it, and says so
    return redirect(url_for("sign_in.ask", suite=wanted), 303)


def _before() -> str:
    """The page whose button was pressed, where the browser tells it."""
    return _came_from() or url_for("account.show")


def _came_from() -> str:
    """The page of ours on which a button was pressed, where there is one to go back to."""
    came_from = urlsplit(request.referrer or "")
    places = current_app.create_url_adapter(request)
    is_ours = came_from.netloc == request.host and places is not None and places.test(came_from.path, "GET")
    return came_from.path if is_ours else ""


def _page(status: int, text: str, mark: str = "") -> Response:
    title, _ = _texts(status)
    back = _came_from() if request.method == "POST" and status < 500 else ""
    told = {"status": status, "title": title, "text": text, "mark": mark, "back": back}
    return Response(render_template("errors/error.html", **told), status)
