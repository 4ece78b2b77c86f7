"""Signing in by Pro Santé Connect: there, back, and out again."""

from dataclasses import asdict

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import PartnerError, Unverified
from base.log import report
from inbox.request import context
from inbox.session.cookie import device, drop_step, entrance, give_step, previous
from jalon.gate import go_on, step
from jalon.provider import LEAVING, provider
from jalon.sign_in_page import sign_in_page
from people.sign_in import steps
from people.sign_in.openid import REFUSED, Secrets
from people.sign_in.pro_sante_connect import practitioner

blueprint = Blueprint("sign_in_psc", __name__, url_prefix="/connexion/psc")
AWAY = "psc"


@blueprint.get("")
def depart() -> ResponseReturnValue:
    """Off to the provider; the state names the sign-in, and this browser alone holds it."""
    parts, own = context(), Secrets()
    with parts.database.begin() as session:
        notes = {"own": asdict(own), "suite": request.args.get("suite", "")}
        state = steps.begin(session, parts.clock, parts.vault, parts.tenant, AWAY, notes)
    try:
        away = provider().departure(state, own, _return_address(), again="confirmer" in request.args)
    except (PartnerError, Unverified) as error:
        return _turned_back(error)
    response = redirect(away, 302)
    give_step(response, state)
    return response


@blueprint.get("/retour")
def arrive() -> ResponseReturnValue:
    """Back from the provider."""
    parts = context()
    try:
        notes = _notes()
        arrival = provider().arrive(request.args["code"], Secrets(**notes["own"]), _return_address())
        outcome = entrance().by_practitioner(
            practitioner(arrival.claims),
            arrival.id_token,
            immediate=parts.settings.psc_enrolment == "immediate",
            device=device(),
            previous=previous(),
        )
    except (PartnerError, Unverified) as error:
        return _turned_back(error)
    return go_on(outcome, notes["suite"])


@blueprint.get("/sortie")
def leave() -> ResponseReturnValue:
    """Sign out at the provider too."""
    parts, home = context(), context().settings.public_url + url_for("sign_in.ask")
    try:
        with parts.database.begin() as session:
            kept = steps.take(session, parts.clock, parts.vault, parts.tenant, LEAVING, step())
        onward = provider().leave(kept["id_token"], home)
    except (PartnerError, Unverified):
        onward = ""
    response = redirect(onward or home, 302)
    drop_step(response)
    return response


def _notes() -> steps.Notes:
    """What this browser left with; used up whatever follows. Raises Unverified."""
    parts, state = context(), request.args.get("state", "")
    if not state or state != step() or "code" not in request.args:
        raise Unverified(REFUSED, code="psc-state")
    with parts.database.begin() as session:
        return steps.take(session, parts.clock, parts.vault, parts.tenant, AWAY, state)


def _turned_back(error: PartnerError | Unverified) -> ResponseReturnValue:
    """The sign-in page again, which says why; the local account stays open."""
    report("psc_refused", error)
    silent = isinstance(error, PartnerError)
    return sign_in_page(error.message), 503 if silent else 401


def _return_address() -> str:
    return context().settings.public_url + url_for("sign_in_psc.arrive")
