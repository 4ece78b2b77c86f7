"""« Relancer » from the lists of the cockpit, and « Messages non remis »: whom nothing reaches, and what to do."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import coordinating
from admin.cockpit import acts, reminding, undelivered, waiting
from base.errors import Invalid, NotFound
from inbox.form import text
from inbox.request import context, desk, finish, require_sign_in
from people.notices import deliveries

blueprint = Blueprint("reach", __name__, url_prefix="/pilotage", template_folder="../templates")
blueprint.before_request(require_sign_in)


@blueprint.post("/relances/<name>")
def remind(name: str) -> ResponseReturnValue:
    """Remind those for whom the chosen tasks wait, and say what became of each."""
    asking, ids = coordinating(), request.form.getlist("tache")
    if name not in waiting.LISTS:
        raise NotFound("Cette liste n’existe pas.")
    if not ids:
        return redirect(url_for("cockpit.tasks", name=name), 303)
    finish(commit=False)
    lines = acts.each(context(), asking, ids, reminding.remind)
    return render_template("admin/reminded.html", name=name, lines=lines, done=sum(not line.refused for line in lines))


@blueprint.get("/messages")
def messages() -> ResponseReturnValue:
    coordinating()
    return _page()


@blueprint.post("/messages/<person_id>/adresse")
def correct_address(person_id: str) -> ResponseReturnValue:
    """Another address, to which everything leaves from now on."""
    coordinating()
    try:
        undelivered.correct_address(desk(), person_id, text("courriel", 300))
    except Invalid as error:
        finish(commit=False)
        return _page(error.message, person_id), 422
    return redirect(url_for("reach.messages", fait="adresse"), 303)


@blueprint.post("/messages/essayer")
def try_again() -> ResponseReturnValue:
    """The address works after all."""
    coordinating()
    deliveries.clear(desk().session, desk().tenant, text("adresse", 254))
    return redirect(url_for("reach.messages", fait="essai"), 303)


DONE = {"adresse": "La nouvelle adresse est gardée.", "essai": "Les messages repartent vers cette adresse."}


def _page(refusal: str = "", person_id: str = "") -> str:
    return render_template(
        "admin/undelivered.html", found=undelivered.unreached(desk()), refusal=refusal, wrong=person_id,
        typed=request.form.get("courriel", ""), done=DONE.get(request.args.get("fait", ""), ""),
    )  # fmt: skip
