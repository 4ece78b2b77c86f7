"""The REST interface of departures: an entry of the directory is closed, or opened again."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from flask_smorest import Blueprint

from inbox import departures
from inbox.request import require_sign_in

blueprint = Blueprint(
    "departures_api", __name__, url_prefix="/api/directory/people", description="Who practises here no longer"
)
blueprint.before_request(require_sign_in)


@blueprint.put("/<person_id>/departure")
@blueprint.response(204)
def end_practice(person_id: str) -> None:
    """They practise here no longer: their sessions end and nobody finds them; 409 while tasks are in their hands.

    The session must be of the last ten minutes (401 `recent-sign-in-required`).
    """
    departures.end(person_id)


@blueprint.delete("/<person_id>/departure")
@blueprint.response(204)
def begin_practice_again(person_id: str) -> None:
    """They are back, with the account and the roles that they had."""
    departures.begin_again(person_id)
