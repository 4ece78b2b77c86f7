"""The session's cookie: given at sign-in, taken back at sign-out, by the screens and by the REST interface alike."""

from flask import request
from werkzeug.wrappers import Response

from base.errors import NotFound
from inbox.request import COOKIE, context
from people.sign_in import charters
from people.sign_in.devices import described
from people.sign_in.entrance import Entrance, Opened, Pending
from people.sign_in.passkeys import Place, place_of
from people.sign_in.sessions import LONGEST, sign_out
from people.sign_in.steps import LIFE

STEP_COOKIE = "jalon_step"


def entrance() -> Entrance:
    """How people come in here, as the settings want it."""
    parts = context()
    rules = (parts.settings.second_factor, charters.read(parts.settings.charter_file))
    return Entrance(parts.database, parts.clock, parts.vault, parts.tenant, *rules)


def enter(login: str, password: str) -> Opened | Pending:
    """By password, in place of the session at hand; raises Unverified with what to tell the person."""
    address = request.remote_addr or ""
    return entrance().by_password(login, password, device=device(), address=address, previous=previous())


def previous() -> str | None:
    """The token that a new session replaces."""
    return request.cookies.get(COOKIE)


def place() -> Place:
    """Where passkeys hold: the address that people type."""
    return place_of(context().settings.public_url)


def passkey_place() -> Place:
    """The same; raises NotFound where no passkey can hold."""
    found = place()
    if not found.is_possible:
        raise NotFound("Les clés d’accès demandent que Jalon ait un nom, pas une adresse en chiffres.")
    return found


def device() -> str:
    """What people will know their device by."""
    return described(request.headers.get("User-Agent", ""))


def give_cookie(response: Response, token: str) -> None:
    """Out of reach of scripts, never sent along from another site, and only over https where people come by https."""
    response.set_cookie(
        COOKIE, token, max_age=LONGEST, httponly=True, samesite="Lax", secure=context().settings.is_https
    )


def give_step(response: Response, step: str) -> None:
    """The sign-in that is under way stays with this browser."""
    secure = context().settings.is_https
    response.set_cookie(STEP_COOKIE, step, max_age=LIFE, httponly=True, samesite="Lax", secure=secure)


def drop_step(response: Response) -> None:
    response.delete_cookie(STEP_COOKIE, httponly=True, samesite="Lax", secure=context().settings.is_https)


def depart(response: Response) -> str:
    """End the session at hand; returns what its identity provider wants back, if any."""
    token = request.cookies.get(COOKIE)
    ended = sign_out(context().database, context().vault, token) if token else ""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=context().settings.is_https)
    return ended
