"""A case goes on with the version of its pathway that is in force: what changes for it, and the decision."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import mover
from admin.follow import row_of
from admin.run_names import case_names
from base.errors import Conflict, Invalid
from inbox.request import context, desk, finish, require_sign_in
from pathways import moving

blueprint = Blueprint("moving", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)
PARTS = {"type": "autre sorte d’étape", "roles": "autres personnes", "form": "autre formulaire"}
UP_TO_DATE = "Ce dossier suit déjà la version en vigueur, ou il est terminé."


@blueprint.get("/suivi/<case>/version")
def show(case: str) -> ResponseReturnValue:
    """What changes for this case, and what stands in the way."""
    mover()
    return _page(case)


@blueprint.post("/suivi/<case>/version")
def move(case: str) -> ResponseReturnValue:
    """Let it go on with the version that was shown."""
    who, number = mover(), request.form.get("version", "")
    row_of(case)
    if not (number.isdecimal() and len(number) < 10):
        raise Invalid("Indiquez la version.", {"version": "Un nombre."})
    try:
        moving.move(desk().session, context(), case, int(number), who.id)
    except Conflict as refused:
        finish(commit=False)
        return _page(case, refused.message), 409
    return redirect(url_for("admin.run", case=case), 303)


def _page(case: str, refused: str = "") -> str:
    asking, row = mover(), row_of(case)
    return render_template(
        "admin/version.html",
        row=row,
        heading=case_names(asking, [row])[case],
        found=moving.foresee(desk().session, context(), case),
        refused=refused,
        parts=PARTS,
        up_to_date=UP_TO_DATE,
    )
