"""« Mot de passe oublié »: the page that asks for a link, and the one that the link opens."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Invalid
from inbox.request import context
from inbox.session import forgotten
from people.sign_in import forgotten as links

blueprint = Blueprint("forgotten", __name__, url_prefix="/mot-de-passe")
DIFFERENT = "Les deux mots de passe ne sont pas les mêmes."


@blueprint.get("")
def ask() -> ResponseReturnValue:
    return render_template("forgotten.html", possible=forgotten.is_possible(context()), asked="fait" in request.args)


@blueprint.post("")
def send() -> ResponseReturnValue:
    """The same page for every address."""
    with context().database.begin() as session:
        forgotten.ask(session, context(), request.form.get("login", ""), request.remote_addr or "")
    return redirect(url_for("forgotten.ask", fait=1), 303)


@blueprint.get("/<token>")
def choose(token: str) -> ResponseReturnValue:
    """Looking uses nothing up: scanners of mail do so."""
    return _page(token)


@blueprint.post("/<token>")
def renew(token: str) -> ResponseReturnValue:
    """Then one signs in, with whatever else is asked there."""
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _page(token, DIFFERENT), 422
    try:
        with context().database.begin() as session:
            forgotten.renew(session, context(), token, password)
    except Invalid as error:
        return _page(token, error.message), 422
    return redirect(url_for("sign_in.ask", dit="mot-de-passe"), 303)


def _page(token: str, message: str = "") -> str:
    parts = context()
    with parts.database.read() as session:
        found = links.look(session, parts.clock, parts.vault, parts.tenant, token)
    return render_template("new_password.html", login=found.login, message=message)
