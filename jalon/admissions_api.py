"""The REST interface of accesses: who asks to come in is let in or not, who has no card is invited by a link."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from inbox.request import context, person, require_recent_sign_in, session
from inbox.schemas import REQUIRED, at_most, described
from jalon.admissions import Invited, check_roles, invite_person, require_overseer
from people.sign_in import enrolments, invitations

blueprint = Blueprint("admissions_api", __name__, url_prefix="/api", description="Who is let in")
blueprint.before_request(require_overseer)


class RolesIn(Schema):
    roles = fields.List(
        fields.String(),
        required=True,
        error_messages=REQUIRED,
        metadata=described("Administrators make administrators"),
    )


class EnrolmentOut(Schema):
    """Somebody whom Pro Santé Connect made known, and who waits to be let in."""

    person = fields.String(attribute="person.id", required=True)
    name = fields.String(attribute="person.display", required=True)
    profession = fields.String(attribute="person.profession", required=True)
    rpps = fields.String(attribute="person.rpps", required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True, metadata=described("Those that their profession opens"))
    asked_at = fields.AwareDateTime(required=True)


class Enrolments(Schema):
    enrolments = fields.List(fields.Nested(EnrolmentOut), required=True)


class InvitationIn(RolesIn):
    """Whom an account shall be opened for."""

    family_name = fields.String(required=True, error_messages=REQUIRED, validate=at_most(80))
    given_name = fields.String(required=True, error_messages=REQUIRED, validate=at_most(80))
    profession = fields.String(load_default="", validate=at_most(8), metadata=described("TRE_G15-ProfessionSante"))
    email = fields.String(required=True, error_messages=REQUIRED, validate=at_most(254))


class InvitationOut(Schema):
    person = fields.String(required=True, metadata=described("A person's id"))
    name = fields.String(required=True)
    email = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class InvitationMade(Schema):
    person = fields.String(required=True, metadata=described("A person's id"))
    url = fields.String(
        attribute="link", required=True, metadata=described("Told this once: it opens the account, once")
    )
    mailed = fields.Boolean(required=True, metadata=described("Whether it leaves for the address too"))


class Invitations(Schema):
    invitations = fields.List(fields.Nested(InvitationOut), required=True)


@blueprint.get("/enrolments")
@blueprint.response(200, Enrolments)
def read_enrolments() -> dict[str, Any]:
    """Those whom the coordination has still to let in, first come first."""
    return {"enrolments": enrolments.waiting(session(), context().tenant)}


@blueprint.post("/enrolments/<person_id>/acceptance")
@blueprint.arguments(RolesIn)
@blueprint.response(204)
def accept_enrolment(body: dict[str, list[str]], person_id: str) -> None:
    """Let somebody in with these roles; the session must be of the last ten minutes (401 `recent-sign-in-required`)."""
    by, parts = require_recent_sign_in().person, context()
    enrolments.grant(session(), parts.clock, parts.tenant, person_id, check_roles(body["roles"]), by.id)


@blueprint.post("/enrolments/<person_id>/refusal")
@blueprint.response(204)
def refuse_enrolment(person_id: str) -> None:
    """Do not let somebody in; 409 when that was answered already."""
    enrolments.refuse(session(), context().clock, context().tenant, person_id, person().id)


@blueprint.get("/invitations")
@blueprint.response(200, Invitations)
def read_invitations() -> dict[str, Any]:
    """The invitations that nobody has used yet, the last one first."""
    found = invitations.waiting(session(), context().clock, context().tenant)
    told = [
        {"person": who.id, "name": who.display, "email": one.login, "expires_at": one.expires_at} for who, one in found
    ]
    return {"invitations": told}


@blueprint.post("/invitations")
@blueprint.arguments(InvitationIn)
@blueprint.response(201, InvitationMade)
def make_invitation(body: dict[str, Any]) -> Invited:
    """Invite somebody; the session must be of the last ten minutes. 409 when there is an account of that address."""
    return invite_person(require_recent_sign_in().person, body)
