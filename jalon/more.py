"""« Plus »: on a phone, the places for which the bar at the bottom has no room."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from inbox.request import require_sign_in

OWN = (
    ("notices.show", "bell", "Notifications"),
    ("links.show", "send", "Liens envoyés"),
    ("habits.show", "sliders-horizontal", "Raccourcis et affichage"),
    ("account.show", "circle-user-round", "Mon compte"),
)
blueprint = Blueprint("more", __name__)
blueprint.before_request(require_sign_in)


@blueprint.get("/plus")
def show() -> ResponseReturnValue:
    """Every place that the person may go to, and the pages that are about them alone."""
    return render_template("more.html", own=OWN)
