"""The REST interface of the version that a case follows: what the one in force changes, and going over to it."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from admin.access import mover
from admin.follow import row_of
from inbox.request import context, desk, require_sign_in
from pathways import moving
from pathways.moving import Move

blueprint = Blueprint("moving_api", __name__, url_prefix="/api/runs", description="The version that a case follows")
blueprint.before_request(require_sign_in)


class VersionChange(Schema):
    kind = fields.String(required=True, metadata={"description": "added, removed or changed"})
    element = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    parts = fields.List(fields.String(), required=True, metadata={"description": "name, type, roles, form"})
    renamed = fields.List(
        fields.String(),
        allow_none=True,
        required=True,
        metadata={"description": "What it was called, and what it is called now"},
    )


class FollowedVersion(Schema):
    """The version that a case follows, and what it would meet in the one in force."""

    version = fields.Integer(required=True)
    newer = fields.Integer(allow_none=True, required=True, metadata={"description": "The one in force, if it is newer"})
    changes = fields.List(fields.Nested(VersionChange), required=True)
    decisions = fields.List(fields.String(), required=True, metadata={"description": "Decision files that differ"})
    obstacles = fields.List(fields.String(), required=True, metadata={"description": "In French; empty when it may go"})


class ChosenVersion(Schema):
    version = fields.Integer(required=True, strict=True, metadata={"description": "The `newer` that was read"})


@blueprint.get("/<case>/version")
@blueprint.response(200, FollowedVersion)
def read_version(case: str) -> dict[str, Any]:
    """Which version a case follows, and what would change in the one in force."""
    mover()
    row = row_of(case)
    return _told(row.version, moving.foresee(desk().session, context(), case))


@blueprint.put("/<case>/version")
@blueprint.arguments(ChosenVersion)
@blueprint.response(204)
def choose_version(said: dict[str, int], case: str) -> None:
    """Let a case go on with the version in force; 409 names what stands in the way."""
    who = mover()
    row_of(case)
    moving.move(desk().session, context(), case, said["version"], who.id)


def _told(version: int, found: Move | None) -> dict[str, Any]:
    if found is None:
        return {"version": version, "newer": None, "changes": [], "decisions": [], "obstacles": []}
    changes = [asdict(one) for one in found.changes]
    return {
        "version": version,
        "newer": found.after.number,
        "changes": changes,
        "decisions": found.decisions,
        "obstacles": found.obstacles,
    }
