"""Messages to browsers: sealed for each of them (RFC 8291), signed with the installation's key (VAPID, RFC 8292)."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import http_ece
import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, b64urlencode

from base.settings import Settings
from inbox.notices.ways import Message, Undelivered
from people.notices.subscriptions import Subscription

TIMEOUT = httpx.Timeout(10)
LIFE, SIGNED_FOR = 24 * 3600, timedelta(hours=6)
GONE = (404, 410)


def public_key(settings: Settings) -> str:
    """What a browser is told when it subscribes; empty when this way is not set up."""
    if not settings.vapid_private_key:
        return ""
    point = _signer(settings).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))


def make_key() -> str:
    """A new private key, as JALON_VAPID_PRIVATE_KEY wants it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return str(b64urlencode(number.to_bytes(32, "big")))


def send(settings: Settings, to: Subscription, message: Message, now: datetime) -> None:
    """Hand one message over to the browser's push service. Raises Undelivered; `bounces` when it subscribes no more."""
    told = {"title": "Jalon", "body": message.first, "url": urlsplit(message.url).path}
    headers = {
        "content-encoding": "aes128gcm", "content-type": "application/octet-stream", "ttl": str(LIFE),
        "urgency": "high" if message.urgent else "normal", "topic": "jalon", **_signed(settings, to.endpoint, now),
    }  # fmt: skip
    try:
        body = _sealed(orjson.dumps(told), to)
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            status = client.post(to.endpoint, content=body, headers=headers).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Undelivered("Le service du navigateur n’a pas répondu.") from None
    except (ValueError, http_ece.ECEException):
        raise Undelivered("La clé de ce navigateur est fausse.", permanent=True, bounces=True) from None
    if not 200 <= status < 300:
        never = 400 <= status < 500 and status not in (408, 429)
        raise Undelivered(f"Le service du navigateur a répondu {status}.", permanent=never, bounces=status in GONE)


def _sealed(content: bytes, to: Subscription) -> bytes:
    own = ec.generate_private_key(ec.SECP256R1())
    return bytes(http_ece.encrypt(content, private_key=own, dh=to.p256dh, auth_secret=to.auth, version="aes128gcm"))


def _signed(settings: Settings, endpoint: str, now: datetime) -> dict[str, str]:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}", "sub": settings.vapid_contact,
        "exp": int((now + SIGNED_FOR).timestamp()),
    }  # fmt: skip
    return {"authorization": str(_signer(settings).sign(claims)["Authorization"])}


def _signer(settings: Settings) -> Vapid02:
    return Vapid02.from_raw(settings.vapid_private_key.encode())
