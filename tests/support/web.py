"""The web application of a test: built once for each kind of settings, then put on each test's own context."""

from flask import Flask

from jalon.app import create_app
from jalon.provider import add_provider
from pathways.context import Context

BUILT: dict[tuple[str, bool, int, str], Flask] = {}
"""By what `create_app` reads of the settings; each request asks the context of its moment for the others.

Building costs half a second, and each page's template another thirtieth the first time.
"""


def application(context: Context) -> Flask:
    """The application on that context, with the identity provider that its settings name."""
    settings = context.settings
    kind = (settings.secret_key, settings.demo, settings.proxies, settings.timezone)
    if kind not in BUILT:
        BUILT[kind] = create_app(context)
    app = BUILT[kind]
    app.extensions["jalon"] = context
    add_provider(app, context)
    return app
