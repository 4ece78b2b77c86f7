"""The REST interface of a forgotten password: ask for a link, and set a new password by it."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from inbox.request import context
from inbox.schemas import REQUIRED, described
from inbox.session import forgotten

blueprint = Blueprint("forgotten_api", __name__, url_prefix="/api/password", description="A forgotten password")


class PasswordDemand(Schema):
    login = fields.String(
        required=True, error_messages=REQUIRED, validate=validate.Length(1, forgotten.LONGEST, error="254 au plus.")
    )


class RenewedPassword(Schema):
    token = fields.String(
        required=True, error_messages=REQUIRED, load_only=True, validate=validate.Length(max=100),
        metadata=described("What the link that was sent ends with"),
    )  # fmt: skip
    password = fields.String(required=True, error_messages=REQUIRED, load_only=True)


@blueprint.post("/links")
@blueprint.arguments(PasswordDemand)
@blueprint.response(202)
@blueprint.doc(security=[])
def ask_for_link(body: dict[str, str]) -> None:
    """Ask for a link by mail. The answer is the same for every login; what is asked too often is left out."""
    with context().database.begin() as session:
        forgotten.ask(session, context(), body["login"], request.remote_addr or "")


@blueprint.put("")
@blueprint.arguments(RenewedPassword)
@blueprint.response(204)
@blueprint.doc(security=[])
def renew_password(body: dict[str, str]) -> None:
    """Set a new password by a link, once; every session of the account ends. A second factor is asked at sign-in."""
    with context().database.begin() as session:
        forgotten.renew(session, context(), body["token"], body["password"])
