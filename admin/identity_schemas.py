"""What the REST interface of identities takes and gives."""

from marshmallow import Schema, fields, validate

from admin.erasure import REASONS
from care.identity.status import STATUSES
from inbox.schemas import REQUIRED, at_most, described

ID = validate.Length(1, 16, error="Un identifiant.")


def patient_id() -> fields.String:
    return fields.String(required=True, error_messages=REQUIRED, validate=ID)


class PatientSearch(Schema):
    q = fields.String(
        required=True, error_messages=REQUIRED, validate=at_most(200),
        metadata=described("Names, a birth date (04/03/1950), an INS; all must be found"),
    )  # fmt: skip


class FoundPatient(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)
    birth_date = fields.Date(required=True)
    sex = fields.String(required=True, metadata=described("F, M or I"))
    commune = fields.String(required=True)
    identity_status = fields.String(attribute="status", required=True, metadata=described(", ".join(STATUSES)))


class PatientPage(Schema):
    patients = fields.List(fields.Nested(FoundPatient), required=True)
    more = fields.Boolean(required=True, metadata=described("Say more words: only the first fifty are shown"))


class PatientIdentity(Schema):
    """The traits of an identity (RNIV)."""

    name = fields.String(required=True)
    birth_name = fields.String(required=True)
    given_names = fields.List(fields.String(), required=True)
    used_name = fields.String(required=True)
    sex = fields.String(required=True, metadata=described("F, M or I"))
    birth_date = fields.Date(required=True)
    birth_place = fields.String(required=True, metadata=described("INSEE code"))
    phone = fields.String(required=True)
    address = fields.String(required=True)
    status = fields.String(required=True, metadata=described(", ".join(STATUSES)))
    ins = fields.String(required=True, metadata=described("Masked; empty unless the identity is qualified"))


class StatusMove(Schema):
    status = fields.String(required=True)
    affirms = fields.String(required=True, metadata=described("What whoever does it affirms"))


class IdentityDeed(Schema):
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    what = fields.String(required=True)


class KnownPatient(Schema):
    """A patient as far as the person may know them; without `identity`, only `id`, `erased` and `running` are there."""

    id = fields.String(required=True)
    erased = fields.Boolean(required=True)
    running = fields.Integer(required=True, metadata=described("Cases that have not ended"))
    identity = fields.Nested(PatientIdentity, required=True, allow_none=True)
    merged_into = fields.String(allow_none=True, metadata=described("Whom this patient is known as"))
    moves = fields.List(fields.Nested(StatusMove), metadata=described("The statuses that the person may give"))
    cases = fields.List(fields.String(), metadata=described("Those that the person may see"))
    deeds = fields.List(
        fields.Nested(IdentityDeed), metadata=described("What was done to the identity, the latest first")
    )


class WholeIns(Schema):
    ins = fields.String(required=True)


class StatusIn(Schema):
    status = fields.String(
        required=True, error_messages=REQUIRED, validate=validate.OneOf(STATUSES, error="PROV, VALI, RECUP ou QUAL.")
    )


class PatientExport(Schema):
    """Everything held about a person: identity, cases with their answers, circle of care, rights, looks."""

    exporte_le = fields.String(required=True, metadata={"format": "date-time"})
    identite = fields.Dict(required=True)
    dossiers = fields.List(fields.Dict(), required=True)
    cercle_de_soins = fields.List(fields.Dict(), required=True)
    consentements = fields.List(fields.Dict(), required=True)
    oppositions = fields.List(fields.Dict(), required=True)
    consultations = fields.List(fields.Dict(), required=True)
    journal_de_l_identite = fields.List(fields.Dict(), required=True)


class ErasureIn(Schema):
    reason = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.OneOf(list(REASONS), error=f"L’une de ces valeurs : {', '.join(REASONS)}."),
    )


class DuplicateSide(PatientIdentity):
    id = fields.String(required=True)


class DuplicatePair(Schema):
    patients = fields.List(fields.Nested(DuplicateSide), required=True, metadata=described("Two"))
    reason = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)


class DuplicatePairs(Schema):
    duplicates = fields.List(fields.Nested(DuplicatePair), required=True)


class PairIn(Schema):
    patient = patient_id()
    other = patient_id()


class MergeIn(Schema):
    """The surer identity stays: 422 otherwise."""

    kept = patient_id()
    gone = patient_id()


class MergeOut(Schema):
    id = fields.String(required=True)
    kept = fields.String(required=True)
    gone = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True, metadata=described("A person's id"))
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    undone_by = fields.String(required=True, allow_none=True)


class MergeMade(MergeOut):
    stopped = fields.Integer(required=True, metadata=described("Cases that an opposition of either stops"))


class Merges(Schema):
    merges = fields.List(fields.Nested(MergeOut), required=True)
