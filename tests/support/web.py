"""The web application of a test: built once for each kind of settings, then put on each test's own context."""

from dataclasses import replace
from pathlib import Path

from flask import Flask

from base.settings import Settings
from jalon.app import create_app
from pathways.context import Context

BUILT: dict[Settings, Flask] = {}
"""Building costs a quarter of a second, and each page's template another thirtieth the first time."""


def application(context: Context) -> Flask:
    """The application on that context; where it keeps something of its own besides, it is built anew."""
    if context.settings.psc_metadata_url:
        return create_app(context)
    kind = replace(context.settings, database_url="", var_dir=Path())
    if kind not in BUILT:
        BUILT[kind] = create_app(context)
    app = BUILT[kind]
    app.extensions["jalon"] = context
    return app
