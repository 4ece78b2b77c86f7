"""What the REST interface of the clinical lead takes and gives."""

from marshmallow import Schema, fields, validate

from admin.cockpit.wanted import STANDINGS
from inbox.schemas import REQUIRED, described


class Finding(Schema):
    """One thing that a check found in a pathway's files."""

    severity = fields.String(required=True, metadata=described("error or warning"))
    file = fields.String(required=True)
    element = fields.String(required=True)
    line = fields.Integer(required=True)
    message = fields.String(required=True)
    hint = fields.String(required=True)
    code = fields.String(required=True)


class Seen(Schema):
    revision = fields.String(
        validate=validate.Length(1, 64, error="De 1 à 64 signes."),
        metadata=described("The `revision` that you read: whoever wrote after it is not written over"),
    )


class Findings(Schema):
    errors = fields.Integer(required=True)
    warnings = fields.Integer(required=True)
    findings = fields.List(fields.Nested(Finding), required=True)


class PathwayRow(Schema):
    """A pathway of the list."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    mission = fields.String(required=True)
    version = fields.Integer(attribute="number", allow_none=True, metadata=described("The version that new cases take"))
    published_at = fields.AwareDateTime(allow_none=True)
    has_draft = fields.Boolean(required=True)
    running = fields.Integer(required=True, metadata=described("Cases that run now, of any version"))


class Version(Schema):
    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata=described("published or retired"))
    digest = fields.String(required=True)
    note = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    published_by = fields.String(required=True)


class Pathway(PathwayRow):
    versions = fields.List(fields.Nested(Version), required=True)
    files = fields.List(fields.String(), required=True, metadata=described("Of the draft, or of what is published"))
    revision = fields.String(required=True, metadata=described("Names the content of these files"))


class Revision(Schema):
    revision = fields.String(required=True, metadata=described("Names the content of the draft as it is now"))


class SavedDraft(Findings, Revision):
    """What the checks say of what was kept."""


class StepChange(Schema):
    kind = fields.String(required=True, metadata=described("added, removed or changed"))
    element = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    parts = fields.List(fields.String(), required=True, metadata=described("name, type, roles, form, settings"))
    renamed = fields.List(
        fields.String(),
        allow_none=True,
        required=True,
        metadata=described("What it was called, and what it is called now"),
    )


class ParameterChange(Schema):
    label = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class VersionChanges(Schema):
    before = fields.Integer(required=True, allow_none=True, metadata=described("The version compared with"))
    steps = fields.List(fields.Nested(StepChange), required=True)
    decisions = fields.List(fields.String(), required=True, metadata=described("Decision files that differ"))
    parameters = fields.List(fields.Nested(ParameterChange), required=True)


class Draft(Seen):
    """The diagram to keep as the draft."""

    diagram = fields.String(
        required=True,
        metadata=described("BPMN 2.0 XML"),
        validate=validate.Length(min=1, error="Le dessin est vide."),
        error_messages=REQUIRED,
    )


class Parameter(Schema):
    value = fields.String(required=True, error_messages=REQUIRED, metadata=described("As it is written: 3, P2D, PT4HO"))
    source = fields.String(required=True, error_messages=REQUIRED, metadata=described("Where the value comes from"))


class Parameters(Seen):
    """Those to change in the draft, by name."""

    parameters = fields.Dict(keys=fields.String(), values=fields.Nested(Parameter), required=True)


class Publication(Seen):
    note = fields.String(
        required=True,
        metadata=described("What changes, in one sentence"),
        validate=validate.Length(1, 2000, error="De 1 à 2000 signes."),
        error_messages=REQUIRED,
    )


class Published(Schema):
    key = fields.String(required=True)
    version = fields.Integer(required=True)


class RunQuery(Schema):
    """How the list of cases is narrowed."""

    standing = fields.String(
        load_default="en-cours",
        validate=validate.OneOf(tuple(STANDINGS), error="Cet état n’est pas connu."),
        metadata=described("en-cours, en-retard, bloques or termines"),
    )
    pathway = fields.String(load_default="", metadata=described("The key of a pathway"))
    step = fields.String(load_default="", metadata=described("An element of its diagram where the case stands"))
    partner = fields.String(load_default="", metadata=described("Who opened it"))
    commune = fields.String(load_default="", metadata=described("Where the patient lives"))
    person = fields.String(load_default="", metadata=described("For whom one of its open tasks waits"))
    after = fields.String(load_default="", metadata=described("The `after` of the page before: the list goes on there"))


class RunRow(Schema):
    """A case of the list; identities are on the screens only."""

    id = fields.String(required=True)
    pathway = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, metadata=described("active, completed, cancelled or failed"))
    end_state = fields.String(allow_none=True)
    started_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    open_tasks = fields.Integer(required=True)
    late_tasks = fields.Integer(required=True)
    incidents = fields.Integer(required=True)
    next_due = fields.AwareDateTime(allow_none=True)


class RunPage(Schema):
    runs = fields.List(fields.Nested(RunRow), required=True)
    after = fields.String(
        allow_none=True, required=True, metadata=described("Where the next page begins; null on the last")
    )


class Token(Schema):
    element = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    since = fields.AwareDateTime(required=True)


class Timer(Schema):
    id = fields.String(required=True, metadata=described("Within its case"))
    element = fields.String(required=True)
    name = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)
    since = fields.AwareDateTime(required=True)
    expression = fields.String(required=True, metadata=described("What the diagram says of when it is due"))


class Deadline(Schema):
    due_at = fields.AwareDateTime(
        required=True,
        metadata=described("A moment to come, with its offset"),
        error_messages={
            "required": "Ce champ est attendu.",
            "invalid": "Indiquez un instant ISO 8601, avec son décalage.",
            "invalid_awareness": "Indiquez le décalage de l’heure, par exemple +01:00.",
        },
    )


class Incident(Schema):
    id = fields.String(required=True)
    element = fields.String(required=True)
    kind = fields.String(required=True)
    message = fields.String(required=True)
    state = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class Correction(Schema):
    name = fields.String(
        required=True,
        metadata=described("The value's name, as the incident's message says it"),
        error_messages=REQUIRED,
    )
    value = fields.String(
        required=True,
        metadata=described("A number, vrai or faux, an expression behind `=`, else a text"),
        error_messages=REQUIRED,
    )


class Run(RunRow):
    """A case with its tokens, its timers and what is stuck in it."""

    tokens = fields.List(fields.Nested(Token), required=True)
    timers = fields.List(fields.Nested(Timer), required=True)
    messages = fields.List(fields.String(), required=True, metadata=described("Names of the messages waited for"))
    incident_list = fields.List(fields.Nested(Incident), required=True)
    variables = fields.Dict(
        keys=fields.String(), values=fields.Raw(), allow_none=True,
        metadata=described("Of the case itself; null for who may not see what is clinical"),
    )  # fmt: skip
