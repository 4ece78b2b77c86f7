"""`POST /api/cases`: a professional's program begins a case, once however often it asks."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from inbox.request import desk, require_sign_in
from inbox.schemas import REQUIRED, described
from inbox.starting.screens import OWN, asked, begun, first_task
from inbox.task.boxes import boxes_of
from pathways import beginning

LONGEST_KEY = 120
blueprint = Blueprint("starting_api", __name__, url_prefix="/api", description="Cases that professionals begin")
blueprint.before_request(require_sign_in)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "The same key again is the same case; for other content 409",
}


class Traits(Schema):
    """Who somebody is: known by these four traits, or somebody new."""

    nom = fields.String(required=True, error_messages=REQUIRED, metadata=described("Birth name"))
    prenom = fields.String(required=True, error_messages=REQUIRED, metadata=described("First of the birth names"))
    naissance = fields.Date(required=True, error_messages=REQUIRED)
    sexe = fields.String(required=True, validate=validate.OneOf(("F", "M", "I"), error="F, M ou I."))


class Opening(Schema):
    """Which pathway begins for whom; `patient` is somebody of one's own circle, else `identity` says who it is."""

    pathway = fields.String(required=True, error_messages=REQUIRED, metadata=described("Its key"))
    patient = fields.String(load_default="")
    identity = fields.Nested(Traits, load_default=None, allow_none=True)
    role = fields.String(load_default="", metadata=described("One of one's roles, when one holds several"))
    answers = fields.Dict(
        keys=fields.String(), values=fields.Raw(allow_none=True), load_default=dict,
        metadata=described("The answers to the form of the pathway's start, by field key"),
    )  # fmt: skip


class Opened(Schema):
    case = fields.String(required=True)
    task = fields.String(allow_none=True, required=True, metadata=described("One's own first task in it"))


@blueprint.post("/cases")
@blueprint.arguments(Opening())
@blueprint.response(201, Opened, headers={"Location": {"schema": {"type": "string"}}})
@blueprint.doc(parameters=[KEY])
def begin_case(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Begin a case. 422 names the fields to look at again, 403 says in words why this person may not."""
    own = {"_cle": request.headers.get("Idempotency-Key", ""), "_role": body["role"], "_patient": body["patient"]}
    who = {OWN + name: str(value) for name, value in (body["identity"] or {}).items()}
    boxes = {**boxes_of(body["answers"]), **own, **who}
    case = beginning.begin(desk().session, desk().context, asked(desk(), body["pathway"], boxes))
    begun()
    return {"case": case, "task": first_task(desk(), case)}, {"Location": f"/api/cases/{case}"}
