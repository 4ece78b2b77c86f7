"""What the REST interface of failed work takes and gives."""

from marshmallow import Schema, fields

from admin.failures.failed import REASONS


def described(text: str) -> dict[str, str]:
    return {"description": text}


class FailedJob(Schema):
    """A piece of background work that has failed for good."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True, metadata=described("What it was to do, in French"))
    consequence = fields.String(required=True, metadata=described("What is missing as long as it is not done"))
    why = fields.String(required=True, metadata=described("Why it failed, in French"))
    case = fields.String(allow_none=True, required=True)
    partner = fields.String(allow_none=True, required=True)
    attempts = fields.Integer(required=True)
    asked_at = fields.AwareDateTime(required=True)
    failed_at = fields.AwareDateTime(required=True, metadata=described("When the last attempt failed"))


class FailedJobGivenUp(Schema):
    reason = fields.String(required=True, metadata=described(f"One of {', '.join(REASONS)}"))
