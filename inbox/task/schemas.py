"""What the REST interface takes and gives around a task and in the thread of its case."""

from marshmallow import Schema, fields, validate

from care.case.thread import LONGEST
from inbox.case.exchanges import CALLS
from inbox.schemas import REQUIRED, described
from inbox.task.outcomes import PRIORITIES
from inbox.task.refusals import REASONS, WORDS

PERSON = described("A person's id; GET …/colleagues lists those to whom it may be given")


def words(*, required: bool = False) -> fields.String:
    limit = validate.Length(max=LONGEST, error=f"Pas plus de {LONGEST} caractères.")
    return fields.String(required=True, error_messages=REQUIRED, validate=limit) if required else fields.String(
        load_default="", validate=limit
    )  # fmt: skip


def one_of(*keys: str) -> fields.String:
    wrong = validate.OneOf(keys, error=f"L’une de ces valeurs : {', '.join(keys)}.")
    return fields.String(required=True, error_messages=REQUIRED, validate=wrong)


class AnswerDraftBody(Schema):
    """An answer that is not finished: nothing of it is checked."""

    answers = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), load_default=dict)
    device = fields.String(load_default="", validate=validate.Length(max=32, error="Pas plus de 32 caractères."))
    revision = fields.Integer(load_default=None, allow_none=True, metadata=described("The last one that is known here"))


class KeptAnswerDraft(Schema):
    revision = fields.Integer(required=True)
    saved_at = fields.AwareDateTime(required=True)
    words = fields.String(required=True, metadata=described("For the person; says when another device had written"))


class AnswerDraft(Schema):
    revision = fields.Integer(required=True)
    saved_at = fields.AwareDateTime(required=True)
    answers = fields.Dict(attribute="boxes", keys=fields.String(), values=fields.Raw(), required=True)


class RefusalBody(Schema):
    kind = one_of(*WORDS)
    reason = one_of(*REASONS)
    words = words()


class Refused(Schema):
    foreseen = fields.Boolean(required=True, metadata=described("The pathway itself says what happens then"))


class QuestionBody(Schema):
    to = fields.String(required=True, error_messages=REQUIRED, metadata=described("Of the circle, or the coordination"))
    words = words(required=True)


class GivingBody(Schema):
    to = fields.String(required=True, error_messages=REQUIRED, metadata=PERSON)
    words = words()


class PlanBody(Schema):
    urgency = one_of(*PRIORITIES)
    follow_up_at = fields.AwareDateTime(load_default=None, allow_none=True)


class RequestBody(Schema):
    words = words(required=True)


class ColleagueQuery(Schema):
    q = fields.String(load_default="", metadata=described("Words of a name or profession"))


class Colleague(Schema):
    person = fields.String(attribute="person.id", required=True)
    name = fields.String(attribute="person.display", required=True)
    quality = fields.String(required=True)


class CommentBody(Schema):
    words = words(required=True)
    task = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=16, error="Un identifiant."))


class CallBody(Schema):
    outcome = one_of(*CALLS)


class CaseComment(Schema):
    id = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    heading = fields.String(required=True)
    text = fields.String(required=True)
    corrected_at = fields.AwareDateTime(allow_none=True, required=True)


class UnseenComments(Schema):
    """How many comments are not for this person."""

    count = fields.Integer(required=True)
    words = fields.String(required=True, metadata=described("As the screens say it; empty when nothing is withheld"))


class CaseThread(Schema):
    comments = fields.List(fields.Nested(CaseComment), required=True, metadata=described("The oldest first"))
    withheld = fields.Nested(UnseenComments, required=True)


class WrittenHere(Schema):
    id = fields.String(required=True)


class CaseDocument(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    size = fields.Integer(required=True)


class CaseFile(Schema):
    file = fields.Raw(required=True, error_messages=REQUIRED, metadata={"type": "string", "format": "binary"})
