"""The REST interface of the directory: people found and read, and one's own entry changed."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from base.errors import Forbidden, Invalid
from inbox.directory import KEEPERS, LONGEST, changeable, known
from inbox.request import desk, require_sign_in
from inbox.schemas import at_most, described
from people.directory import groups, profiles, search
from people.directory.profiles import MOST_NEW_PATIENTS, Commune, Profile
from people.directory.search import Wanted
from people.persons import Person

blueprint = Blueprint("directory_api", __name__, url_prefix="/api/directory", description="Who is there")
blueprint.before_request(require_sign_in)


class PersonRow(Schema):
    """A professional as lists show them."""

    id = fields.String(required=True)
    name = fields.String(required=True, attribute="display")
    profession = fields.String(required=True)
    profession_code = fields.String(required=True, metadata=described("TRE_G15-ProfessionSante"))
    rpps = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True)
    email = fields.String(required=True)


class PersonPage(Schema):
    people = fields.List(fields.Nested(PersonRow), required=True)
    more = fields.Boolean(required=True)


class PlaceOut(Schema):
    name = fields.String(required=True)
    address = fields.String(required=True)
    commune = fields.String(required=True, attribute="commune.name")
    commune_code = fields.String(required=True, attribute="commune.code")
    phone = fields.String(required=True)
    mssante = fields.String(required=True)


class PersonOut(PersonRow):
    """A professional with what they offer."""

    speciality = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    skills = fields.List(fields.String(), required=True)
    visits = fields.List(fields.String(), required=True, metadata=described("Communes, by INSEE code"))
    home_visits = fields.Boolean(required=True)
    unscheduled = fields.Boolean(required=True)
    new_patients = fields.Integer(required=True, metadata=described("How many a month"))
    member = fields.Boolean(required=True)
    practices = fields.List(fields.Nested(PlaceOut), required=True)
    groups = fields.List(fields.String(), required=True)


class PersonQuery(Schema):
    q = fields.String(load_default="", validate=at_most(LONGEST))
    profession = fields.String(load_default="", validate=at_most(8))
    commune = fields.String(load_default="", validate=at_most(5))
    skill = fields.String(load_default="", validate=at_most(120))
    new_patients = fields.Boolean(load_default=False)
    unscheduled = fields.Boolean(load_default=False)
    home_visits = fields.Boolean(load_default=False)
    members = fields.Boolean(load_default=False)
    after = fields.String(load_default="", validate=at_most(16))


@blueprint.get("/people")
@blueprint.arguments(PersonQuery, location="query")
@blueprint.response(200, PersonPage)
def find_people(query: dict[str, Any]) -> dict[str, Any]:
    """Professionals by name, profession, commune, skill and what they accept."""
    wanted = Wanted(text=query.pop("q"), **query)
    found, more = search.find(desk().session, desk().tenant, wanted)
    return {"people": found, "more": more}


@blueprint.get("/people/<person_id>")
@blueprint.response(200, PersonOut)
def read_person(person_id: str) -> dict[str, Any]:
    """One professional."""
    return _entry(known(person_id))


class EntryChange(Schema):
    """What a professional offers; what is not said stays as it is."""

    speciality = fields.String(attribute="speciality_name", validate=at_most(LONGEST))
    mssante = fields.String(validate=at_most(LONGEST))
    languages = fields.List(
        fields.String(validate=validate.Regexp("^[a-zA-Z]{2,8}$", error="Un code de langue, par exemple fr.")),
        validate=validate.Length(max=12, error="12 langues au plus."),
    )
    skills = fields.List(
        fields.String(validate=validate.Length(1, 120, error="De 1 à 120 caractères.")),
        validate=validate.Length(max=30, error="30 compétences au plus."),
    )
    visits = fields.List(fields.String(validate=at_most(5)), metadata=described("Communes, by INSEE code"))
    home_visits = fields.Boolean()
    unscheduled = fields.Boolean()
    new_patients = fields.Integer(
        strict=True,
        validate=validate.Range(0, MOST_NEW_PATIENTS, error=f"De 0 à {MOST_NEW_PATIENTS}."),
        metadata=described("How many a month"),
    )
    member = fields.Boolean(metadata=described("Of the CPTS: said by the coordination"))


@blueprint.patch("/people/<person_id>")
@blueprint.arguments(EntryChange)
@blueprint.response(200, PersonOut)
def change_person(body: dict[str, Any], person_id: str) -> dict[str, Any]:
    """Change an entry of the directory: everybody their own, the coordination everybody's."""
    who = changeable(person_id)
    before = profiles.profile(desk().session, desk().tenant, who.id)
    profiles.save(desk().session, desk().context.clock, desk().tenant, _changed(before, body))
    return _entry(who)


def _changed(before: Profile, body: dict[str, Any]) -> Profile:
    """Raises Invalid, Forbidden."""
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
    if said.get("member", before.member) != before.member and not desk().person.roles & KEEPERS:
        raise Forbidden("Qui est membre de la CPTS se dit par la coordination.")
    if "visits" in said:
        said["visited"] = _visited(said.pop("visits"))
    if "languages" in said:
        said["languages"] = tuple(language.strip().casefold() for language in said["languages"])
    return replace(before, **said)


def _visited(codes: tuple[str, ...]) -> tuple[Commune, ...]:
    """Raises Invalid for a commune that nobody works in."""
    there = {commune.code: commune for commune in search.communes(desk().session, desk().tenant)}
    if unknown := sorted(set(codes) - there.keys()):
        raise Invalid("Une réponse à revoir.", {"visits": f"Commune inconnue ici : {', '.join(unknown)}."})
    return tuple(there[code] for code in dict.fromkeys(codes))


def _entry(who: Person) -> dict[str, Any]:
    said = profiles.profile(desk().session, desk().tenant, who.id)
    visits = [commune.code for commune in said.visited]
    named = {"display": who.display, "speciality": said.speciality_name, "visits": visits}
    theirs = groups.groups_of(desk().session, desk().tenant, who.id)
    return {**vars(said), **vars(who), **named, "groups": theirs}
