"""The coordination's list of accesses in an emergency: who opened what and why, looked at, told to the patient."""

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin.access import coordination, sees_patients, watcher
from care.case import cases
from care.identity.patients import patients
from care.sharing import break_glass
from care.sharing.break_glass import Access
from inbox.patient import describe
from inbox.request import context, desk, require_sign_in
from people.persons import persons
from people.roles import label

blueprint = Blueprint("emergencies", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)


@dataclass(frozen=True)
class Line:
    """One access with its names, and the patient's number, which names nobody."""

    access: Access
    who: str
    role: str
    number: str
    patient: str
    reviewed_by: str
    informed_by: str


@blueprint.get("/acces-en-urgence")
def listing() -> ResponseReturnValue:
    """The last accesses, those that nobody has looked at first."""
    named = sees_patients(watcher())
    return render_template("admin/emergencies.html", lines=lines(), named=named, now_=desk().now)


@blueprint.post("/acces-en-urgence/<access>/vu")
def review(access: str) -> ResponseReturnValue:
    break_glass.review(desk().session, context().clock, desk().tenant, access, by=coordination().id)
    return redirect(url_for("emergencies.listing"), 303)


@blueprint.post("/acces-en-urgence/<access>/informe")
def inform(access: str) -> ResponseReturnValue:
    """The patient was told."""
    break_glass.inform(desk().session, context().clock, desk().tenant, access, by=coordination().id)
    return redirect(url_for("emergencies.listing"), 303)


def lines() -> list[Line]:
    """The last accesses, those that nobody has looked at first; without patient and reason for data protection."""
    found = break_glass.accesses(desk().session, context().vault, desk().tenant)
    shown = _named(found) if sees_patients(watcher()) else [_nameless(line) for line in _named(found)]
    return sorted(shown, key=lambda line: line.access.reviewed_at is not None)


def _nameless(line: Line) -> Line:
    return replace(line, patient="", access=replace(line.access, reason=""))


def _named(found: list[Access]) -> list[Line]:
    ids = {one for each in found for one in (each.person, each.reviewed_by, each.informed_by) if one}
    people = {key: who.display for key, who in persons(desk().session, ids).items()}
    whose = {each.case: cases.case(desk().session, each.case).patient for each in found}
    known = patients(desk().session, context().vault, set(whose.values()))
    names = {key: describe(one, desk().today).name for key, one in known.items()}
    return [
        Line(
            each, people.get(each.person, ""), label(each.role), whose[each.case], names.get(whose[each.case], ""),
            people.get(each.reviewed_by or "", ""), people.get(each.informed_by or "", ""),
        )
        for each in found
    ]  # fmt: skip
