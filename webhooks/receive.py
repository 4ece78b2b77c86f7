"""The address that partners call: a signed message is checked, stored and acknowledged before anything runs."""

from flask import current_app, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from base.errors import NotFound, TooLarge, Unsupported
from pathways.context import Context
from webhooks import partners, receptions, schemas, signature
from webhooks.description import LOCATION, SIGNATURE, event_body, refusals
from webhooks.formats import FORMATS
from webhooks.receptions import Reception

LARGEST = 1_048_576

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="The partner hospital's door")


def _context() -> Context:
    context: Context = current_app.extensions["jalon"]
    return context


@blueprint.post("/<partner>/events")
@refusals(blueprint, 401, 404, 409, 413, 415, 422)
@blueprint.response(202, schemas.Receipt, headers=LOCATION, description="Stored; the same again changes nothing")
@blueprint.doc(parameters=SIGNATURE, requestBody=event_body(), security=[])
def receive(partner: str) -> tuple[Reception, dict[str, str]]:
    """Send a signed message: 202 once it is durably stored, and where to read what becomes of it."""
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
    return reception, {"Location": f"/webhooks/{partner}/receptions/{reception.id}"}


@blueprint.get("/<partner>/receptions/<reception_id>")
@refusals(blueprint, 401, 404)
@blueprint.response(200, schemas.Receipt)
@blueprint.doc(parameters=SIGNATURE, security=[])
def tell(partner: str, reception_id: str) -> Reception:
    """What became of a message; the call is signed like the others, over an empty body."""
    context = _context()
    with context.database.read() as session:
        _verified(session, context, partner, b"")
        reception = receptions.reception(session, context.tenant, reception_id)
    if reception.partner != partner:
        raise NotFound("Aucun message reçu ne porte ce numéro.", code="reception-unknown")
    return reception


def _body() -> bytes:
    """The raw bytes, because the signature is over them; refused beyond the limit before they are read."""
    request.max_content_length = LARGEST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as cause:
        raise TooLarge("Ce message dépasse 1 Mo. Envoyez les documents en plusieurs messages.") from cause


def _verified(session: Session, context: Context, partner: str, body: bytes) -> str:
    now = context.clock.now()
    known = partners.secrets_of(session, context.vault, context.tenant, partner, now)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return signature.verify(known, headers, body, now)
