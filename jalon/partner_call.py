"""A signed call to the partners' door, made as a partner hospital would make it."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import orjson

from base.errors import Invalid, NotFound, PartnerError
from base.ids import new_id
from pathways.context import Context
from webhooks import partners, signature

JSON = "application/json"
RECEPTION = re.compile(r"/webhooks/([^/]+)/receptions/[^/]+")
WAIT_SECONDS = 10


@dataclass(frozen=True)
class Call:
    """What is sent: where, with which headers, and the very bytes that were signed: none for a question."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    verb: str = "POST"


def prepare(context: Context, partner: str, message_id: str, body: bytes) -> Call:
    """Sign `body` with the newest secret of a partner, at this instant; raises NotFound for an unknown one."""
    headers = {"content-type": JSON, **_signed(context, partner, message_id, body)}
    return Call(f"{context.settings.public_url}/webhooks/{partner}/events", headers, body)


def question(context: Context, location: str) -> Call:
    """Ask what became of a message, at the address that was given for it; raises Invalid for another address."""
    path = urlsplit(location).path
    if not (found := RECEPTION.fullmatch(path)):
        raise Invalid("Donnez l’adresse de l’en-tête Location, /webhooks/<partenaire>/receptions/<numéro>.")
    return Call(context.settings.public_url + path, _signed(context, found[1], new_id(), b""), b"", "GET")


def _signed(context: Context, partner: str, message_id: str, body: bytes) -> Mapping[str, str]:
    now = context.clock.now()
    with context.database.read() as session:
        partners.partner(session, context.tenant, partner)
        secrets = partners.secrets(session, context.vault, context.tenant, partner, now)
    if not secrets:
        raise NotFound(f"Le partenaire « {partner} » n’a aucune clé en service.")
    return signature.sign(secrets[-1], message_id, now, body)


def message_id_of(body: bytes, fallback: str) -> str:
    """The message's own id when the body states one: the header must say the same."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return fallback
    named = content.get("id") if isinstance(content, dict) else None
    return named if isinstance(named, str) and named else fallback


def as_curl(call: Call) -> str:
    """The command that makes this call from any shell."""
    headers = " \\\n  ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items())
    return f"curl -i {shlex.quote(call.url)} \\\n  {headers} \\\n  --data-binary {shlex.quote(call.body.decode())}"


def send(call: Call) -> httpx.Response:
    """Make the call; raises PartnerError when nobody answers there."""
    try:
        return httpx.request(call.verb, call.url, content=call.body, headers=dict(call.headers), timeout=WAIT_SECONDS)
    except httpx.HTTPError as error:
        words = f"Rien ne répond à {call.url}. Le site est-il lancé (jalon up) ?"
        raise PartnerError(words, permanent=False) from error
