"""What the REST interface takes and gives about sessions."""

from marshmallow import Schema, fields, validate

from inbox.schemas import REQUIRED, described
from people.sign_in import entrance

STEP = described("Names the sign-in that is under way, for ten minutes")


class Credentials(Schema):
    login = fields.String(required=True, error_messages=REQUIRED)
    password = fields.String(required=True, error_messages=REQUIRED, load_only=True)


class Session(Schema):
    """Who is signed in."""

    person = fields.String(required=True, metadata=described("The person's id"))
    name = fields.String(required=True)
    profession = fields.String(required=True)
    roles = fields.List(fields.String(), required=True, metadata=described("In which the person acts now"))
    held_roles = fields.List(fields.String(), required=True, metadata=described("All that the person holds"))
    way = fields.String(required=True, metadata=described("password, code, recovery, passkey or psc"))
    situation = fields.String(required=True, metadata=described("Where the person practises now, if it was chosen"))
    csrf = fields.String(required=True, metadata=described("To be shown in X-CSRF-Token by every change"))


class SignInStep(Schema):
    """What is still missing: post it to the address of that name under `/api/session/`."""

    step = fields.String(required=True, metadata=STEP)
    need = fields.String(
        required=True,
        validate=validate.OneOf((entrance.SECOND_FACTOR, entrance.ENROLMENT, entrance.SITUATION, entrance.CHARTER)),
        metadata=described("`second_factor`, `charter`, or `enrolment` and `situation`, which only the screens ask"),
    )
    charter = fields.String(metadata=described("The charter's version, when it is to be accepted"))
    text = fields.String(metadata=described("The charter's text"))


class Code(Schema):
    step = fields.String(required=True, error_messages=REQUIRED, metadata=STEP)
    code = fields.String(
        required=True, error_messages=REQUIRED, metadata=described("Of the telephone, or one of recovery")
    )


class Acceptance(Schema):
    step = fields.String(required=True, error_messages=REQUIRED, metadata=STEP)
    version = fields.String(
        required=True, error_messages=REQUIRED, metadata=described("The charter's version that was shown")
    )


class Acting(Schema):
    role = fields.String(
        required=True, error_messages=REQUIRED, metadata=described("One of the roles held; empty for all of them")
    )


class LivingSession(Schema):
    """A device on which the person is signed in."""

    id = fields.String(required=True)
    device = fields.String(required=True)
    way = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True)
    current = fields.Boolean(required=True, metadata=described("The one that asks"))


class LivingSessions(Schema):
    sessions = fields.List(fields.Nested(LivingSession), required=True)


class PasskeyChallenge(Schema):
    """What the browser's `navigator.credentials` is asked with."""

    step = fields.String(required=True, metadata=STEP)
    options = fields.Dict(required=True, metadata=described("WebAuthn options, binary values in base64url"))


class PasskeyAnswer(Schema):
    step = fields.String(required=True, error_messages=REQUIRED, metadata=STEP)
    credential = fields.Dict(
        required=True, error_messages=REQUIRED, metadata=described("The browser's answer, `toJSON()`")
    )


class NewPasskey(PasskeyAnswer):
    name = fields.String(required=True, error_messages=REQUIRED, metadata=described("What the person calls it"))


class Passkey(Schema):
    id = fields.String(required=True)
