"""« Comptes »: the coordination lets in whom Pro Santé Connect made known, and invites the others by a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Forbidden, Invalid
from inbox.notices import sending
from inbox.notices.ways import Message, is_open
from inbox.request import context, finish, person, require_recent_sign_in, session
from people import persons
from people.notices import kinds
from people.notices.kinds import INVITATION
from people.notices.preferences import EMAIL
from people.persons import Person
from people.professions import PROFESSIONS
from people.roles import ROLES
from people.sign_in import enrolments, invitations
from people.sign_in.entrance import OVERSEERS

blueprint = Blueprint("admissions", __name__, url_prefix="/comptes")
invited = Blueprint("invitation", __name__, url_prefix="/invitation")
ONCE = "Choisissez votre mot de passe par ce lien : il sert une fois, pendant 7 jours."
OUTSIDE, ADMIN = frozenset({"patient", "aidant"}), "admin"
DONE = {"accepte": "L’accès est accordé.", "refuse": "L’accès est refusé."}


@dataclass(frozen=True)
class Invited:
    """Whom the link is for; the link is known now and never again."""

    person: str
    link: str
    mailed: bool


@blueprint.before_request
def require_overseer() -> None:
    """Raises Unverified, Forbidden."""
    if not person().roles & OVERSEERS:
        raise Forbidden("Seule la coordination ouvre les accès.")


@blueprint.get("")
def show() -> ResponseReturnValue:
    return _page()


@blueprint.post("/<person_id>/accepter")
def grant(person_id: str) -> ResponseReturnValue:
    by, parts = require_recent_sign_in().person, context()
    enrolments.grant(session(), parts.clock, parts.tenant, person_id, check_roles(request.form.getlist("roles")), by.id)
    return redirect(url_for("admissions.show", fait="accepte"), 303)


@blueprint.post("/<person_id>/refuser")
def refuse(person_id: str) -> ResponseReturnValue:
    parts = context()
    enrolments.refuse(session(), parts.clock, parts.tenant, person_id, person().id)
    return redirect(url_for("admissions.show", fait="refuse"), 303)


@blueprint.post("/invitations")
def invite() -> ResponseReturnValue:
    """The link is shown once, to be handed over."""
    by, form = require_recent_sign_in().person, request.form
    try:
        made = invite_person(by, {**form, "roles": form.getlist("roles")})
    except (Invalid, Conflict) as error:
        finish(commit=False)
        return _page(message=error.message, typed=dict(form)), error.status
    return _page(link=made.link, by_mail=made.mailed)


@invited.get("/<token>")
def ask(token: str) -> ResponseReturnValue:
    return _invitation_page(token)


@invited.post("/<token>")
def accept(token: str) -> ResponseReturnValue:
    """Open the account with the password that its owner chooses."""
    parts, password = context(), request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _invitation_page(token, "Les deux mots de passe ne sont pas les mêmes."), 422
    try:
        with parts.database.begin() as own:
            invitations.accept(own, parts.clock, parts.tenant, token, password)
    except Invalid as error:
        return _invitation_page(token, error.message), 422
    return redirect(url_for("sign_in.ask", dit="compte"), 303)


def invite_person(by: Person, said: Mapping[str, Any]) -> Invited:
    """A new person with these roles, and the link that opens their account. Raises Invalid, Conflict."""
    parts = context()
    family, given = said.get("family_name", "").strip(), said.get("given_name", "").strip()
    if not family or not given:
        raise Invalid("Donnez le nom et le prénom.", {"family_name": "Donnez le nom et le prénom."})
    roles = check_roles(said.get("roles", []))
    code, email = said.get("profession", ""), said.get("email", "").strip()
    made = persons.add(
        session(),
        parts.tenant,
        family_name=family,
        given_name=given,
        title="Dr" if code == "10" else "",
        profession_code=code if code in PROFESSIONS else "",
        email=email,
        roles=roles,
    )
    token = invitations.invite(session(), parts.clock, parts.tenant, made.id, email, by.id)
    link = parts.settings.public_url + url_for("invitation.ask", token=token)
    mailed = is_open(parts.settings, EMAIL)
    if mailed:
        told = Message(f"Jalon : {kinds.said(INVITATION).lower()}", (f"{kinds.said(INVITATION)}. {ONCE}",), link)
        sending.post(session(), parts, made.id, email, told)
    return Invited(made.id, link, mailed)


def check_roles(wanted: Sequence[str]) -> list[str]:
    """The same. Raises Invalid when there is none, or one that is not to be given by whoever asks."""
    if not wanted or set(wanted) - _offered().keys():
        raise Invalid("Choisissez au moins un rôle.", {"roles": "Choisissez au moins un rôle."})
    return list(wanted)


def _offered() -> dict[str, str]:
    """The roles that whoever asks may give: administrators are made by administrators."""
    kept_back = OUTSIDE if ADMIN in person().roles else OUTSIDE | {ADMIN}
    return {key: name for key, name in ROLES.items() if key not in kept_back}


def _page(message: str = "", link: str = "", by_mail: bool = False, typed: dict[str, str] | None = None) -> str:
    parts = context()
    return render_template(
        "admissions.html",
        enrolments=enrolments.waiting(session(), parts.tenant),
        invitations=invitations.waiting(session(), parts.clock, parts.tenant),
        message=message,
        link=link,
        by_mail=by_mail,
        typed=typed or {},
        chosen=request.form.getlist("roles"),
        professions=PROFESSIONS,
        roles=_offered(),
        done=DONE.get(request.args.get("fait", ""), ""),
    )


def _invitation_page(token: str, message: str = "") -> str:
    parts = context()
    with parts.database.read() as own:
        found = invitations.look(own, parts.clock, parts.tenant, token)
        who = persons.person(own, found.person)
    return render_template("invitation.html", invited=who, login=found.login, message=message)
