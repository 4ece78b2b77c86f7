"""The directory's pages: who is there, what they offer, how to reach them; everybody keeps their own entry."""

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Forbidden, Invalid, NotFound
from inbox.desk import Desk
from inbox.request import desk, finish, require_sign_in
from people import persons
from people.directory import groups, profiles, search
from people.directory.profiles import Commune, Profile
from people.directory.search import Wanted
from people.persons import Person
from people.professions import PROFESSIONS
from people.roles import label
from people.rosters.absences import COORDINATOR

blueprint = Blueprint("directory", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)

KEEPERS = frozenset({"coordinateur", "admin"})
OFFERS = {
    "new_patients": "Prend de nouveaux patients",
    "unscheduled": "Soins non programmés",
    "home_visits": "Visites à domicile",
    "members": "Membre de la CPTS",
}
NOT_YOURS = "Une fiche de l’annuaire se modifie par la personne elle-même ou par la coordination."
LONGEST = 240


@blueprint.get("/annuaire")
def people() -> ResponseReturnValue:
    """The directory, searched and filtered."""
    wanted = _wanted(request.args)
    found, more = search.find(desk().session, desk().tenant, wanted)
    told = profiles.profiles(desk().session, desk().tenant, [person.id for person in found])
    return render_template(
        "inbox/directory.html",
        rows=[(person, told[person.id]) for person in found],
        more=more,
        wanted=wanted,
        offers=OFFERS,
        professions=PROFESSIONS,
        communes=search.communes(desk().session, desk().tenant),
        skills=search.skills(desk().session, desk().tenant),
        keeps=bool(desk().person.roles & KEEPERS),
        asked={name: value for name, value in asdict(wanted).items() if value and name != "after"},
    )


@blueprint.get("/annuaire/<person_id>")
def person(person_id: str) -> ResponseReturnValue:
    """One professional."""
    who = known(person_id)
    said = profiles.profile(desk().session, desk().tenant, who.id)
    return render_template(
        "inbox/directory_person.html",
        who=who,
        said=said,
        languages=[profiles.LANGUAGES.get(one, one) for one in said.languages],
        groups=groups.groups_of(desk().session, desk().tenant, who.id),
        is_referent=_is_referent(who),
        roles=[label(role) for role in sorted(who.roles)],
        may_change=who.active and _may_change(who),
        may_end=who.id != desk().person.id and bool(desk().person.roles & KEEPERS),
        absences=_absences(who),
        kept="garde" in request.args,
        modes=profiles.MODES,
    )


@blueprint.get("/annuaire/<person_id>/modifier")
def form(person_id: str) -> ResponseReturnValue:
    """What the directory says of a professional, to be changed."""
    who = changeable(person_id)
    return _form(who, profiles.profile(desk().session, desk().tenant, who.id), {})


@blueprint.post("/annuaire/<person_id>/modifier")
def change(person_id: str) -> ResponseReturnValue:
    """Keep what was written."""
    who = changeable(person_id)
    before = profiles.profile(desk().session, desk().tenant, who.id)
    try:
        after = _written(before)
        profiles.save(desk().session, desk().context.clock, desk().tenant, after)
    except Invalid as error:
        finish(commit=False)
        return _form(who, before, error.fields), 422
    return redirect(url_for("directory.person", person_id=who.id, garde=1), 303)


def known(person_id: str) -> Person:
    """Somebody of the directory; who left it is seen by those who keep it. Raises NotFound."""
    found = persons.person(desk().session, person_id)
    if found.tenant != desk().tenant or not (found.active or desk().person.roles & KEEPERS):
        raise NotFound("Cette personne n’est pas dans l’annuaire.")
    return found


def _may_change(who: Person) -> bool:
    asking: Desk = desk()
    return who.id == asking.person.id or bool(asking.person.roles & KEEPERS)


def _absences(who: Person) -> str:
    """Where the absences of that person are told, for whom may tell them."""
    if who.id == desk().person.id:
        return url_for("availability.show")
    return url_for("availability.show", personne=who.id) if COORDINATOR in desk().person.roles else ""


def changeable(person_id: str) -> Person:
    """Somebody whose entry whoever asks may change. Raises NotFound, Forbidden."""
    who = known(person_id)
    if not _may_change(who):
        raise Forbidden(NOT_YOURS)
    return who


def _is_referent(who: Person) -> bool:
    named = groups.referents(desk().session, desk().tenant).get(who.profession_code)
    return named is not None and named.id == who.id


def _wanted(asked: Any) -> Wanted:
    texts = {"text": "q", "profession": "profession", "commune": "commune", "skill": "competence", "after": "apres"}
    told: dict[str, Any] = {name: asked.get(word, "").strip()[:LONGEST] for name, word in texts.items()}
    return Wanted(**told | {name: name in asked for name in OFFERS})


def _written(before: Profile) -> Profile:
    """What the form says, on top of what it does not show. Raises Invalid."""
    said = request.form
    accepted = said.get("new_patients", "").strip() or "0"
    if not accepted.isdecimal() or len(accepted) > 3:
        raise Invalid("Une réponse à revoir.", {"new_patients": f"Un nombre entre 0 et {profiles.MOST_NEW_PATIENTS}."})
    return replace(
        before,
        speciality_name=said.get("speciality_name", "").strip()[:LONGEST],
        mssante=said.get("mssante", "").strip()[:LONGEST],
        languages=tuple(part.casefold()[:8] for part in said.get("languages", "").replace(",", " ").split()[:12]),
        skills=tuple(part.strip()[:120] for part in said.get("skills", "").split(",")[:30] if part.strip()),
        visited=_visited(said.getlist("visited")),
        home_visits="home_visits" in said,
        unscheduled="unscheduled" in said,
        new_patients=int(accepted),
        member="member" in said if desk().person.roles & KEEPERS else before.member,
    )


def _visited(codes: list[str]) -> tuple[Commune, ...]:
    there = {commune.code: commune for commune in search.communes(desk().session, desk().tenant)}
    return tuple(there[code] for code in dict.fromkeys(codes) if code in there)


def _form(who: Person, said: Profile, errors: dict[str, str]) -> str:
    return render_template(
        "inbox/directory_form.html",
        who=who,
        said=said,
        errors=errors,
        communes=search.communes(desk().session, desk().tenant),
        keeps=bool(desk().person.roles & KEEPERS),
    )
