"""The REST interface of the secret links that agendas follow."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from inbox.calendars.door import link
from inbox.request import context, desk, require_sign_in
from inbox.schemas import REQUIRED, described
from people.rosters import duty_feeds
from people.rosters.duty_feeds import Feed

blueprint = Blueprint("calendars_api", __name__, url_prefix="/api/calendars", description="Calendars behind a link")
blueprint.before_request(require_sign_in)
KINDS = {"tasks": duty_feeds.TASKS, "duties": duty_feeds.PERSON, "sector": duty_feeds.SECTOR}
NAMES = {kind: name for name, kind in KINDS.items()}


class CalendarWanted(Schema):
    """`tasks`: what one has to answer and until when; `duties`: one's own; `sector`: those of a sector."""

    kind = fields.String(
        required=True, error_messages=REQUIRED, validate=validate.OneOf(list(KINDS), error="tasks, duties ou sector.")
    )
    sector = fields.String(load_default="", validate=validate.Length(max=120, error="120 caractères au plus."))


class CalendarLink(Schema):
    """A link that was made and not taken back; its secret is not kept."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    sector = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class CalendarLinks(Schema):
    calendars = fields.List(fields.Nested(CalendarLink), required=True)


class CalendarAddress(Schema):
    url = fields.String(required=True, metadata=described("Told this once; `?forme=taches` serves tasks as VTODO"))


@blueprint.get("")
@blueprint.response(200, CalendarLinks)
def read_calendars() -> dict[str, Any]:
    """One's own links."""
    return {"calendars": [_shown(one) for one in duty_feeds.made_by(desk().session, desk().tenant, desk().person)]}


@blueprint.post("")
@blueprint.arguments(CalendarWanted)
@blueprint.response(201, CalendarAddress)
def make_calendar(body: dict[str, str]) -> dict[str, str]:
    """Make a link. Whoever has it reads the calendar without signing in; no patient is in it."""
    kind = KINDS[body["kind"]]
    target = body["sector"] if kind == duty_feeds.SECTOR else desk().person.id
    secret = duty_feeds.make(desk().session, context().clock, desk().tenant, kind, target, desk().person)
    return {"url": link(secret)}


@blueprint.delete("/<calendar_id>")
@blueprint.response(204)
def revoke_calendar(calendar_id: str) -> None:
    """The link leads nowhere any more."""
    duty_feeds.revoke(desk().session, context().clock, desk().tenant, calendar_id, desk().person)


def _shown(feed: Feed) -> dict[str, Any]:
    sector = feed.target if feed.kind == duty_feeds.SECTOR else ""
    return {"id": feed.secret_hash, "kind": NAMES[feed.kind], "sector": sector, "made_at": feed.made_at}
