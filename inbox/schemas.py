"""What the REST interface of the inbox takes and gives."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from care.sharing.visibility import CATEGORIES

REQUIRED: dict[str, Any] = {"required": "Ce champ est attendu.", "null": "Ce champ est attendu."}


def described(text: str) -> dict[str, str]:
    return {"description": text}


def at_most(most: int) -> validate.Length:
    return validate.Length(max=most, error=f"{most} caractères au plus.")


class Patient(Schema):
    name = fields.String(required=True)
    birth_date = fields.Date(allow_none=True)
    sex = fields.String(allow_none=True)
    identity_status = fields.String(required=True, metadata=described("PROV, VALI, RECUP or QUAL"))


class TaskRow(Schema):
    """A task of the list."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    title = fields.String(required=True)
    pathway = fields.String(required=True)
    patient = fields.Nested(Patient, required=True)
    why = fields.String(required=True, metadata=described("Why this person sees it"))
    created_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(allow_none=True)
    urgency = fields.String(required=True, metadata=described("p1, p2 or p3"))


class AnswerLine(Schema):
    label = fields.String(required=True, metadata=described("The question"))
    value = fields.String(required=True, metadata=described("The answer, as a person reads it"))


class Withheld(Schema):
    """How many answers the person's role does not show them, and of which kinds."""

    count = fields.Integer(required=True)
    categories = fields.List(fields.String(), required=True, metadata=described(", ".join(CATEGORIES)))
    words = fields.String(required=True, metadata=described("As the screens say it; empty when nothing is withheld"))


class EarlierAnswer(Schema):
    """What was answered in the case before, as far as the person may see it."""

    title = fields.String(required=True, metadata=described("What was asked"))
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    lines = fields.List(fields.Nested(AnswerLine), required=True)
    withheld = fields.Nested(Withheld, required=True)


class Choice(Schema):
    value = fields.String(attribute="text", required=True)
    label = fields.String(required=True)


class FormField(Schema):
    """A field to be answered, with what it holds already."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    kind = fields.String(required=True)
    required = fields.Boolean(required=True)
    unit = fields.String(required=True)
    hint = fields.String(required=True)
    options = fields.List(fields.Nested(Choice), required=True)
    value = fields.Raw(required=True, metadata=described("A text, or texts where several choices may be made"))


class Activity(Schema):
    """Something that the task offers to begin."""

    element = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True, metadata=described("Why one would, in the author's words"))
    begun = fields.Integer(required=True, metadata=described("How often it was begun"))
    running = fields.Integer(required=True, metadata=described("How many of those are not done yet"))
    free = fields.Boolean(required=True, metadata=described("Whether it can be begun now"))


class Beginning(Schema):
    """Which activity to begin. 409 when it was begun more often than `seen`."""

    element = fields.String(load_default="", metadata=described("One of the task's `activities`"))
    seen = fields.Integer(load_default=None, allow_none=True, metadata=described("How often the caller saw it begun"))


class Task(TaskRow):
    state = fields.String(required=True, metadata=described("open, completed or cancelled"))
    assignee = fields.String(allow_none=True)
    fields_ = fields.List(fields.Nested(FormField), required=True, data_key="fields")
    activities = fields.List(
        fields.Nested(Activity), required=True, metadata=described("What may be begun in it, as often as one likes")
    )
    answers = fields.List(fields.Nested(EarlierAnswer), required=True, metadata=described("The latest first"))


class Completion(Schema):
    """The answers by field key; numbers and booleans may stand as such."""

    answers = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), load_default=dict)


class Completed(Schema):
    task = fields.String(required=True)
    next = fields.String(allow_none=True, required=True, metadata=described("The task that comes first now"))
    remaining = fields.Integer(required=True)


class Wordless(Schema):
    """What an address may say. Words are posted: they may name a patient, and addresses are kept in many places."""

    @pre_load
    def refuse_words(self, said: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        if said.get("q"):
            raise ValidationError("Une adresse ne porte pas de mots : envoyez-les par POST …/search.", "q")
        return said


class CaseTab(Schema):
    list = fields.String(
        load_default="en-cours", validate=validate.OneOf(("en-cours", "termines"), error="en-cours ou termines.")
    )


class CaseQuery(Wordless, CaseTab):
    """One of the lists of cases."""


class CaseSearch(CaseTab):
    """The cases that all words speak of."""

    q = fields.String(
        load_default="", validate=validate.Length(max=80), metadata=described("A patient, a pathway, a task")
    )


class CaseRow(Schema):
    id = fields.String(required=True)
    title = fields.String(required=True)
    patient = fields.Nested(Patient, required=True)
    standing = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(allow_none=True)


class CasePage(Schema):
    cases = fields.List(fields.Nested(CaseRow), required=True)
    more = fields.Boolean(required=True)


class Step(Schema):
    element = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, metadata=described("done, here, late, stuck or todo"))
    note = fields.String(required=True)


class CaseEvent(Schema):
    """Something that happened in a case, as its page tells it."""

    at = fields.AwareDateTime(required=True)
    what = fields.String(required=True)
    detail = fields.String(required=True, metadata=described("By whom, and for whom when they stood in for somebody"))


class Case(CaseRow):
    version = fields.Integer(required=True, metadata=described("The pathway's version"))
    steps = fields.List(fields.Nested(Step), required=True)
    history = fields.List(fields.Nested(CaseEvent), required=True, metadata=described("The latest first"))
    answers = fields.List(fields.Nested(EarlierAnswer), required=True, metadata=described("The latest first"))
