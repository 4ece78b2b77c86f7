"""« Mon compte »: who I am here, how I come in, on which devices I am, in which role I act."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Invalid, Unverified
from inbox.request import context, finish, require_recent_sign_in, require_sign_in, session, signed_in
from inbox.session.cookie import device, entrance, place
from jalon.gate import next_page
from people.roles import label
from people.sign_in import accounts, charters, one_time_codes, passkeys, recovery_codes, sessions
from people.sign_in import events as sign_in_events
from people.sign_in.sessions import WAYS, SignedIn

blueprint = Blueprint("account", __name__, url_prefix="/compte")
blueprint.before_request(require_sign_in)
DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Vos autres appareils sont déconnectés.",
    "telephone-retire": "Votre téléphone ne donne plus de code.",
    "cle": "Votre clé d’accès est ajoutée.",
    "cle-retiree": "Cette clé d’accès n’ouvre plus votre compte.",
    "appareil": "Cet appareil est déconnecté.",
    "appareils": "Tous vos autres appareils sont déconnectés.",
    "lieu": "Votre lieu d’exercice est changé.",
}


@blueprint.get("")
def show() -> ResponseReturnValue:
    return _page()


@blueprint.post("/mot-de-passe")
def change_password() -> ResponseReturnValue:
    """The present password is asked again; the other devices are signed out."""
    known, parts = signed_in(), context()
    new = request.form.get("new", "")
    with parts.database.read() as looked:
        login = accounts.account(looked, known.account).login
    try:
        accounts.check_password(parts.database, parts.clock, parts.tenant, login, request.form.get("current", ""))
        accounts.change_password(session(), parts.clock, parts.tenant, known.account, new)
    except (Unverified, Invalid) as error:
        finish(commit=False)
        words = error.message.replace(accounts.UNKNOWN, "Ce n’est pas votre mot de passe actuel.")
        return _page(password_error=words), 422
    sessions.sign_out_everywhere(session(), known.account, but=known.session)
    return _done("mot-de-passe")


@blueprint.get("/telephone")
def ask_telephone() -> ResponseReturnValue:
    """Show what the telephone must take."""
    require_recent_sign_in()
    return _telephone_page()


@blueprint.post("/telephone")
def take_telephone() -> ResponseReturnValue:
    known = require_recent_sign_in()
    try:
        codes = entrance().confirm_codes(known.account, request.form.get("code", ""))
    except Unverified as error:
        return _telephone_page(error.message), 422
    return render_template("account_recovery.html", codes=codes)


@blueprint.post("/telephone/retirer")
def remove_telephone() -> ResponseReturnValue:
    """Where a second factor is required, the next sign-in asks for another one."""
    known = require_recent_sign_in()
    if one_time_codes.remove(session(), context().tenant, known.account):
        recovery_codes.remove(session(), context().tenant, known.account)
        _note("codes_removed")
    return _done("telephone-retire")


@blueprint.post("/secours")
def make_recovery_codes() -> ResponseReturnValue:
    known = require_recent_sign_in()
    codes = recovery_codes.make(session(), context().tenant, known.account)
    _note("recovery_made")
    return render_template("account_recovery.html", codes=codes)


@blueprint.post("/cles/<key>/retirer")
def remove_passkey(key: str) -> ResponseReturnValue:
    known = require_recent_sign_in()
    _note("passkey_removed", passkeys.remove(session(), context().tenant, known.account, key))
    return _done("cle-retiree")


@blueprint.post("/appareils/<session_id>/deconnecter")
def end_session(session_id: str) -> ResponseReturnValue:
    _note("session_ended", sessions.end(session(), signed_in().account, session_id))
    return _done("appareil")


@blueprint.post("/appareils/deconnecter")
def end_other_sessions() -> ResponseReturnValue:
    sessions.sign_out_everywhere(session(), signed_in().account, but=signed_in().session)
    _note("sessions_ended")
    return _done("appareils")


@blueprint.post("/role")
def choose_role() -> ResponseReturnValue:
    """Act in one role, or in all of them; the page that was there is shown again, as that role sees it."""
    role = request.form.get("role", "")
    sessions.act(session(), signed_in(), role=role)
    _note("role_chosen", label(role) if role else "Tous mes rôles")
    return redirect(next_page(), 303)


@blueprint.post("/situation")
def choose_situation() -> ResponseReturnValue:
    sessions.act(session(), signed_in(), situation=request.form.get("situation", ""))
    return _done("lieu")


def _page(password_error: str = "") -> str:
    known, parts, own = signed_in(), context(), session()
    return render_template(
        "account.html",
        known=known,
        account=accounts.account(own, known.account),
        has_codes=one_time_codes.is_set(own, parts.tenant, known.account),
        recovery_left=recovery_codes.left(own, parts.tenant, known.account),
        keys=passkeys.of_account(own, parts.tenant, known.account),
        may_have_keys=place().is_possible,
        is_recent=_is_recent(),
        sessions=sessions.living(own, parts.clock, known.account),
        situations=sessions.situations(own, known.session),
        charters=charters.accepted(own, parts.tenant, known.person.id),
        events=sign_in_events.latest(own, parts.tenant, known.person.id),
        kinds=sign_in_events.KINDS,
        ways=WAYS,
        password_error=password_error,
        done=DONE.get(request.args.get("fait", ""), ""),
    )


def _is_recent() -> bool:
    return context().clock.now() - signed_in().since <= sessions.RECENT


def _telephone_page(message: str = "") -> str:
    known, parts = signed_in(), context()
    with parts.database.begin() as own:
        login = accounts.account(own, known.account).login
        secret = one_time_codes.begin(own, parts.clock, parts.vault, parts.tenant, known.account)
    shown = {"picture": one_time_codes.picture(secret, login), "address": one_time_codes.address(secret, login)}
    return render_template("account_telephone.html", message=message, secret=secret, **shown)


def _note(kind: str, detail: str = "") -> None:
    parts, who = context(), signed_in().person
    sign_in_events.note(session(), parts.clock, parts.tenant, who.id, kind, detail=detail, device=device())


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for("account.show", fait=what), 303)


def acting(known: SignedIn) -> dict[str, Any]:
    """What the menu « Vous agissez comme … » shows: the role that was chosen, among those that are held."""
    held = {role: label(role) for role in sorted(known.roles, key=label)}
    return {"role": known.acting, "name": held.get(known.acting, ""), "held": held}
