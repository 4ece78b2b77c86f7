"""The REST interface of accesses in an emergency: listed, looked at, told to the patient."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from admin.access import coordination
from admin.emergencies import Line, lines
from care.sharing import break_glass
from inbox.request import context, desk, require_sign_in
from inbox.schemas import described

blueprint = Blueprint(
    "emergencies_api", __name__, url_prefix="/api/emergencies", description="Accesses in an emergency"
)
blueprint.before_request(require_sign_in)


class EmergencyAccess(Schema):
    """Somebody opened a case from outside its circle of care."""

    id = fields.String(attribute="access.id", required=True)
    case = fields.String(attribute="access.case", required=True)
    patient_id = fields.String(attribute="number", required=True)
    patient = fields.String(required=True, metadata=described("Empty, as the reason is, for data protection"))
    person = fields.String(attribute="access.person", required=True, metadata=described("A person's id"))
    name = fields.String(attribute="who", required=True)
    role = fields.String(required=True)
    reason = fields.String(attribute="access.reason", required=True)
    vital = fields.Boolean(attribute="access.vital", required=True, metadata=described("A life was at stake"))
    over_opposition = fields.Boolean(attribute="access.over_opposition", required=True)
    since = fields.AwareDateTime(attribute="access.since", required=True)
    until = fields.AwareDateTime(attribute="access.until", required=True)
    reviewed_at = fields.AwareDateTime(attribute="access.reviewed_at", allow_none=True, required=True)
    reviewed_by = fields.String(required=True)
    disclosed_at = fields.AwareDateTime(attribute="access.informed_at", allow_none=True, required=True)
    disclosed_by = fields.String(attribute="informed_by", required=True)


class EmergencyAccesses(Schema):
    accesses = fields.List(fields.Nested(EmergencyAccess), required=True)


@blueprint.get("")
@blueprint.response(200, EmergencyAccesses)
def read_accesses() -> dict[str, list[Line]]:
    """The last accesses, those that nobody has looked at first."""
    return {"accesses": lines()}


@blueprint.put("/<access_id>/review")
@blueprint.response(204)
def review(access_id: str) -> None:
    """The coordination has looked at it."""
    break_glass.review(desk().session, context().clock, desk().tenant, access_id, by=coordination().id)


@blueprint.put("/<access_id>/disclosure")
@blueprint.response(204)
def disclose(access_id: str) -> None:
    """The patient was told of it."""
    break_glass.inform(desk().session, context().clock, desk().tenant, access_id, by=coordination().id)
