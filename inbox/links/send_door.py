"""The sender's door: a task goes out by link, each link says where it stands, and can be taken back."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Forbidden, Invalid
from care.guard import ENDING
from inbox.form import text
from inbox.links import kept, sending
from inbox.links.lines import lines
from inbox.links.messages import MAIL, WAYS
from inbox.links.sending import Wanted
from inbox.request import context, desk, finish, require_sign_in
from inbox.task.conflicts import coordinator
from inbox.task.tasks import Task
from people.directory import profiles, search
from people.persons import person
from people.professions import PROFESSIONS
from people.roles import label

blueprint = Blueprint("links", __name__, template_folder="../templates")
blueprint.before_request(require_sign_in)
blueprint.add_app_template_filter(label, "role_name")
FOUND = 8


@blueprint.get("/taches/<task_id>/lien")
def ask(task_id: str) -> ResponseReturnValue:
    """To whom, and by which way."""
    found = sending.task_to_send(desk(), task_id)
    try:
        sending.check_may_send(desk(), found)
    except Conflict as error:
        return _refused(error.message), error.status
    return _form(found)


@blueprint.post("/taches/<task_id>/lien")
def send(task_id: str) -> ResponseReturnValue:
    """Send it; what must be seen again comes back with what was typed."""
    found = sending.task_to_send(desk(), task_id, hold=True)
    wanted = _typed()
    try:
        sending.send(desk(), found, wanted, context().settings.public_url)
    except (Invalid, Forbidden) as error:
        finish(commit=False)
        return _form(sending.task_to_send(desk(), task_id), wanted, error), error.status
    except Conflict as error:
        finish(commit=False)
        return _refused(error.message), error.status
    return redirect(url_for("links.ask", task_id=task_id, envoye=1), 303)


@blueprint.get("/liens")
def show() -> ResponseReturnValue:
    """The links that I sent; to the coordination, everybody's."""
    everybody = bool(desk().person.roles & ENDING)
    found = kept.sent(desk().session, desk().tenant, None if everybody else desk().person.id)
    return render_template("links/sent.html", lines=lines(desk(), found), everybody=everybody)


@blueprint.post("/liens/<link_id>/retirer")
def revoke(link_id: str) -> ResponseReturnValue:
    """« Retirer ce lien »: from now on it opens nothing."""
    link = sending.revoke(desk(), link_id)
    back = url_for("links.ask", task_id=link.task) if text("tache", 16) else url_for("links.show")
    return redirect(back, 303)


def _form(found: Task, wanted: Wanted | None = None, error: Invalid | Forbidden | None = None) -> str:
    words = request.values.get("q", "").strip()[:80]
    people = search.find(desk().session, desk().tenant, search.Wanted(text=words), FOUND)[0] if words else []
    roles = sending.roles_of(desk(), found)
    chosen = wanted or _chosen(request.args.get("personne", "")[:16], roles)
    sent = kept.of_task(desk().session, desk().tenant, found.id)
    return render_template(
        "links/send.html", task=found, words=words, people=people, roles=roles, wanted=chosen, ways=WAYS,
        professions=PROFESSIONS, lines=lines(desk(), sent), hours=context().settings.link_hours,
        fields=error.fields if isinstance(error, Invalid) else {}, error=error,
        consent=error is not None and error.code == "consent-needed",
    )  # fmt: skip


def _chosen(person_id: str, roles: Mapping[str, str]) -> Wanted:
    """What the directory knows of somebody, to be looked over before it is sent."""
    role = next(iter(roles), "") if len(roles) == 1 else ""
    nobody = Wanted("", "", "", "", "", "", role, MAIL)
    if not person_id:
        return nobody
    who = person(desk().session, person_id)
    if who.tenant != desk().tenant:
        return nobody
    told = profiles.profile(desk().session, desk().tenant, person_id)
    mail = told.mssante or who.email or next((one.mssante for one in told.practices if one.mssante), "")
    phone = who.phone or next((one.phone for one in told.practices if one.phone), "")
    names = {"person": who.id, "family_name": who.family_name, "given_name": who.given_name}
    held = next((one for one in roles if one in who.roles), role)
    return replace(nobody, **names, profession=who.profession_code, mail=mail, phone=phone, role=held)


def _typed() -> Wanted:
    return Wanted(
        text("personne", 16), text("nom", 80), text("prenom", 80), text("profession", 8), text("courriel", 254),
        text("telephone", 30), text("role", 60), text("envoi", 8),
    )  # fmt: skip


def _refused(words: str) -> str:
    return render_template("inbox/refused.html", words=words, call=coordinator(desk()), kept=False)
