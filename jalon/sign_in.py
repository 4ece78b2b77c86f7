"""The door's own door: signing in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Unverified
from inbox.request import COOKIE, asking, context
from inbox.session import depart, enter, give_cookie
from jalon.demo import sign_ins

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/connexion")
def ask() -> ResponseReturnValue:
    """The page that asks who you are; whoever is signed in goes on."""
    if asking() is not None:
        return redirect(_next_page(), 303)
    return _page()


@blueprint.post("/connexion")
def answer() -> ResponseReturnValue:
    """Open a session; the cookie's token is always a new one."""
    try:
        token, _ = enter(request.form.get("login", ""), request.form.get("password", ""))
    except Unverified as error:
        return _page(error.message), 401
    response = redirect(_next_page(), 303)
    give_cookie(response, token)
    return response


@blueprint.post("/deconnexion")
def leave() -> ResponseReturnValue:
    response = redirect(url_for("sign_in.ask"), 303)
    depart(response)
    return response


def _page(message: str = "") -> str:
    login, suite = request.form.get("login", ""), request.values.get("suite", "")
    demo = sign_ins.accounts() if context().settings.demo else []
    expired = request.method == "GET" and COOKIE in request.cookies
    return render_template(
        "sign_in.html",
        message=message,
        expired=expired,
        login=login,
        suite=suite,
        accounts=demo,
        password=sign_ins.PASSWORD,
    )


def _next_page() -> str:
    """Where the person was going, when it is one of our own pages."""
    wanted = request.values.get("suite", "")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if ours else url_for("inbox.queue")
