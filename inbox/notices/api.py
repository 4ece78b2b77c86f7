"""Notices over REST: what was told, how the person wants it, which browsers take it, and what left."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from inbox.notices import screens
from inbox.request import desk, require_sign_in
from inbox.schemas import REQUIRED, described
from inbox.session.cookie import device
from people.notices import deliveries, preferences, subscriptions
from people.notices.preferences import Preference

blueprint = Blueprint("notices_api", __name__, url_prefix="/api/notices", description="Notices and how they are told")
blueprint.before_request(require_sign_in)
WHEN = validate.OneOf(list(preferences.WHEN), error="always, urgent ou never.")


class ToldNotice(Schema):
    said = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    url = fields.String(required=True, metadata=described("What it is about; empty once it waits no more"))
    is_over = fields.Boolean(required=True)
    urgent = fields.Boolean(required=True)
    title = fields.String(required=True, metadata=described("The task; empty where the guard does not let it be known"))
    pathway = fields.String(required=True)
    patient = fields.String(required=True)
    why = fields.String(required=True, metadata=described("Why a task of theirs is gone; else empty"))


class ToldNotices(Schema):
    notices = fields.List(fields.Nested(ToldNotice), required=True)


class NoticeChoice(Schema):
    email = fields.String(load_default="always", validate=WHEN)
    push = fields.String(load_default="always", validate=WHEN)
    sms = fields.String(load_default="urgent", validate=WHEN)
    digest_hours = fields.String(load_default="", validate=validate.Length(max=60), metadata={"example": "08:00 13:00"})
    quiet_from = fields.String(load_default="20:00", validate=validate.Length(max=5))
    quiet_to = fields.String(load_default="08:00", validate=validate.Length(max=5))
    weekly_cap = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 999))
    paused_until = fields.AwareDateTime(load_default=None, allow_none=True)


class PushBrowser(Schema):
    endpoint = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(max=1000))
    p256dh = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(max=120))
    auth = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(max=60))


class PushSubscribed(Schema):
    id = fields.String(required=True)


class NoticeDelivery(Schema):
    id = fields.String(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True, metadata=described("queued, sent, refused, bounced, dropped or unsure"))
    reason = fields.String(required=True)
    attempts = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)


class NoticeDeliveries(Schema):
    deliveries = fields.List(fields.Nested(NoticeDelivery), required=True)


class BouncedAddress(Schema):
    address = fields.String(required=True)
    reason = fields.String(required=True)


class BouncedAddresses(Schema):
    addresses = fields.List(fields.Nested(BouncedAddress), required=True)


class ClearedAddress(Schema):
    address = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(1, 254))


@blueprint.get("")
@blueprint.response(200, ToldNotices)
def read_notices() -> dict[str, Any]:
    """What the person was told and may still see, the last first."""
    return {"notices": screens.Page(desk()).lines}


@blueprint.get("/preferences")
@blueprint.response(200, NoticeChoice)
def read_preferences() -> Any:
    """How the person wants to be told."""
    return preferences.preference(desk().session, desk().tenant, desk().person.id)


@blueprint.put("/preferences")
@blueprint.arguments(NoticeChoice)
@blueprint.response(200, NoticeChoice)
def settle_preferences(body: dict[str, Any]) -> Any:
    """Settle it; what still waits is given its hour anew."""
    return screens.keep(desk(), replace(Preference(), **body))


@blueprint.post("/subscriptions")
@blueprint.arguments(PushBrowser)
@blueprint.response(201, PushSubscribed)
def subscribe(body: dict[str, str]) -> dict[str, str]:
    """Let a browser take the person's messages (Push API)."""
    return {"id": screens.add_device(desk(), body, device())}


@blueprint.delete("/subscriptions/<subscription_id>")
@blueprint.response(204)
def unsubscribe(subscription_id: str) -> None:
    """This browser takes no more."""
    subscriptions.remove(desk().session, desk().tenant, desk().person.id, subscription_id)


@blueprint.get("/deliveries")
@blueprint.response(200, NoticeDeliveries)
def read_deliveries() -> dict[str, Any]:
    """The last messages that left for the person, and how it went."""
    return {"deliveries": deliveries.latest(desk().session, desk().tenant, desk().person.id)}


@blueprint.get("/bounces")
@blueprint.response(200, BouncedAddresses)
def read_bounces() -> dict[str, Any]:
    """The addresses that send back what they are sent: one's own, and everybody's for the coordination."""
    page = screens.Page(desk())
    found = page.addresses or ({page.me.email: page.bounced} if page.bounced else {})
    return {"addresses": [{"address": address, "reason": reason} for address, reason in found.items()]}


@blueprint.post("/bounces/clearance")
@blueprint.arguments(ClearedAddress)
@blueprint.response(204)
def clear_bounce(body: dict[str, str]) -> None:
    """The address works again: messages leave for it. Only the coordination says so of somebody else's."""
    screens.clear(desk(), body["address"])
