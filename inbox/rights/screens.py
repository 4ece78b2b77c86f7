"""The pages of the patient's rights: the circle of care, what the patient wants, who looked, access in an emergency."""

from datetime import datetime, time, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Invalid
from care.case import cases
from care.case.cases import Case
from care.guard import ENDING
from care.sharing import access, break_glass, circle, consents
from care.sharing.consents import AUDIENCES, CATEGORY, EVERYBODY, MODES, PERSON, PURPOSES, THIS_CASE, Reach
from care.sharing.visibility import RECIPIENTS
from inbox.form import text
from inbox.links.lines import of_cases
from inbox.patient import patient_of
from inbox.request import context, desk, finish, require_recent_sign_in, require_sign_in
from inbox.rights import rights
from inbox.task import gone
from inbox.task.page import note_look
from pathways import oppositions, sharing
from pathways.forms.answers import read_day
from people.directory import search
from people.persons import Person, person, persons
from people.roles import ROLES, label

blueprint = Blueprint("rights", __name__, template_folder="../templates")
blueprint.before_request(require_sign_in)
blueprint.add_app_template_filter(lambda words: words[:1].lower() + words[1:], "lower_first")
blueprint.add_app_template_global(break_glass.may_break, "may_break_glass")
FOUND = 8
CARE_ROLES = {role: words for role, words in ROLES.items() if role not in ("patient", "aidant", "admin", "auditeur")}


@blueprint.get("/dossiers/<case_id>/cercle")
def circle_page(case_id: str) -> ResponseReturnValue:
    """Who takes part, what the patient agreed to and refused; one may look for somebody to add."""
    note_look(desk(), case_id, "rights")
    return _circle_page(case_id)


@blueprint.post("/dossiers/<case_id>/cercle")
def invite(case_id: str) -> ResponseReturnValue:
    """Add a person or a structure."""
    found = rights.writer(desk(), case_id)
    me, parts = desk().person, (desk().session, context().clock, desk().tenant, found.patient)
    try:
        if "structure" in request.form:
            circle.add_structure(
                *parts, text("structure", 240), text("role", 60), text("titre", 60), by=me.id, number=text("numero", 14)
            )
        else:
            known = person(desk().session, _chosen())
            circle.invite(*parts, known.id, _role(known), text("titre", 60), by=me.id)
    except Invalid as error:
        finish(commit=False)
        return _circle_page(case_id, error), 422
    return redirect(url_for("rights.circle_page", case_id=case_id), 303)


@blueprint.post("/dossiers/<case_id>/cercle/<membership>/fin")
def leave(case_id: str, membership: str) -> ResponseReturnValue:
    """End a part in the circle."""
    found = rights.keeper(desk(), case_id)
    circle.end(desk().session, context().clock, found.patient, membership, by=desk().person.id)
    back = url_for("rights.circle_page", case_id=case_id)
    return redirect(back if rights_left(case_id) else url_for("inbox.cases"), 303)


def rights_left(case_id: str) -> bool:
    """Whether who has just changed the circle is still of it."""
    known = {one.person for one in circle.members(desk().session, cases.case(desk().session, case_id).patient)}
    return desk().person.id in known or bool(desk().person.roles & ENDING)


@blueprint.get("/dossiers/<case_id>/accord")
def ask_consent(case_id: str) -> ResponseReturnValue:
    return _will_page(rights.writer(desk(), case_id), "accord")


@blueprint.post("/dossiers/<case_id>/accord")
def keep_consent(case_id: str) -> ResponseReturnValue:
    """Record that the patient agrees."""
    found = rights.writer(desk(), case_id)
    try:
        consents.record(
            desk().session, context().clock, desk().tenant, case=case_id, patient=found.patient, mode=_mode(),
            recorded_by=desk().person.id, reach=_reach(), until=_until(), proof=(context().vault, text("preuve")),
        )  # fmt: skip
    except Invalid as error:
        finish(commit=False)
        return _will_page(rights.keeper(desk(), case_id), "accord", error), 422
    return redirect(url_for("rights.circle_page", case_id=case_id), 303)


@blueprint.get("/dossiers/<case_id>/opposition")
def ask_opposition(case_id: str) -> ResponseReturnValue:
    return _will_page(rights.writer(desk(), case_id), "opposition")


@blueprint.post("/dossiers/<case_id>/opposition")
def keep_opposition(case_id: str) -> ResponseReturnValue:
    """First show what it stops; once confirmed, record it and stop that, at once."""
    found = rights.writer(desk(), case_id)
    try:
        reach, mode = _reach(), _mode()
        if "confirme" not in request.form:
            foreseen = oppositions.foresee(desk().session, context(), found.patient, reach)
            return _will_page(found, "opposition", foreseen=foreseen, towards=_towards(reach))
        me, proof = desk().person, text("preuve")
        stopped = oppositions.oppose(
            desk().session, context(), found.patient, reach, by=me, mode=mode, proof=proof, until=_until()
        )
        gone.tell_of(desk(), stopped)
    except Invalid as error:
        finish(commit=False)
        return _will_page(rights.keeper(desk(), case_id), "opposition", error), 422
    who = patient_of(desk(), found.patient)
    return render_template("inbox/opposed.html", case=found, patient=who, stopped=stopped, names=_names(stopped))


@blueprint.post("/dossiers/<case_id>/droits/<kind>/<row>/fin")
def end_will(case_id: str, kind: str, row: str) -> ResponseReturnValue:
    """Withdraw a consent, or lift an opposition."""
    found = rights.keeper(desk(), case_id)
    consents.end(desk().session, context().clock, found.patient, rights.known_kind(kind), row, by=desk().person.id)
    return redirect(url_for("rights.circle_page", case_id=case_id), 303)


@blueprint.get("/dossiers/<case_id>/consultations")
def looks(case_id: str) -> ResponseReturnValue:
    """« Qui a consulté ce dossier ? », to be answered to the patient."""
    found = rights.keeper(desk(), case_id)
    wanted = access.Wanted(request.args.get("par", "")[:16], _midnight("du"), _midnight("au", after=True))
    lines, people = rights.looks(desk(), found.patient, wanted)
    note_look(desk(), case_id, "looks")
    who = patient_of(desk(), found.patient)
    months = context().settings.access_log_months
    theirs = [one.id for one in cases.by_patient(desk().session, found.patient)]
    around = {"case": found, "patient": who, "lines": lines, "people": people, "months": months}
    around["links"] = of_cases(desk(), theirs)
    return render_template("inbox/looks.html", **around, filled=request.args)


@blueprint.get("/taches/<task_id>/urgence")
def ask_emergency_of_task(task_id: str) -> ResponseReturnValue:
    """From the refusal of a task to its case."""
    return redirect(url_for("rights.ask_emergency", case_id=rights.case_of_task(desk(), task_id)), 303)


@blueprint.get("/dossiers/<case_id>/urgence")
def ask_emergency(case_id: str) -> ResponseReturnValue:
    """Why is it urgent? Nothing of the case is shown here, not even whose it is."""
    require_recent_sign_in()
    cases.case(desk().session, case_id)
    return _emergency_page(case_id)


@blueprint.post("/dossiers/<case_id>/urgence")
def break_in(case_id: str) -> ResponseReturnValue:
    """Open the case for some hours."""
    require_recent_sign_in()
    try:
        sharing.open_in_emergency(
            desk().session, context(), desk().person, case_id, text("motif", 2000), vital="vitale" in request.form
        )
    except Invalid as error:
        finish(commit=False)
        return _emergency_page(case_id, error), 422
    note_look(desk(), case_id, "emergency")
    return redirect(url_for("inbox.case", case_id=case_id), 303)


@blueprint.post("/dossiers/<case_id>/urgence/fin")
def close_emergency(case_id: str) -> ResponseReturnValue:
    break_glass.end(desk().session, context().clock, desk().person, case_id)
    return redirect(url_for("inbox.cases"), 303)


def _circle_page(case_id: str, error: Invalid | None = None) -> str:
    found, sight = rights.open_case(desk(), case_id)
    words = request.args.get("q", request.form.get("q", "")).strip()[:80]
    people = search.find(desk().session, desk().tenant, search.Wanted(text=words), FOUND)[0] if words else []
    return render_template(
        "inbox/circle.html", case=found, patient=patient_of(desk(), found.patient),
        rights=rights.rights(desk(), found, sight), sight=sight, words=words, people=people, roles=CARE_ROLES,
        grounds=circle.GROUNDS, label=label, error=error, filled=request.form,
    )  # fmt: skip


def _will_page(
    found: Case,
    name: str,
    error: Invalid | None = None,
    foreseen: list[oppositions.Consequence] | None = None,
    towards: str = "",
) -> str:
    members = persons(desk().session, {one.person for one in circle.members(desk().session, found.patient)})
    return render_template(
        "inbox/will.html", case=found, name=name, patient=patient_of(desk(), found.patient), error=error,
        filled=request.form, titles=rights.pathway_titles(desk()), modes=MODES, purposes=PURPOSES,
        audiences=AUDIENCES, categories=RECIPIENTS, members=members, foreseen=foreseen, towards=towards,
        names=_names(foreseen or []),
    )  # fmt: skip


def _emergency_page(case_id: str, error: Invalid | None = None) -> str:
    may, hours = break_glass.may_break(desk().person), context().settings.emergency_hours
    around = {"case_id": case_id, "may": may, "hours": hours, "error": error, "filled": request.form}
    return render_template("inbox/emergency.html", **around)


def _names(stopped: list[oppositions.Consequence]) -> dict[str, str]:
    """Whom each open task waited for, by person or role."""
    tasks = [task for one in stopped for task in one.tasks]
    known = persons(desk().session, {task.assignee for task in tasks if task.assignee})
    roles = {task.role: label(task.role) for task in tasks if task.role}
    return {**roles, **{key: who.display for key, who in known.items()}}


def _towards(reach: Reach) -> str:
    return rights.said_towards(reach, persons(desk().session, {reach.recipient or ""}))


def _chosen() -> str:
    if wanted := text("personne", 16):
        return wanted
    raise Invalid("Des réponses sont à revoir.", {"personne": "Cherchez un nom, puis choisissez une personne."})


def _role(known: Person) -> str:
    """The role chosen, which must be one that the person holds. Raises Invalid."""
    wanted = text("role", 60)
    if not wanted and len(known.roles) == 1:
        return next(iter(known.roles))
    rights.check_role(known, wanted)
    return wanted


def _reach() -> Reach:
    audience = text("destinataires", 20) or EVERYBODY
    recipient = {PERSON: text("destinataire", 16), CATEGORY: text("categorie", 20)}.get(audience)
    scope = text("portee", 120) or consents.EVERYTHING
    if scope not in (consents.EVERYTHING, THIS_CASE) and scope not in rights.pathway_titles(desk()):
        raise Invalid("Des réponses sont à revoir.", {"portee": "Choisissez tout partage, ou un parcours."})
    reach = Reach(scope, audience, recipient or None, text("finalite", 20) or consents.CARE)
    reach.check()
    return reach


def _mode() -> str:
    mode = text("mode", 20)
    if mode not in MODES:
        raise Invalid("Des réponses sont à revoir.", {"mode": "Dites comment cela a été recueilli."})
    return mode


def _until() -> datetime | None:
    return _day(text("fin", 10), "fin", after=True)


def _midnight(name: str, *, after: bool = False) -> datetime | None:
    return _day(request.args.get(name, "").strip()[:10], name, after=after)


def _day(written: str, name: str, *, after: bool) -> datetime | None:
    """The local midnight before a day, or after it; nothing for an empty box. Raises Invalid."""
    if not written:
        return None
    day = read_day(written)
    if day is None:
        raise Invalid("Des réponses sont à revoir.", {name: "Écrivez la date ainsi : 24/11/2026."})
    return datetime.combine(day + timedelta(days=1 if after else 0), time(), desk().zone)
