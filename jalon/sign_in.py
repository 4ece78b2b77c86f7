"""The door's own door: signing in by password, and signing out."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Unverified
from inbox.request import asking
from inbox.session.cookie import depart, drop_step, enter
from jalon.gate import go_on, next_page
from jalon.provider import offer_to_leave
from jalon.sign_in_page import sign_in_page

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/connexion")
def ask() -> ResponseReturnValue:
    """The page that asks who you are; whoever is signed in goes on, unless they must show it again."""
    if asking() is not None and "confirmer" not in request.args:
        return redirect(next_page(), 303)
    return sign_in_page()


@blueprint.post("/connexion")
def answer() -> ResponseReturnValue:
    """Open a session, or ask for what is missing; the cookie's token is always a new one."""
    try:
        outcome = enter(request.form.get("login", ""), request.form.get("password", ""))
    except Unverified as error:
        return sign_in_page(error.message), 401
    return go_on(outcome)


@blueprint.post("/deconnexion")
def leave() -> ResponseReturnValue:
    response = redirect(url_for("sign_in.ask"), 303)
    drop_step(response)
    if kept := depart(response):
        offer_to_leave(response, kept)
    return response
