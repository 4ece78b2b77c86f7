"""What a person settles for their own screens, over REST: which keys act, and whether it is light or dark."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from inbox.lists import habits
from inbox.request import desk, require_sign_in
from inbox.schemas import REQUIRED, described

blueprint = Blueprint("habits_api", __name__, url_prefix="/api/preferences", description="One's own screens")
blueprint.before_request(require_sign_in)


class ScreenPreferences(Schema):
    shortcuts = fields.List(
        fields.String(validate=validate.OneOf(list(habits.KEYS), error=f"L’une de : {', '.join(habits.KEYS)}.")),
        required=True,
        error_messages=REQUIRED,
        metadata=described("The keys that act"),
    )
    theme = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.OneOf(list(habits.THEMES), error="light, dark, ou rien."),
        metadata=described("light, dark, or empty: as the device is"),
    )


@blueprint.get("")
@blueprint.response(200, ScreenPreferences)
def read_preferences() -> dict[str, Any]:
    """What is settled now."""
    found = habits.habits(desk())
    silent = habits.silent_keys(found)
    return {"shortcuts": [key for key in habits.KEYS if key not in silent], "theme": found.get(habits.THEME, "")}


@blueprint.put("")
@blueprint.arguments(ScreenPreferences)
@blueprint.response(204)
def settle_preferences(body: dict[str, Any]) -> None:
    """Settle both; keys that are not named act no more."""
    habits.settle(desk(), keys=body["shortcuts"], theme=body["theme"])
