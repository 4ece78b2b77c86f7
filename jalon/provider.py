"""Pro Santé Connect as this program knows it: whether it is offered, and who may still be known there."""

from typing import cast

from flask import Flask, current_app
from werkzeug.wrappers import Response

from base.errors import NotFound, Unverified
from inbox.request import context
from inbox.session.cookie import give_step
from jalon.gate import step
from pathways.context import Context
from people.sign_in import steps
from people.sign_in.openid import Provider
from people.sign_in.pro_sante_connect import LEVEL, SCOPE

LEAVING = "psc_leaving"
PLACE = "pro_sante_connect"


def add_provider(app: Flask, parts: Context) -> None:
    """Know the provider, when the settings name one."""
    settings = parts.settings
    client = (settings.psc_client_id, settings.psc_client_secret)
    known = Provider(settings.psc_metadata_url, client, parts.clock, scope=SCOPE, acr=LEVEL)
    app.extensions[PLACE] = known if settings.psc_metadata_url else None


def is_offered() -> bool:
    return current_app.extensions[PLACE] is not None


def provider() -> Provider:
    """Raises NotFound when none is offered."""
    if not is_offered():
        raise NotFound("Pro Santé Connect n’est pas proposé ici.")
    return cast(Provider, current_app.extensions[PLACE])


def offer_to_leave(response: Response, id_token: str) -> None:
    """Somebody has signed out here: the next page offers to sign out there too."""
    parts = context()
    with parts.database.begin() as session:
        notes = {"id_token": id_token}
        give_step(response, steps.begin(session, parts.clock, parts.vault, parts.tenant, LEAVING, notes))


def may_leave() -> bool:
    """Whether somebody has just signed out here who may still be known there."""
    if not is_offered() or not step():
        return False
    parts = context()
    try:
        with parts.database.read() as session:
            steps.look(session, parts.clock, parts.vault, parts.tenant, LEAVING, step())
    except Unverified:
        return False
    return True
