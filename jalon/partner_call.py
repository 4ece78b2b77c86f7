"""A signed call to the partners' door, made as a partner hospital would make it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import orjson

from base.errors import NotFound, PartnerError
from pathways.context import Context
from webhooks import partners, signature

JSON = "application/json"
WAIT_SECONDS = 10


@dataclass(frozen=True)
class Call:
    """What is sent: where, with which headers, and the very bytes that were signed."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def prepare(context: Context, partner: str, message_id: str, body: bytes) -> Call:
    """Sign `body` with the newest secret of a partner, at this instant; raises NotFound for an unknown one."""
    now = context.clock.now()
    with context.database.read() as session:
        partners.partner(session, context.tenant, partner)
        secrets = partners.secrets(session, context.vault, context.tenant, partner, now)
    if not secrets:
        raise NotFound(f"Le partenaire « {partner} » n’a aucune clé en service.")
    headers = {"content-type": JSON, **signature.sign(secrets[-1], message_id, now, body)}
    return Call(f"{context.settings.public_url}/webhooks/{partner}/events", headers, body)


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
        return httpx.post(call.url, content=call.body, headers=dict(call.headers), timeout=WAIT_SECONDS)
    except httpx.HTTPError as error:
        words = f"Rien ne répond à {call.url}. Le site est-il lancé (jalon up) ?"
        raise PartnerError(words, permanent=False) from error
