"""Absences, weekly unavailability and delegates over REST: the same rules as on the screens."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from inbox.request import context, desk, finish, require_sign_in
from inbox.schemas import REQUIRED, described
from pathways import standing_in as routing
from people.rosters import absences, delegates, duty_absences, unavailability
from people.rosters.absences import Wish
from people.sign_in import accounts

blueprint = Blueprint("availability_api", __name__, url_prefix="/api", description="Absences, delegates, weekly hours")
blueprint.before_request(require_sign_in)
AT_ONCE = 50
ID = validate.Length(max=16, error="16 caractères au plus.")
WHOSE = described("Whose; oneself when empty. Delegates and the coordination name others")


class Whose(Schema):
    person = fields.String(load_default="", validate=ID, metadata=WHOSE)


class Declaration(Whose):
    since = fields.AwareDateTime(required=True, error_messages=REQUIRED)
    until = fields.AwareDateTime(required=True, error_messages=REQUIRED)
    reason = fields.String(load_default="conges", metadata=described("conges, formation, maladie or autre"))
    substitute = fields.String(load_default="", validate=ID, metadata=described("Who stands in; else the rule decides"))
    note = fields.String(load_default="", metadata=described("Nothing medical, no patient"))


class Absence(Schema):
    id = fields.String(required=True)
    person = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    way = fields.String(required=True, metadata=described("remplacant, or regle: the pathway's rule"))
    substitute = fields.String(allow_none=True, required=True)
    note = fields.String(required=True)
    planned_until = fields.AwareDateTime(required=True)
    missed_shifts = fields.List(fields.String(), required=True, metadata=described("Duties that fall into it, by id"))


class OtherSubstitute(Schema):
    substitute = fields.String(load_default="", validate=ID, metadata=described("Nobody when empty: the rule decides"))


class Absences(Schema):
    absences = fields.List(fields.Nested(Absence), required=True)


class Weekly(Whose):
    weekday = fields.Integer(required=True, error_messages=REQUIRED, metadata=described("1 is Monday"))
    from_time = fields.String(required=True, error_messages=REQUIRED, metadata={"example": "13:00"})
    to_time = fields.String(required=True, error_messages=REQUIRED, metadata={"example": "24:00"})
    every_weeks = fields.Integer(load_default=1, metadata=described("1 or 2"))
    first_day = fields.Date(required=True, error_messages=REQUIRED)
    last_day = fields.Date(load_default=None, allow_none=True)


class KnownWeekly(Weekly):
    id = fields.String(required=True)


class Week(Schema):
    unavailability = fields.List(fields.Nested(KnownWeekly), required=True)


class Grant(Whose):
    delegate = fields.String(required=True, error_messages=REQUIRED, validate=ID)
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class Delegation(Schema):
    id = fields.String(required=True)
    person = fields.String(required=True)
    delegate = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(allow_none=True, required=True)


class Delegates(Schema):
    delegates = fields.List(fields.Nested(Delegation), required=True)


@blueprint.get("/absences")
@blueprint.arguments(Whose, location="query")
@blueprint.response(200, Absences)
def read_absences(query: dict[str, Any]) -> dict[str, Any]:
    """What is declared for a person and not over yet."""
    return {"absences": _shown(absences.of_person(desk().session, context().clock, desk().tenant, _whose(query)))}


@blueprint.post("/absences")
@blueprint.arguments(Declaration)
@blueprint.response(201, Absence)
def declare(body: dict[str, Any]) -> Any:
    """Declare an absence. 409 says in words which other absence stands against it."""
    substitute = _substitute(body)
    way = absences.SUBSTITUTE if substitute else absences.RULE
    wish = Wish(_whose(body), body["since"], body["until"], body["reason"], way, substitute, body["note"])
    declared = absences.declare(desk().session, context().clock, context().calendar, desk().tenant, wish, desk().person)
    (shown,) = _shown([declared])
    _move_at_once()
    return shown


@blueprint.delete("/absences/<absence_id>")
@blueprint.response(200, Absence)
def end(absence_id: str) -> Any:
    """Back early, or not leaving at all."""
    ended = absences.end(desk().session, context().clock, desk().tenant, absence_id, desk().person)
    (shown,) = _shown([ended])
    _move_at_once()
    return shown


@blueprint.put("/absences/<absence_id>/substitute")
@blueprint.arguments(OtherSubstitute)
@blueprint.response(200, Absence)
def choose_substitute(body: dict[str, str], absence_id: str) -> Any:
    """Somebody else stands in from now on; what was said of the time before stays."""
    parts = (desk().session, context().clock, context().calendar, desk().tenant)
    changed = absences.choose_substitute(*parts, absence_id, _substitute(body), desk().person)
    (shown,) = _shown([changed])
    _move_at_once()
    return shown


@blueprint.get("/unavailability")
@blueprint.arguments(Whose, location="query")
@blueprint.response(200, Week)
def read_week(query: dict[str, Any]) -> dict[str, Any]:
    """The half-days of every week on which a person does not work."""
    return {"unavailability": unavailability.of_person(desk().session, desk().tenant, _whose(query))}


@blueprint.post("/unavailability")
@blueprint.arguments(Weekly)
@blueprint.response(201, KnownWeekly)
def add_week(body: dict[str, Any]) -> Any:
    """Add a half-day."""
    return unavailability.add(
        desk().session, context().clock, desk().tenant, desk().person, **{**body, "person": _whose(body)}
    )


@blueprint.delete("/unavailability/<unavailability_id>")
@blueprint.response(204)
def remove_week(unavailability_id: str) -> None:
    """Take a half-day away."""
    unavailability.remove(desk().session, context().clock, desk().tenant, unavailability_id, desk().person)


@blueprint.get("/delegates")
@blueprint.arguments(Whose, location="query")
@blueprint.response(200, Delegates)
def read_delegates(query: dict[str, Any]) -> dict[str, Any]:
    """Who acts for a person."""
    return {"delegates": delegates.of_person(desk().session, context().clock, desk().tenant, _whose(query))}


@blueprint.post("/delegates")
@blueprint.arguments(Grant)
@blueprint.response(201, Delegation)
def grant(body: dict[str, Any]) -> Any:
    """Let somebody act for a person."""
    parts = (desk().session, context().clock, desk().tenant)
    return delegates.grant(*parts, _whose(body), body["delegate"], desk().person, until=body["until"])


@blueprint.delete("/delegates/<delegation_id>")
@blueprint.response(204)
def withdraw(delegation_id: str) -> None:
    """End a delegation."""
    delegates.withdraw(desk().session, context().clock, desk().tenant, delegation_id, desk().person)


def _shown(found: list[absences.Absence]) -> list[dict[str, Any]]:
    """Each with the duties that fall into it."""
    missed = duty_absences.missed_in(desk().session, desk().tenant, {one.id for one in found})
    return [{**vars(one), "missed_shifts": [shift.id for shift in missed.get(one.id, ())]} for one in found]


def _substitute(body: dict[str, Any]) -> str | None:
    """Raises Conflict for who could not open what comes to them."""
    if body["substitute"]:
        accounts.check_comes_in(desk().session, body["substitute"])
    return body["substitute"] or None


def _whose(said: dict[str, Any]) -> str:
    """Raises NotFound, Forbidden."""
    whose = said["person"] or desk().person.id
    absences.may_speak_for(desk().session, context().clock, desk().tenant, whose, desk().person)
    return str(whose)


def _move_at_once() -> None:
    finish(commit=True)
    routing.sweep(context(), AT_ONCE)
