"""The REST interface of failed work: list it, try it again, give it up."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from flask_smorest import Blueprint

from admin.access import follower
from admin.failures import failed, schemas
from admin.failures.failed import Failure
from inbox.request import context, require_sign_in, session

blueprint = Blueprint("failures_api", __name__, url_prefix="/api/failed-jobs", description="Work that has failed")
blueprint.before_request(require_sign_in)


@blueprint.get("")
@blueprint.response(200, schemas.FailedJob(many=True))
def read_failed_jobs() -> list[Failure]:
    """The background work that has failed for good, the latest first."""
    follower()
    return failed.failures(session(), context())


@blueprint.post("/<job>/retry")
@blueprint.response(204)
def retry_failed_job(job: str) -> None:
    """Try it again, with all its attempts before it; 404 when it has not failed, or no longer."""
    failed.retry(session(), context(), follower().id, job)


@blueprint.post("/<job>/give-up")
@blueprint.arguments(schemas.FailedJobGivenUp)
@blueprint.response(204)
def give_up_failed_job(said: dict[str, str], job: str) -> None:
    """Drop it for good; the log keeps who did and why."""
    failed.give_up(session(), context(), follower().id, job, said["reason"])
