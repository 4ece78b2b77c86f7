"""What the REST interface of the lists takes and gives."""

from marshmallow import Schema, fields, validate

from inbox.lists.bulk import MOST
from inbox.lists.wanted import DUE, LONGEST, TABS, URGENCIES
from inbox.schemas import REQUIRED, TaskRow, Wordless, described


def one_of(known: dict[str, str], *, empty: bool = False) -> validate.OneOf:
    values = (*known, "") if empty else tuple(known)
    return validate.OneOf(values, error=f"Attendu : {', '.join(known)}.")


def short(text: str) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=LONGEST), metadata=described(text))


class Narrowed(Schema):
    """How a list is narrowed and ordered."""

    list = fields.String(load_default="moi", validate=one_of(TABS), metadata=described("Which list"))
    pathway = short("The key of a pathway")
    commune = short("Where the patient lives")
    role = short("To which role it is offered")
    urgency = fields.String(load_default="", validate=one_of(URGENCIES, empty=True))
    due = fields.String(load_default="", validate=one_of(DUE, empty=True), metadata=described("When it is due"))
    columns = fields.Dict(
        keys=fields.String(), values=fields.String(), load_default=dict,
        metadata=described("Values of columns that the pathway declares, by their variable; in a search only"),
    )  # fmt: skip
    sort = fields.String(
        load_default="echeance",
        validate=validate.Length(max=LONGEST),
        metadata=described("echeance, urgence, attente, patient, commune, parcours, role, or c. and a column"),
    )
    after = short("The `after` of the page before: the list goes on there")
    q = short("Words: of a patient, a commune, a task, a pathway; all are looked for")


class Addressed(Wordless, Narrowed):
    """How a list is narrowed by an address: by nothing that was typed, which may name a patient."""

    class Meta:
        exclude = ("columns", "q")


class TaskPage(Schema):
    tasks = fields.List(fields.Nested(TaskRow), required=True)
    more = fields.Boolean(required=True)
    after = fields.String(required=True, metadata=described("Where the next page begins; empty on the last"))
    cut = fields.Boolean(
        required=True,
        metadata=described("A long list is put in that order 500 tasks at a time, those due first before others"),
    )
    meant = fields.String(allow_none=True, required=True, metadata=described("A commune perhaps meant, on no result"))
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata=described("Of what waits for roles no more than 100 of each are counted"),
    )  # fmt: skip


class View(Schema):
    id = fields.String(required=True, dump_only=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=60), error_messages=REQUIRED)
    role = fields.String(allow_none=True, load_default=None, metadata=described("The role that it is shared with"))
    own = fields.Boolean(dump_only=True, metadata=described("Whether this person may take it away"))
    narrowed = fields.Nested(Narrowed, load_default=dict, load_only=True)


class Views(Schema):
    views = fields.List(fields.Nested(View), required=True)


class Lot(Schema):
    act = fields.String(
        required=True,
        validate=validate.OneOf(("claim", "follow", "complete", "hand-over"), error="Geste inconnu."),
        error_messages=REQUIRED,
    )
    tasks = fields.List(
        fields.String(), required=True, validate=validate.Length(min=1, max=MOST), error_messages=REQUIRED
    )
    to = fields.String(load_default="", metadata=described("To whom they are handed over"))


class Line(Schema):
    task = fields.String(required=True)
    title = fields.String(required=True)
    refused = fields.String(required=True, metadata=described("Why nothing was done; empty when it was"))


class LotLines(Schema):
    """Each task was a transaction of its own."""

    lines = fields.List(fields.Nested(Line), required=True)
