"""Duty rosters over REST: the same rules as on the screens."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

import re
from datetime import date, time, timedelta
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from base.errors import Forbidden, Invalid
from inbox.request import context, desk, require_sign_in
from inbox.schemas import REQUIRED, described
from people.rosters import duty, duty_absences, duty_import, duty_swaps
from people.rosters.duty import Turn

blueprint = Blueprint("duty_api", __name__, url_prefix="/api/duty", description="Who is on duty, and when")
blueprint.before_request(require_sign_in)
SECTOR_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
NEAR = validate.Range(date(2000, 1, 1), date(2200, 1, 1), error="Une date entre 2000 et 2200.")
ID = validate.Length(max=16, error="16 caractères au plus.")


class Window(Schema):
    since = fields.Date(
        load_default=None, allow_none=True, validate=NEAR, metadata=described("The first day; today when absent")
    )
    days = fields.Integer(load_default=7, validate=validate.Range(1, 92, error="De 1 à 92 jours."))


class Turned(Schema):
    sector = fields.String(required=True, error_messages=REQUIRED)
    kind = fields.String(load_default=duty.EFFECTION, metadata=described("effection, regulation or visite"))
    since = fields.AwareDateTime(required=True, error_messages=REQUIRED)
    until = fields.AwareDateTime(required=True, error_messages=REQUIRED)
    person = fields.String(load_default="", validate=ID, metadata=described("Oneself when empty"))
    place = fields.String(load_default="")


class Shift(Turned):
    id = fields.String(required=True)


class Gap(Schema):
    """What nobody covers; a shift of somebody absent covers nothing."""

    sector = fields.String(required=True)
    kind = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)


class Roster(Schema):
    shifts = fields.List(fields.Nested(Shift), required=True)
    gaps = fields.List(fields.Nested(Gap), required=True)
    missed = fields.List(fields.String(), required=True, metadata=described("Shifts of somebody absent then, by id"))


class Sector(Schema):
    key = fields.String(required=True)
    name = fields.String(required=True)
    communes = fields.List(fields.String(), required=True)
    on_duty = fields.List(fields.Nested(Shift), required=True)


class Now(Schema):
    sectors = fields.List(fields.Nested(Sector), required=True)


class SectorBody(Schema):
    name = fields.String(
        required=True, error_messages=REQUIRED, validate=validate.Length(1, 120, error="De 1 à 120 caractères.")
    )
    communes = fields.List(fields.String(), load_default=list)


class SectorWritten(SectorBody):
    key = fields.String(required=True)


class RosterFile(Schema):
    file = fields.Raw(required=True, error_messages=REQUIRED, metadata={"type": "string", "format": "binary"})


class RosterAsked(Schema):
    sector = fields.String(load_default="", metadata=described("For the lines that name none"))
    write = fields.Boolean(load_default=False, metadata=described("Otherwise nothing is written"))


class RosterLine(Schema):
    """A line of the file; `turn` as far as it was read, `known` when the roster has it already."""

    number = fields.Integer(required=True)
    text = fields.String(required=True)
    error = fields.String(required=True, metadata=described("Why it cannot be written, empty when it can"))
    known = fields.Boolean(required=True)
    turn = fields.Nested(Turned, required=True, allow_none=True)


class RosterReport(Schema):
    lines = fields.List(fields.Nested(RosterLine), required=True)
    written = fields.Boolean(required=True)


class Proposal(Schema):
    shift = fields.String(required=True, error_messages=REQUIRED, validate=ID)
    taker = fields.String(required=True, error_messages=REQUIRED, validate=ID)


class Answer(Schema):
    accepts = fields.Boolean(required=True, error_messages=REQUIRED)


class Swap(Schema):
    id = fields.String(required=True)
    shift = fields.String(required=True)
    giver = fields.String(required=True)
    taker = fields.String(required=True)
    state = fields.String(required=True, metadata=described("proposed, accepted, refused or withdrawn"))


class Swaps(Schema):
    swaps = fields.List(fields.Nested(Swap), required=True)


@blueprint.get("")
@blueprint.arguments(Window, location="query")
@blueprint.response(200, Roster)
def read_roster(query: dict[str, Any]) -> dict[str, Any]:
    """The shifts that begin or go on in some days, and the gaps of their periods."""
    first, calendar = query["since"] or desk().today, context().calendar
    since, until = (calendar.at(first + timedelta(days=n), time()) for n in (0, query["days"]))
    gaps = duty.gaps(desk().session, calendar, desk().tenant, first, query["days"])
    shifts = duty.between(desk().session, desk().tenant, since, until)
    missed = duty_absences.missed(desk().session, desk().tenant, {one.id for one in shifts})
    return {"shifts": shifts, "gaps": gaps, "missed": sorted(missed)}


@blueprint.get("/now")
@blueprint.response(200, Now)
def read_now() -> dict[str, Any]:
    """Who is on duty now, by sector."""
    there = duty.on_duty(desk().session, desk().tenant, desk().now)
    known = duty.sectors(desk().session, desk().tenant)
    return {"sectors": [{**vars(one), "on_duty": there[one.key]} for one in known]}


@blueprint.put("/sectors/<key>")
@blueprint.arguments(SectorBody)
@blueprint.response(200, SectorWritten)
def write_sector(body: dict[str, Any], key: str) -> Any:
    """Add a sector, or write it anew; for whoever organises the duties."""
    if not SECTOR_KEY.fullmatch(key):
        raise Invalid("Cette clé ne convient pas.", {"key": "Des lettres, des chiffres et des tirets."})
    return duty.write_sector(desk().session, desk().tenant, desk().person, key, body["name"], body["communes"])


@blueprint.post("/imports")
@blueprint.arguments(RosterFile, location="files")
@blueprint.arguments(RosterAsked, location="query")
@blueprint.response(200, RosterReport)
def import_roster(files: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """What an iCalendar or CSV file would write, line by line; written when `write` says so."""
    if not duty.is_organiser(desk().person):
        raise Forbidden("Seule la coordination organise les gardes.")
    parts = (desk().session, context().calendar, desk().tenant)
    lines = duty_import.plan(*parts, files["file"].stream.read(duty_import.LARGEST + 1), query["sector"])
    if query["write"]:
        session, calendar, tenant = parts
        lines = duty_import.carry_out(session, context().clock, calendar, tenant, lines, desk().person)
    return {"lines": lines, "written": query["write"]}


@blueprint.post("")
@blueprint.arguments(Turned)
@blueprint.response(201, Shift)
def add_shift(body: dict[str, Any]) -> Any:
    """Take a duty, or give one when one organises them."""
    turn = Turn(**{**body, "person": body["person"] or desk().person.id})
    return duty.write(desk().session, context().clock, context().calendar, desk().tenant, turn, desk().person)


@blueprint.delete("/<shift_id>")
@blueprint.response(204)
def remove_shift(shift_id: str) -> None:
    """Take a shift off the roster."""
    duty.remove(desk().session, context().clock, desk().tenant, shift_id, desk().person)


@blueprint.get("/swaps")
@blueprint.response(200, Swaps)
def read_swaps() -> dict[str, Any]:
    """What one was asked, and what one asked, without an answer yet."""
    return {"swaps": duty_swaps.waiting(desk().session, desk().tenant, desk().person.id)}


@blueprint.post("/swaps")
@blueprint.arguments(Proposal)
@blueprint.response(201, Swap)
def propose_swap(body: dict[str, Any]) -> Any:
    """Ask somebody to take a shift of one's own."""
    parts = (desk().session, context().clock, context().calendar, desk().tenant)
    return duty_swaps.propose(*parts, body["shift"], body["taker"], desk().person)


@blueprint.post("/swaps/<swap_id>/answer")
@blueprint.arguments(Answer)
@blueprint.response(200, Swap)
def answer_swap(body: dict[str, Any], swap_id: str) -> Any:
    """Accept or refuse."""
    parts = (desk().session, context().clock, context().calendar, desk().tenant)
    return duty_swaps.answer(*parts, swap_id, desk().person, accepts=body["accepts"])


@blueprint.delete("/swaps/<swap_id>")
@blueprint.response(204)
def withdraw_swap(swap_id: str) -> None:
    """Keep the shift after all."""
    duty_swaps.withdraw(desk().session, context().clock, desk().tenant, swap_id, desk().person)
