"""What the REST interface of the cockpit takes and gives."""

from marshmallow import Schema, fields, validate

from admin.cockpit.wanted import STANDINGS
from inbox.schemas import REQUIRED, described


class Figures(Schema):
    """Counting stops at 100: beyond, a figure tells nobody what to do."""

    late = fields.Integer(required=True, metadata=described("Late tasks"))
    urgent = fields.Integer(required=True, metadata=described("Of those, urgent ones; 0 when counting stopped"))
    stuck = fields.Integer(required=True, metadata=described("Cases that are stuck"))
    unanswered = fields.Integer(required=True, metadata=described("Tasks open for more than two days"))
    nobodys = fields.Integer(required=True, metadata=described("Tasks whose roles nobody who is there holds"))
    active = fields.Integer(required=True, metadata=described("Cases that run; counting stops at 1000"))


class Whom(Schema):
    name = fields.String(required=True)
    phone = fields.String(required=True)
    away = fields.Boolean(required=True)


class WaitingTask(Schema):
    """A task that waits too long."""

    task = fields.String(required=True)
    case = fields.String(required=True)
    title = fields.String(required=True)
    pathway = fields.String(required=True)
    patient = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(allow_none=True, required=True)
    late = fields.Boolean(required=True)
    urgency = fields.String(required=True, metadata=described("p1, p2 or p3"))
    whom = fields.Nested(Whom, required=True)


class WaitingQuery(Schema):
    after = fields.String(load_default="", metadata=described("The `after` of the page before: the list goes on there"))


class WaitingPage(Schema):
    tasks = fields.List(fields.Nested(WaitingTask), required=True, attribute="lines")
    after = fields.String(required=True, metadata=described("Where the next page begins; empty on the last"))


class Station(Schema):
    element = fields.String(required=True)
    name = fields.String(required=True)
    cases = fields.Integer(required=True, metadata=described("Counting stops at 100"))
    late = fields.Integer(required=True)


class Way(Schema):
    """A pathway with the steps where its cases stand."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    running = fields.Integer(required=True)
    stations = fields.List(fields.Nested(Station), required=True)
    more = fields.Integer(required=True, metadata=described("Steps left out, where fewer cases stand"))


class Cockpit(Schema):
    figures = fields.Nested(Figures, required=True)
    pathways = fields.List(fields.Nested(Way), required=True)


class Load(Schema):
    """What waits for a person or a profession, and how they answered in the last thirty days."""

    key = fields.String(required=True, metadata=described("A person's id, or the name of a profession"))
    name = fields.String(required=True)
    people = fields.Integer(required=True)
    open = fields.Integer(required=True)
    late = fields.Integer(required=True)
    oldest_at = fields.AwareDateTime(allow_none=True, required=True)
    answered = fields.Integer(required=True)
    median_minutes = fields.Integer(allow_none=True, required=True, metadata=described("From offered to answered"))


class Loads(Schema):
    """Counted every five minutes; null before the first count."""

    at = fields.AwareDateTime(allow_none=True, required=True)
    people = fields.List(fields.Nested(Load), required=True)
    professions = fields.List(fields.Nested(Load), required=True)


class Entrusting(Schema):
    tasks = fields.List(fields.String(), required=True, validate=validate.Length(1, 50), error_messages=REQUIRED)
    to = fields.String(required=True, error_messages=REQUIRED, metadata=described("A person's id"))


class Stopping(Schema):
    reason = fields.String(required=True, error_messages=REQUIRED, metadata=described("erreur, doublon, depart…"))


class ActiveQuery(Schema):
    """How the list of a pathway's patients is narrowed."""

    standing = fields.String(
        load_default="en-cours", validate=validate.OneOf(tuple(STANDINGS), error="Cet état n’est pas connu.")
    )
    step = fields.String(load_default="")
    commune = fields.String(load_default="")
    person = fields.String(load_default="")
    after = fields.String(load_default="", metadata=described("Not of an export"))


class Column(Schema):
    variable = fields.String(required=True)
    label = fields.String(required=True)
    category = fields.String(required=True)


class ActivePatient(Schema):
    """A case of the pathway as it is now."""

    case = fields.String(required=True)
    patient = fields.String(attribute="patient.name", required=True)
    birth_date = fields.Date(attribute="patient.birth_date", required=True)
    commune = fields.String(attribute="patient.commune", required=True)
    standing = fields.String(required=True, metadata=described("What it waits for"))
    whom = fields.String(required=True, metadata=described("Who is awaited"))
    since = fields.AwareDateTime(allow_none=True, required=True)
    due_at = fields.AwareDateTime(allow_none=True, required=True)
    late = fields.Boolean(required=True)
    stuck = fields.Boolean(required=True)
    opened_at = fields.AwareDateTime(required=True)
    values = fields.List(fields.String(), required=True, metadata=described("In the order of `columns`"))


class ActivePage(Schema):
    key = fields.String(required=True)
    title = fields.String(required=True)
    columns = fields.List(fields.Nested(Column), required=True)
    patients = fields.List(fields.Nested(ActivePatient), required=True, attribute="lines")
    after = fields.String(required=True, metadata=described("Where the next page begins; empty on the last"))
