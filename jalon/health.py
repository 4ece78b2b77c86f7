"""Whether this process can answer: asked by whoever watches it."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from inbox.request import context, session

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """200 when the database answers; its time is the clock's."""
    session().execute(text("SELECT 1"))
    return {"status": "ok", "time": context().clock.now().isoformat()}
