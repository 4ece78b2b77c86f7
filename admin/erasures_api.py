"""The REST interface of the register of erasures: as JSON the latest, as CSV all of them."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from admin.access import register_reader
from admin.erasure import REASONS
from admin.erasures import SHOWN, register, sheet
from inbox.request import require_sign_in
from inbox.schemas import described

blueprint = Blueprint("erasures_api", __name__, url_prefix="/api/erasures", description="The register of erasures")
blueprint.before_request(require_sign_in)
JSON, CSV = "application/json", "text/csv"
FILE = {"schema": {"type": "string", "format": "binary"}}


class Erasure(Schema):
    """One person erased, by their number alone, and what stays as proof."""

    patient = fields.String(attribute="number", required=True, metadata=described("Leads to no name any more"))
    at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, metadata=described(", ".join(REASONS)))
    by = fields.String(required=True, metadata=described("The name of who did it"))
    merged = fields.Integer(required=True, metadata=described("Identities that were one with it and are erased too"))
    cases = fields.Integer(required=True, metadata=described("Cases that stay counted"))
    looks = fields.Integer(required=True, metadata=described("Looks that stay noted, as long as looks are kept"))
    entries = fields.Integer(required=True, metadata=described("Entries of the journal"))


class Erasures(Schema):
    erasures = fields.List(fields.Nested(Erasure), required=True)
    more = fields.Boolean(required=True, metadata=described(f"Only the latest {SHOWN} are told; the CSV has all"))


@blueprint.get("")
@blueprint.response(200, Erasures)
@blueprint.doc(responses={200: {"content": {CSV: FILE}}})
def read_erasures() -> ResponseReturnValue | dict[str, Any]:
    """Who was erased, the latest first; as a spreadsheet (`Accept: text/csv`) all of them."""
    register_reader()
    if request.accept_mimetypes.best_match((JSON, CSV)) == CSV:
        return sheet()
    found, more = register(SHOWN)
    return {"erasures": found, "more": more}
