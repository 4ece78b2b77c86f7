"""Links by which somebody without an account answers, over REST: sent, looked at, taken back."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from base.errors import Invalid
from care.guard import ENDING
from inbox.links import kept, sending
from inbox.links.lines import Line, lines
from inbox.links.messages import WAYS
from inbox.links.sending import Wanted
from inbox.request import context, desk, require_sign_in
from inbox.schemas import REQUIRED, at_most, described

blueprint = Blueprint("links_api", __name__, url_prefix="/api", description="Answers without an account")
blueprint.before_request(require_sign_in)
NAMES = {"nom": "family_name", "courriel": "mail", "telephone": "phone", "envoi": "way"}
"""How the boxes of the page are called here."""


def short(most: int, text: str = "") -> fields.String:
    return fields.String(load_default="", validate=at_most(most), metadata=described(text) if text else {})


class NewLink(Schema):
    """To whom a task goes: somebody of the directory, else whoever these names say."""

    person = short(16, "A person's id; else the names count")
    family_name = short(80)
    given_name = short(80)
    profession = short(8, "TRE_G15-ProfessionSante")
    mail = short(254)
    phone = short(30, "A mobile number: the code goes by the way that does not carry the link")
    role = fields.String(required=True, error_messages=REQUIRED, metadata=described("In which role they answer"))
    way = fields.String(required=True, error_messages=REQUIRED, metadata=described(" or ".join(WAYS)))


class LinkEvent(Schema):
    at = fields.AwareDateTime(required=True)
    what = fields.String(attribute="words", required=True)


class AnswerLink(Schema):
    """A link and what became of it. The address that opens it is told to nobody but its recipient."""

    id = fields.String(attribute="link.id", required=True)
    task = fields.String(attribute="link.task", required=True)
    case = fields.String(attribute="link.case", required=True)
    to = fields.String(required=True)
    by = fields.String(required=True)
    role = fields.String(attribute="link.role", required=True)
    way = fields.String(attribute="link.way", required=True)
    state = fields.String(required=True, metadata=described("In words"))
    sent_at = fields.AwareDateTime(attribute="link.sent_at", required=True)
    expires_at = fields.AwareDateTime(attribute="link.expires_at", required=True)
    revocable = fields.Boolean(required=True, metadata=described("Whether the person may take it back now"))
    events = fields.List(fields.Nested(LinkEvent), required=True)


class AnswerLinks(Schema):
    links = fields.List(fields.Nested(AnswerLink), required=True)


@blueprint.get("/links")
@blueprint.response(200, AnswerLinks)
def read_links() -> dict[str, Sequence[Line]]:
    """The last links that one sent; to the coordination, everybody's."""
    everybody = bool(desk().person.roles & ENDING)
    return {"links": lines(desk(), kept.sent(desk().session, desk().tenant, None if everybody else desk().person.id))}


@blueprint.get("/tasks/<task_id>/links")
@blueprint.response(200, AnswerLinks)
def read_links_of_task(task_id: str) -> dict[str, Sequence[Line]]:
    """The links of one task, the latest first."""
    found = sending.task_to_send(desk(), task_id)
    return {"links": lines(desk(), kept.of_task(desk().session, desk().tenant, found.id))}


@blueprint.post("/tasks/<task_id>/links")
@blueprint.arguments(NewLink)
@blueprint.response(201, AnswerLink)
def send_link(body: dict[str, Any], task_id: str) -> Line:
    """Send a task by link; an earlier link of the same recipient opens nothing any more."""
    found = sending.task_to_send(desk(), task_id, hold=True)
    wanted = Wanted(**{name: value.strip() for name, value in body.items()})
    try:
        sent = sending.send(desk(), found, wanted, context().settings.public_url)
    except Invalid as error:
        told = {NAMES.get(name, name): words for name, words in error.fields.items()}
        raise Invalid(error.message, told, code=error.code) from error
    return lines(desk(), [sent.link])[0]


@blueprint.delete("/links/<link_id>")
@blueprint.response(204)
def revoke_link(link_id: str) -> None:
    """Take a link back: from now on it opens nothing."""
    sending.revoke(desk(), link_id)
