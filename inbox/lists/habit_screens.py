"""The block of « Mon compte » where somebody settles which keys act and whether the screens are light or dark."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from inbox.lists import habits
from inbox.request import desk, require_sign_in

blueprint = Blueprint("habits", __name__)
blueprint.before_request(require_sign_in)


@blueprint.get("/compte/raccourcis")
def show() -> ResponseReturnValue:
    """What is settled now."""
    found = habits.habits(desk())
    silent = set(habits.silent_keys(found))
    chosen = {"keys_on": [key for key in habits.KEYS if key not in silent], "theme": found.get(habits.THEME, "")}
    return render_template("inbox/habits.html", known=habits, chosen=chosen, kept="garde" in request.args)


@blueprint.post("/compte/raccourcis")
def settle() -> ResponseReturnValue:
    """Keep what was chosen."""
    habits.settle(desk(), keys=request.form.getlist("touche"), theme=request.form.get("theme", ""))
    return redirect(url_for("habits.show", garde=1), 303)
