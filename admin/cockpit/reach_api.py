"""The REST interface of reminders by the coordination, and of whom messages do not reach."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from admin.access import coordinating
from admin.cockpit import acts, reminding, undelivered
from inbox.lists.schemas import LotLines
from inbox.request import context, desk, finish, require_sign_in
from inbox.schemas import REQUIRED, described
from people.notices import deliveries

blueprint = Blueprint("reach_api", __name__, url_prefix="/api/cockpit", description="Reminding, and who is not reached")
blueprint.before_request(require_sign_in)


class Reminding(Schema):
    tasks = fields.List(fields.String(), required=True, validate=validate.Length(1, 50), error_messages=REQUIRED)


class UnreachedPerson(Schema):
    person = fields.String(required=True, attribute="who.id")
    name = fields.String(required=True, attribute="who.display")
    kind = fields.String(required=True, metadata=described("sent_back, not_taken, perhaps or no_way"))
    address = fields.String(required=True)
    why = fields.String(required=True)
    to_do = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class Undelivered(Schema):
    people = fields.List(fields.Nested(UnreachedPerson), required=True)


class CorrectedAddress(Schema):
    email = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(max=254))


class WorkingAddress(Schema):
    address = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(max=254))


@blueprint.post("/tasks/remind")
@blueprint.arguments(Reminding)
@blueprint.response(200, LotLines)
def remind(body: dict[str, Any]) -> dict[str, Any]:
    """Remind those for whom tasks wait, each at most once in four hours; a line says what became of each."""
    asking = coordinating()
    finish(commit=False)
    return {"lines": acts.each(context(), asking, body["tasks"], reminding.remind)}


@blueprint.get("/undelivered")
@blueprint.response(200, Undelivered)
def read_undelivered() -> dict[str, Any]:
    """Whom the messages of the last days did not reach, why, and what to do."""
    coordinating()
    return {"people": undelivered.unreached(desk())}


@blueprint.put("/undelivered/<person_id>/address")
@blueprint.arguments(CorrectedAddress)
@blueprint.response(204)
def correct_address(body: dict[str, str], person_id: str) -> None:
    """Write to somebody at another address from now on."""
    coordinating()
    undelivered.correct_address(desk(), person_id, body["email"])


@blueprint.post("/undelivered/working")
@blueprint.arguments(WorkingAddress)
@blueprint.response(204)
def try_again(body: dict[str, str]) -> None:
    """An address works after all: messages leave for it again."""
    coordinating()
    deliveries.clear(desk().session, desk().tenant, body["address"])
