"""The door of a link: nothing of the patient before the code; whatever opens nothing looks the same from outside."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from base.errors import Conflict, Forbidden, Invalid
from care.guard import COORDINATOR
from inbox.form import text, typed
from inbox.links import answering, opening, tokens
from inbox.links.kept import ANSWERED, Link
from inbox.links.messages import WAYS
from inbox.links.opening import TRIES, Over, Visit
from inbox.request import context
from inbox.task.fields import Boxes, flat
from people.persons import Person, holding, persons

blueprint = Blueprint("answer_link", __name__, url_prefix="/repondre/<token>", template_folder="../templates")
COOKIE = "jalon_lien"
P = ParamSpec("P")


def refused_alike(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Log why a link opens nothing, and say only that it does."""

    @wraps(view)
    def guarded(*given: P.args, **named: P.kwargs) -> ResponseReturnValue:
        try:
            return view(*given, **named)
        except Over as refused:
            with context().database.begin() as session:
                opening.note_refusal(session, context(), _visit(), refused)
                call = _whom_to_call(session)
            return render_template("links/over.html", words=refused.message, call=call), refused.status

    return guarded


@blueprint.get("")
@refused_alike
def ask() -> ResponseReturnValue:
    """The first page. Whatever follows addresses (mail scanners) uses nothing up by asking for it."""
    with context().database.read() as session:
        link = opening.find(session, context(), _visit())
    if request.method == "GET" and link.opened_at is None:
        with context().database.begin() as session:
            opening.note_opened(session, context(), link, _visit().address)
    return _first_page(link)


@blueprint.post("/code")
@refused_alike
def send_code() -> ResponseReturnValue:
    """Send a code by the other way; who has given one lately on this device goes on at once."""
    _check_mark()
    with context().database.read() as session:
        link = opening.enter(session, context(), _visit())
    if link is not None and "_encore" not in request.form:
        return redirect(_at("show"), 303)
    with context().database.begin() as session:
        link, device = opening.ask_code(session, context(), _visit())
    return _keep(redirect(_at("ask", encore=1 if "_encore" in request.form else None), 303), link, device)


@blueprint.post("/ouvrir")
@refused_alike
def enter() -> ResponseReturnValue:
    """Take the code."""
    _check_mark()
    with context().database.begin() as session:
        left = opening.enter_code(session, context(), _visit(), text("code", 12))
    if left < 0:
        return redirect(_at("show"), 303)
    with context().database.read() as session:
        link = opening.find(session, context(), _visit())
    said = f"Ce n’est pas le code, ou il a plus de 10 minutes. Il reste {left} essai{'s' if left > 1 else ''}."
    return _first_page(link, said), 422


@blueprint.get("/demande")
@refused_alike
def show() -> ResponseReturnValue:
    """The task, for this recipient on this device."""
    with context().database.read() as session:
        link = opening.enter(session, context(), _visit())
        page = _page(session, link) if link is not None else ""
    if link is None:
        return redirect(_at("ask"), 303)
    if request.method == "GET":
        with context().database.begin() as session:
            answering.note_shown(session, context(), link, _visit().address)
    return page


@blueprint.post("/demande")
@refused_alike
def answer() -> ResponseReturnValue:
    """Send the answer; the same sent twice is the same."""
    _check_mark()
    boxes = typed()
    return _finish(lambda session, link: answering.answer(session, context(), _visit(), link, boxes), boxes)


@blueprint.post("/refus")
@refused_alike
def decline() -> ResponseReturnValue:
    """« Je ne peux pas », « Pas concerné », with one tap."""
    _check_mark()
    chosen = text("refus", 32)
    return _finish(lambda session, link: answering.decline(session, context(), _visit(), link, chosen))


@blueprint.post("/champs")
@refused_alike
def fields() -> ResponseReturnValue:
    """The fields that another answer has just shown or hidden; nothing is kept."""
    _check_mark()
    shown, boxes = set(request.form.getlist("_shown")), typed()
    with context().database.read() as session:
        link = opening.enter(session, context(), _visit())
        if link is None:
            raise Over("")
        found = answering.request(answering.desk_of(session, context(), link), link, boxes)
    laid_out = flat(found.fields, hidden=True)
    moved = [field for field in laid_out if field.conditional and field.hidden == (field.id in shown)]
    return render_template("inbox/moved.html", fields=moved)


@blueprint.get("/merci")
@refused_alike
def thank() -> ResponseReturnValue:
    with context().database.read() as session:
        link = opening.was_used_here(session, context(), _visit())
        if link is None:
            raise Over("")
        known = persons(session, {link.recipient})[link.recipient]
        call = _whom_to_call(session)
    asked = "compte" in request.args
    around = {"link": link, "who": known, "call": call, "asked": asked, "answered": link.outcome == ANSWERED}
    return render_template("links/thanks.html", **around, mark=_mark())


@blueprint.post("/compte")
@refused_alike
def open_account() -> ResponseReturnValue:
    """Send the way to an account of one's own."""
    _check_mark()
    with context().database.begin() as session:
        link = opening.was_used_here(session, context(), _visit())
        if link is None:
            raise Over("")
        try:
            answering.invite(session, context(), _visit(), link)
        except (Conflict, Invalid):
            raise Over("", link.id) from None
    return redirect(_at("thank", compte=1), 303)


def _finish(act: Callable[[Session, Link], None], boxes: Boxes | None = None) -> ResponseReturnValue:
    """Do it in one transaction; what must be seen again comes back with what was typed."""
    try:
        with context().database.begin() as session:
            if opening.was_used_here(session, context(), _visit()) is not None:
                return redirect(_at("thank"), 303)
            link = opening.enter(session, context(), _visit())
            if link is None:
                return redirect(_at("ask"), 303)
            act(session, link)
    except Invalid as error:
        with context().database.read() as session:
            link = opening.enter(session, context(), _visit())
            return (_page(session, link, boxes, error), 422) if link is not None else redirect(_at("ask"), 303)
    return redirect(_at("thank"), 303)


def _first_page(link: Link, said: str = "") -> str:
    now = context().clock.now()
    here = link.is_on(_visit().device)
    waits = here and link.code_until is not None and link.code_until > now and link.codes > 0
    way = link.code_way
    with context().database.read() as session:
        call = _whom_to_call(session)
    return render_template(
        "links/code.html", link=link, waits=waits, way=WAYS[way], to=opening.masked(link, context(), way), said=said,
        call=call, mark=_mark(), tries=TRIES,
    )  # fmt: skip


def _page(session: Session, link: Link, boxes: Boxes | None = None, error: Invalid | None = None) -> str:
    desk = answering.desk_of(session, context(), link)
    found = answering.request(desk, link, boxes, error.fields if error is not None else None)
    return render_template(
        "links/request.html", page=found, task=found.task, error=error, call=_whom_to_call(session), mark=_mark(),
        refusals=answering.REFUSAL_WORDS, token=_visit().token,
    )  # fmt: skip


def _visit() -> Visit:
    return Visit(g.link_token, request.cookies.get(_cookie(), ""), request.remote_addr or "")


def _mark() -> str:
    visit = _visit()
    return tokens.page_mark(context().settings.secret_key, visit.token, visit.device)


def _check_mark() -> None:
    """A change comes from a page of this link, on this device. Raises Forbidden."""
    if not hmac.compare_digest(_mark().encode(), request.form.get("_csrf", "").encode()):
        raise Forbidden("La page avait vieilli. Ouvrez de nouveau le lien, puis recommencez.", code="csrf")


def _keep(response: Response, link: Link, device: str) -> Response:
    """The device is known again as long as the link lives; what it opens lasts a quarter of an hour after a code."""
    seconds = int((link.expires_at - context().clock.now()).total_seconds())
    secure = context().settings.is_https
    response.set_cookie(_cookie(), device, max_age=seconds, httponly=True, samesite="Strict", secure=secure, path="/")
    return response


def _cookie() -> str:
    """Bound to this very host where people come by https."""
    return f"__Host-{COOKIE}" if context().settings.is_https else COOKIE


def _at(view: str, *, compte: int | None = None, encore: int | None = None) -> str:
    return url_for(f"answer_link.{view}", token=_visit().token, compte=compte, encore=encore)


def _whom_to_call(session: Session) -> Person | None:
    """Somebody of the coordination; first who can be reached by telephone."""
    return next(iter(sorted(holding(session, context().tenant, COORDINATOR), key=lambda one: not one.phone)), None)


@blueprint.url_value_preprocessor
def take_token(_endpoint: str | None, values: dict[str, str] | None) -> None:
    """The token is part of the visit, not of each view."""
    if values is not None:
        g.link_token = values.pop("token")
