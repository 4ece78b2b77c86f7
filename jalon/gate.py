"""What the pages before the first one share: where the person was going, and where the sign-in goes on."""

from urllib.parse import urlsplit

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from inbox.session.cookie import STEP_COOKIE, drop_step, give_cookie, give_step
from jalon.navigation import home
from people.persons import Person
from people.sign_in.entrance import Opened, Pending


def next_page(wanted: str | None = None, person: Person | None = None) -> str:
    """Where the person was going, when it is one of our own pages; else where they begin."""
    wanted = request.values.get("suite", "") if wanted is None else wanted
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if ours else url_for("inbox.queue" if person is None else home(person))


def step() -> str:
    """The sign-in that is under way in this browser."""
    return request.cookies.get(STEP_COOKIE, "")


def go_on(outcome: Opened | Pending, wanted: str | None = None) -> Response:
    """To the page that the person wanted, or to the one that asks for what is missing."""
    if isinstance(outcome, Opened):
        response = redirect(next_page(wanted, outcome.known.person), 303)
        give_cookie(response, outcome.token)
        drop_step(response)
        return response
    suite = request.values.get("suite") if wanted is None else wanted
    response = redirect(url_for(f"sign_in_steps.{outcome.need}", suite=suite or None), 303)
    give_step(response, outcome.step)
    return response
