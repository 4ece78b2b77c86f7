"""The address that partners call: a signed message is checked, stored and acknowledged before anything runs."""

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from base.errors import NotFound, TooLarge, Unsupported
from pathways.context import Context
from webhooks import partners, receptions, signature
from webhooks.formats import FORMATS
from webhooks.receptions import Reception

LARGEST = 1_048_576

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


def _context() -> Context:
    context: Context = current_app.extensions["jalon"]
    return context


@blueprint.post("/<partner>/events")
def receive(partner: str) -> ResponseReturnValue:
    """202 and where to read what became of the message, once it is durably stored."""
    context = _context()
    body = _body()
    with context.database.read() as session:
        message_id = _verified(session, context, partner, body)
    read = FORMATS.get(request.mimetype)
    if read is None:
        raise Unsupported(f"Envoyez du {' ou du '.join(FORMATS)}.")
    fact = read(body, message_id)
    with context.database.begin() as session:
        reception = receptions.store(session, context, partner, fact, request.mimetype, body)
    answer = _answer(reception)
    answer.status_code = 202
    answer.headers["Location"] = f"/webhooks/{partner}/receptions/{reception.id}"
    return answer


@blueprint.get("/<partner>/receptions/<reception_id>")
def tell(partner: str, reception_id: str) -> ResponseReturnValue:
    """What became of a message; the call is signed like the others, over an empty body."""
    context = _context()
    with context.database.read() as session:
        _verified(session, context, partner, b"")
        reception = receptions.reception(session, context.tenant, reception_id)
    if reception.partner != partner:
        raise NotFound("Aucun message reçu ne porte ce numéro.", code="reception-unknown")
    return _answer(reception)


def _body() -> bytes:
    """The raw bytes, because the signature is over them; refused beyond the limit before they are read."""
    request.max_content_length = LARGEST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as cause:
        raise TooLarge("Ce message dépasse 1 Mo. Envoyez les documents en plusieurs messages.") from cause


def _verified(session: Session, context: Context, partner: str, body: bytes) -> str:
    partners.partner(session, context.tenant, partner)
    now = context.clock.now()
    known = partners.secrets(session, context.vault, context.tenant, partner, now)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return signature.verify(known, headers, body, now)


def _answer(reception: Reception) -> Response:
    told: dict[str, object] = {
        "id": reception.id,
        "message_id": reception.message_id,
        "type": reception.type,
        "state": reception.state,
        "received_at": reception.received_at.isoformat(),
        "settled_at": reception.settled_at.isoformat() if reception.settled_at else None,
        "case": reception.case,
        "detail": reception.detail,
        "problem": reception.problem_code,
    }
    return jsonify(told)
