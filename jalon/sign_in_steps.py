"""The pages between a proven identity and the first page: second factor, situation of practice, charter."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Invalid, RequestError, Unverified
from inbox.request import context
from inbox.session.cookie import entrance, place, previous
from jalon.gate import go_on, step
from people.sign_in import one_time_codes, passkeys
from people.sign_in.entrance import CHARTER, SECOND_FACTOR, SITUATION, Opened, Pending

blueprint = Blueprint("sign_in_steps", __name__, url_prefix="/connexion")
OVER = "sign-in-over"


@blueprint.errorhandler(Unverified)
def begin_again(_error: Unverified) -> ResponseReturnValue:
    """The sign-in is over, or was another browser's: from the start."""
    suite = request.values.get("suite") or None
    return redirect(url_for("sign_in.ask", dit="trop-long", suite=suite), 303)


@blueprint.get("/code")
def second_factor() -> ResponseReturnValue:
    """Ask for the code of the telephone, or for the passkey."""
    return _code_page()


@blueprint.post("/code")
def take_code() -> ResponseReturnValue:
    code = request.form.get("code", "")
    return _try(lambda: entrance().by_code(step(), code, previous()), _code_page)


@blueprint.get("/telephone")
def enrolment() -> ResponseReturnValue:
    """Ask to set up the telephone: here nobody comes in by a password alone."""
    return _telephone_page()


@blueprint.post("/telephone")
def take_telephone() -> ResponseReturnValue:
    """The recovery codes are shown once, then the sign-in goes on by itself."""
    try:
        outcome, codes = entrance().enrol(step(), request.form.get("code", ""), previous())
    except (Unverified, Invalid) as error:
        return _telephone_page(_shown(error)), 401
    forward = go_on(outcome)
    forward.data = render_template("sign_in_recovery.html", codes=codes, onward=forward.headers.pop("Location"))
    forward.status_code = 200
    return forward


@blueprint.get("/situation")
def situation() -> ResponseReturnValue:
    """Ask where the person practises today."""
    return _situation_page()


@blueprint.post("/situation")
def take_situation() -> ResponseReturnValue:
    chosen = request.form.get("situation", "")
    return _try(lambda: entrance().choose(step(), chosen, previous()), _situation_page)


@blueprint.get("/charte")
def charter() -> ResponseReturnValue:
    """Ask to accept the charter."""
    return _charter_page()


@blueprint.post("/charte")
def take_charter() -> ResponseReturnValue:
    version = request.form.get("version", "")
    return _try(lambda: entrance().accept(step(), version, previous()), _charter_page)


def _try(advance: Callable[[], Opened | Pending], page: Callable[[str], str]) -> ResponseReturnValue:
    try:
        return go_on(advance())
    except (Unverified, Invalid) as error:
        return page(_shown(error)), error.status


def _shown(error: RequestError) -> str:
    """What the same page can say; a sign-in that is over has no page any more."""
    if error.code == OVER:
        raise error
    return error.message


def _code_page(message: str = "") -> str:
    opening = entrance().waiting(SECOND_FACTOR, step())
    parts = context()
    with parts.database.read() as session:
        has_code = one_time_codes.is_set(session, parts.tenant, opening.account)
        has_key = passkeys.how_many(session, parts.tenant, opening.account) > 0 and place().is_possible
    return _page("code", message, has_code=has_code, has_key=has_key)


def _telephone_page(message: str = "") -> str:
    secret, login = entrance().secret(step())
    picture = one_time_codes.picture(secret, login)
    return _page("telephone", message, picture=picture, address=one_time_codes.address(secret, login), secret=secret)


def _situation_page(message: str = "") -> str:
    entering = entrance().waiting(SITUATION, step())
    return _page("situation", message, situations=entering.situations)


def _charter_page(message: str = "") -> str:
    entrance().waiting(CHARTER, step())
    return _page("charter", message, charter=entrance().charter)


def _page(name: str, message: str, **shown: object) -> str:
    return render_template(f"sign_in_{name}.html", message=message, suite=request.values.get("suite", ""), **shown)
