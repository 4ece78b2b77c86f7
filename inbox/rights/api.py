"""The REST interface of the patient's rights: circle of care, consents, oppositions, looks, access in an emergency."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from care.sharing import access, break_glass, circle, consents
from care.sharing.consents import AUDIENCES, CARE, EVERYBODY, EVERYTHING, MODES, PURPOSES, Reach
from inbox.request import context, desk, require_recent_sign_in, require_sign_in
from inbox.rights import rights
from inbox.schemas import REQUIRED, described
from inbox.task import gone
from inbox.task.page import note_look
from pathways import oppositions, sharing
from people.persons import person

blueprint = Blueprint("rights_api", __name__, url_prefix="/api/cases/<case_id>", description="The patient's rights")
blueprint.before_request(require_sign_in)


class MemberOut(Schema):
    """Somebody, or an organisation, in the circle of care."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    ground = fields.String(required=True, metadata=described("By what right"))
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(allow_none=True)


class CircleOut(Schema):
    members = fields.List(fields.Nested(MemberOut), required=True)
    structures = fields.List(fields.Nested(MemberOut), required=True)
    former = fields.List(fields.Nested(MemberOut), required=True)


class Invitation(Schema):
    person = fields.String(required=True, error_messages=REQUIRED)
    role = fields.String(required=True, error_messages=REQUIRED)
    ground = fields.String(required=True, error_messages=REQUIRED, metadata=described(", ".join(circle.GROUNDS)))


class WillIn(Schema):
    """What the patient says: about what, towards whom, how it was said."""

    scope = fields.String(load_default=EVERYTHING, metadata=described("`all`, or the key of a pathway"))
    audience = fields.String(load_default=EVERYBODY, metadata=described(", ".join(AUDIENCES)))
    recipient = fields.String(load_default=None, allow_none=True)
    purpose = fields.String(load_default=CARE, metadata=described(", ".join(PURPOSES)))
    mode = fields.String(
        required=True, error_messages=REQUIRED, validate=validate.OneOf(MODES, error="oral, signature ou lien.")
    )
    proof = fields.String(load_default="", validate=validate.Length(max=2000))
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class WillOut(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True, metadata=described("consent or opposition"))
    about = fields.String(required=True)
    towards = fields.String(required=True)
    mode = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(allow_none=True)
    holds = fields.Boolean(required=True)


class StoppedCase(Schema):
    case = fields.String(required=True)
    tasks = fields.List(fields.String(), required=True, metadata=described("The names of the tasks that stop"))


class EmergencyIn(Schema):
    reason = fields.String(required=True, error_messages=REQUIRED)
    vital = fields.Boolean(load_default=False)


class EmergencyOut(Schema):
    id = fields.String(required=True)


class LookOut(Schema):
    """One look at the patient's cases."""

    at = fields.AwareDateTime(required=True)
    who = fields.String(required=True)
    role = fields.String(required=True)
    what = fields.String(required=True)
    ground = fields.String(required=True)


@blueprint.get("/circle")
@blueprint.response(200, CircleOut)
def read_circle(case_id: str) -> rights.Rights:
    """Who takes part in the patient's care, and who did."""
    found, sight = rights.open_case(desk(), case_id)
    note_look(desk(), case_id, "rights")
    return rights.rights(desk(), found, sight)


@blueprint.post("/circle")
@blueprint.arguments(Invitation)
@blueprint.response(204)
def invite_member(body: dict[str, str], case_id: str) -> None:
    """Bring a professional into the circle."""
    found, me = rights.writer(desk(), case_id), desk().person
    who = person(desk().session, body["person"])
    rights.check_role(who, body["role"])
    parts = (desk().session, context().clock, desk().tenant, found.patient)
    circle.invite(*parts, who.id, body["role"], body["ground"], by=me.id)


@blueprint.delete("/circle/<membership>")
@blueprint.response(204)
def end_membership(case_id: str, membership: str) -> None:
    """End a part in the circle."""
    found = rights.keeper(desk(), case_id)
    circle.end(desk().session, context().clock, found.patient, membership, by=desk().person.id)


@blueprint.get("/consents")
@blueprint.response(200, WillOut(many=True))
def read_wills(case_id: str) -> list[rights.Will]:
    """What the patient agreed to and is opposed to, what holds first."""
    found = rights.keeper(desk(), case_id)
    note_look(desk(), case_id, "rights")
    return rights.wills(desk(), found.patient, may_read_proof=False)


@blueprint.post("/consents")
@blueprint.arguments(WillIn)
@blueprint.response(204)
def record_consent(body: dict[str, Any], case_id: str) -> None:
    """The patient agrees."""
    found = rights.writer(desk(), case_id)
    consents.record(
        desk().session, context().clock, desk().tenant, case=case_id, patient=found.patient, mode=body["mode"],
        recorded_by=desk().person.id, reach=_reach(body), until=body["until"],
        proof=(context().vault, body["proof"]),
    )  # fmt: skip


@blueprint.delete("/consents/<kind>/<will>")
@blueprint.response(204)
def end_will(case_id: str, kind: str, will: str) -> None:
    """Withdraw a consent, or lift an opposition; `kind` says which."""
    found = rights.keeper(desk(), case_id)
    consents.end(desk().session, context().clock, found.patient, rights.known_kind(kind), will, by=desk().person.id)


@blueprint.post("/oppositions")
@blueprint.arguments(WillIn)
@blueprint.response(200, StoppedCase(many=True))
def record_opposition(body: dict[str, Any], case_id: str) -> list[dict[str, Any]]:
    """The patient is opposed: it holds at once; what it stopped."""
    found = rights.writer(desk(), case_id)
    stopped = oppositions.oppose(
        desk().session, context(), found.patient, _reach(body),
        by=desk().person, mode=body["mode"], proof=body["proof"], until=body["until"],
    )  # fmt: skip
    gone.tell_of(desk(), stopped)
    return [{"case": one.case.id, "tasks": [task.name for task in one.tasks]} for one in stopped]


@blueprint.get("/looks")
@blueprint.response(200, LookOut(many=True))
def read_looks(case_id: str) -> list[rights.LookLine]:
    """Who looked at the patient's cases, the latest first."""
    found = rights.keeper(desk(), case_id)
    note_look(desk(), case_id, "looks")
    return rights.looks(desk(), found.patient, access.ANY)[0]


@blueprint.post("/emergency")
@blueprint.arguments(EmergencyIn)
@blueprint.response(201, EmergencyOut)
def open_in_emergency(body: dict[str, Any], case_id: str) -> dict[str, str]:
    """Open a case from outside its circle, for some hours; who did not just sign in does so first."""
    require_recent_sign_in()
    opened = sharing.open_in_emergency(
        desk().session, context(), desk().person, case_id, body["reason"], vital=body["vital"]
    )
    note_look(desk(), case_id, "emergency")
    return {"id": opened}


@blueprint.delete("/emergency")
@blueprint.response(204)
def end_emergency(case_id: str) -> None:
    """It is needed no longer."""
    break_glass.end(desk().session, context().clock, desk().person, case_id)


def _reach(body: dict[str, Any]) -> Reach:
    return Reach(body["scope"], body["audience"], body["recipient"], body["purpose"])
