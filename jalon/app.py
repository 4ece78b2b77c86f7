"""The web application: every door under one roof."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, redirect, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from admin import api as workshop_api
from admin import screens as workshop
from inbox import api, dates
from inbox.lists import habits
from inbox.lists.counting import counts
from inbox.request import asking, context, desk
from inbox.session import api as session_api
from inbox.task import screens
from jalon import account, admissions, health, pwa, sign_in, sign_in_psc, sign_in_steps
from jalon.assets import FOLDER, add_assets
from jalon.characters import refuse_nul
from jalon.doors import PAGES, REST
from jalon.navigation import entries, home
from jalon.provider import add_provider
from jalon.responder import answer_errors
from jalon.rest import add_rest
from jalon.security import secure
from jalon.typography import Spacing
from pathways.context import Context
from webhooks import receive as webhooks
from webhooks.description import callbacks


class Json(DefaultJSONProvider):
    """JSON as it is read: letters as they are, keys in the order of their schema."""

    ensure_ascii = False
    sort_keys = False


class Site(Flask):
    """Flask, which asks of each function at each call whether it is a coroutine: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(context: Context) -> Flask:
    """Build the application around a context that the caller owns."""
    app = Site(__name__, static_folder=str(FOLDER), static_url_path="/static")
    app.config.update(SECRET_KEY=context.settings.secret_key, TRAP_HTTP_EXCEPTIONS=False)
    app.json = Json(app)
    app.extensions["jalon"] = context
    app.jinja_env.globals["is_demo"] = context.settings.demo
    if context.settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=context.settings.proxies)  # type: ignore[method-assign]
    secure(app)
    refuse_nul(app)
    answer_errors(app)
    add_assets(app)
    add_provider(app, context)
    _speak(app, ZoneInfo(context.settings.timezone))
    for blueprint in (
        screens.blueprint,
        workshop.blueprint,
        health.blueprint,
    ):
        app.register_blueprint(blueprint)
    doors = [webhooks.blueprint, session_api.blueprint, api.blueprint, workshop_api.blueprint]
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    app.register_blueprint(pwa.blueprint)
    for blueprint in (sign_in.blueprint, sign_in_steps.blueprint, sign_in_psc.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (account.blueprint, admissions.blueprint, admissions.invited):
        app.register_blueprint(blueprint)
    add_rest(app, [*doors, *REST], callbacks())
    app.add_url_rule("/", "home", _go_home)
    app.context_processor(_around_the_page)
    return app


def _go_home() -> ResponseReturnValue:
    known = asking()
    return redirect(url_for("inbox.queue" if known is None else home(known.person)), 303)


def _around_the_page() -> dict[str, Any]:
    """What the shell shows on every page: who is there, where they may go, what waits."""
    known = asking()
    if known is None:
        return {"me": None, "csrf": "", "places": [], "acting": None, "habits": {}}
    if "waiting" not in g:
        g.waiting = counts(desk()).all
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    shown = {"places": entries(known.person, g.waiting), "acting": account.acting(known), "here": here}
    own = habits.habits(desk())
    shown |= {"habits": own, "silent_keys": habits.silent_words(own)}
    return {"me": known.person, "csrf": known.csrf, **shown}


def _speak(app: Flask, zone: ZoneInfo) -> None:
    """Dates and delays in words, as filters of every template."""

    def now() -> datetime:
        return context().clock.now()

    app.jinja_env.add_extension(Spacing)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        hour=lambda instant: dates.hour(instant, zone),
        moment=lambda instant: dates.moment(instant, now(), zone),
        deadline=lambda due: dates.deadline(due, now(), zone),
        before=lambda due: dates.before(due, now(), zone),
        delay=lambda due: dates.delay(due, now(), zone),
        since=lambda start: dates.since(start, now()),
        short_day=lambda instant: dates.short_day(instant.astimezone(zone).date(), now().astimezone(zone).date()),
        grouped=lambda text: " ".join(text[at : at + 4] for at in range(0, len(text), 4)),
        sentence=lambda words: words[:1].upper() + words[1:],
    )
    app.jinja_env.globals["now"] = now
