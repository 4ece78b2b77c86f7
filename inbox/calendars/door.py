"""Calendars are fetched by agendas, which do not sign in: the secret in the address opens one of them and no more."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from inbox.calendars import tasks
from inbox.desk import Desk
from inbox.request import context
from people.persons import Person
from people.rosters import duty_feeds
from people.rosters.standing_in import with_taken_over

blueprint = Blueprint("agenda", __name__)
TODOS = "taches"


@blueprint.get("/agenda/<secret>.ics")
def feed(secret: str) -> ResponseReturnValue:
    """One calendar; 304 when nothing has changed since the ETag."""
    with context().database.read() as session:
        found, maker = duty_feeds.opened(session, context().tenant, secret)
        if found.kind == duty_feeds.TASKS:
            content = _tasks(session, maker)
        else:
            content = duty_feeds.read(session, context().clock, context().tenant, found)
    headers = {"Cache-Control": "private, max-age=900", "X-Robots-Tag": "noindex"}
    response = Response(content, content_type="text/calendar; charset=utf-8", headers=headers)
    response.add_etag()
    return response.make_conditional(request)


def link(secret: str) -> str:
    """The address to give to an agenda."""
    return f"{context().settings.public_url.rstrip('/')}{url_for('agenda.feed', secret=secret)}"


def _tasks(session: Session, maker: Person) -> bytes:
    """As the guard lets the link's maker see them now, with those of whom they stand in for."""
    desk = Desk(session, context(), with_taken_over(session, context().clock, maker))
    public = context().settings.public_url.rstrip("/")
    return tasks.tasks(
        desk, lambda task: f"{public}{url_for('inbox.task', task_id=task)}", as_todos=request.args.get("forme") == TODOS
    )
