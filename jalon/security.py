"""What every response forbids, and what every change must prove: headers, and the origin of a request."""

import hmac
from collections.abc import Mapping
from io import BytesIO
from typing import IO
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from flask.sessions import SessionInterface

from base.errors import Forbidden
from care.case.attachments import MOST_BYTES
from inbox.request import COOKIE, SAFE_METHODS, asking, context

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
DRAWING = frozenset(
    {"inbox.task", "inbox.answer", "inbox.choose", "inbox.take_back", "inbox.case", "admin.editor", "admin.run"}
)
DIAGRAM_POLICY = {**POLICY, "style-src-attr": "'unsafe-inline'"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def _headers(policy: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    said = "; ".join(f"{name} {value}" for name, value in policy.items())
    return (("Content-Security-Policy", said), *HEADERS.items(), ("Cache-Control", "no-store"))


ON_PAGES, ON_DRAWINGS = _headers(POLICY), _headers(DIAGRAM_POLICY)
WITHOUT_COOKIE = ("/webhooks/",)
SIGN_IN = frozenset(
    {
        "sign_in.answer",
        "session_api.enter_session",
        "session_api.show_second_factor",
        "session_api.accept_charter",
        "session_api.ask_for_passkey",
        "session_api.enter_by_passkey",
        "sign_in_steps.take_code",
        "sign_in_steps.take_telephone",
        "sign_in_steps.take_situation",
        "sign_in_steps.take_charter",
        "invitation.accept",
        "forgotten.send",
        "forgotten.renew",
        "forgotten_api.ask_for_link",
        "forgotten_api.renew_password",
    }
)
LINK = "answer_link"
"""Its forms bring back a mark of their own, whoever else is signed in in the same browser."""
MAX_BODY = 6 * 1024 * 1024
MAX_UPLOAD = 2 * MOST_BYTES
UPLOADS = frozenset({"exchanges.attach", "task_api.attach_document"})
"""What takes a whole file. It is said there, in words, that a file is too large: so a little more comes in."""


class InMemory(Request):
    """A file that is sent never touches the disk unsealed."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()


class NoCookie(SessionInterface):
    """Who is signed in stands in the database: the framework's own cookie is neither read nor written."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


def secure(app: Flask) -> None:
    """Put the checks before, and the headers after, everything that `app` answers."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.request_class = InMemory
    app.session_interface = NoCookie()
    app.before_request(_refuse_foreign_changes)
    app.after_request(_add_headers)


def _refuse_foreign_changes() -> None:
    """A change that relies on our cookie must come from our own pages.

    The browser's own word (Sec-Fetch-Site, else Origin) is asked first; whoever is signed in shows the token too.
    """
    if request.endpoint in UPLOADS:
        request.max_content_length = MAX_UPLOAD
    if request.method in SAFE_METHODS or request.path.startswith(WITHOUT_COOKIE) or request.routing_exception:
        return
    if not _is_ours():
        raise Forbidden("Cette demande ne vient pas de Jalon. Rien n’a été fait.", code="foreign-origin")
    own = request.endpoint in SIGN_IN or request.blueprint == LINK
    if not request.cookies.get(COOKIE) or own or _token_matches():
        return
    g.token_is_stale = True
    if request.endpoint != "inbox.answer":  # that page shows again what was typed, with a new token
        raise Forbidden("La page avait vieilli. Rechargez-la, puis recommencez.", code="csrf")


def _is_ours() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.host, urlsplit(context().settings.public_url).netloc)


def _token_matches() -> bool:
    known = asking()
    if known is None:
        return True  # the cookie opens nothing: the door itself will ask to sign in
    shown = request.headers.get("X-CSRF-Token") or request.form.get("_csrf", "")
    return hmac.compare_digest(known.csrf.encode(), shown.encode())


def _add_headers(response: Response) -> Response:
    said = {name.lower() for name, _ in response.headers}
    wanted = ON_DRAWINGS if request.endpoint in DRAWING else ON_PAGES
    response.headers.extend([header for header in wanted if header[0].lower() not in said])
    if context().settings.is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
