"""The session's cookie: given at sign-in, taken back at sign-out, by the screens and by the REST interface alike."""

from flask import request
from werkzeug.wrappers import Response

from inbox.request import COOKIE, context
from people.accounts import LONGEST, SignedIn, sign_in, sign_out


def enter(login: str, password: str) -> tuple[str, SignedIn]:
    """Open a session in place of the one at hand; raises Unverified with what to tell the person."""
    parts = context()
    previous = request.cookies.get(COOKIE)
    return sign_in(parts.database, parts.clock, parts.settings.tenant, login, password, previous=previous)


def give_cookie(response: Response, token: str) -> None:
    """Out of reach of scripts, never sent along from another site, and only over https where people come by https."""
    response.set_cookie(
        COOKIE, token, max_age=LONGEST, httponly=True, samesite="Lax", secure=context().settings.is_https
    )


def depart(response: Response) -> None:
    """End the session at hand."""
    token = request.cookies.get(COOKIE)
    if token:
        sign_out(context().database, token)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=context().settings.is_https)
