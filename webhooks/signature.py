"""Standard Webhooks signatures, made and verified on Jalon's own clock."""

import base64
import binascii
import hmac
import re
import secrets as random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from base.errors import Unverified

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
MESSAGE_ID = re.compile(r"[!-\-/-~]{1,120}")
TIMESTAMP = re.compile(r"[0-9]{1,11}")
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

MISMATCH = (
    "La signature ne correspond à aucune clé en service. Signez webhook-id, webhook-timestamp et le corps tel qu’il "
    "part, à l’octet près, réunis par des points, avec la clé qui vous a été donnée."
)


def new_secret() -> str:
    """A fresh shared secret, in the form the specification names (`whsec_` and 32 random bytes in base 64)."""
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether a secret has the form and the strength that the specification asks for (24 to 64 bytes)."""
    prefix, encoded = text[: len(PREFIX)], text[len(PREFIX) :]
    try:
        return prefix == PREFIX and 24 <= len(base64.b64decode(encoded, validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False


def sign(secret: str, message_id: str, instant: datetime, body: bytes) -> dict[str, str]:
    """The three headers that a sender puts beside `body`."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": _signature(secret, message_id, instant, body),
    }


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The message's id, once its signature and its age are right; raises Unverified and says which part is wrong.

    Any of the secrets may have signed: two are valid at once while a partner changes keys.
    """
    message_id, instant, given = _read(headers)
    expected = [_signature(secret, message_id, instant, body).encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other.encode()) for one in expected for other in given]
    if not any(matches):
        raise Unverified(MISMATCH, code="signature-mismatch")
    _check_age(instant, now)
    return message_id


def _signature(secret: str, message_id: str, instant: datetime, body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as cause:
        raise Unverified("Le corps du message n’est pas en UTF-8.", code="signature-mismatch") from cause
    return Webhook(secret).sign(message_id, instant.astimezone(UTC), text)


def _read(headers: Mapping[str, str]) -> tuple[str, datetime, list[str]]:
    missing = [name for name in HEADERS if not headers.get(name)]
    if missing:
        told = f"En-têtes de signature absents\u00a0: {', '.join(missing)}. Signez l’appel selon Standard Webhooks."
        raise Unverified(told, code="signature-missing")
    message_id, timestamp, signature = (headers[name] for name in HEADERS)
    if not MESSAGE_ID.fullmatch(message_id):
        raise Unverified(
            "L’en-tête webhook-id prend 1 à 120 caractères ASCII, sans espace ni point.", code="message-id-malformed"
        )
    if not TIMESTAMP.fullmatch(timestamp):
        raise Unverified(
            "L’en-tête webhook-timestamp est un nombre entier de secondes depuis 1970.", code="timestamp-malformed"
        )
    given = [part for part in signature.split(" ") if part.startswith("v1,") and part.isascii()]
    return message_id, datetime.fromtimestamp(int(timestamp), UTC), given


def _check_age(instant: datetime, now: datetime) -> None:
    gap = abs(now - instant)
    if gap > TOLERANCE:
        minutes, seconds = divmod(int(gap.total_seconds()), 60)
        raise Unverified(
            f"Signé à {instant:%H:%M:%S} UTC, reçu à {now:%H:%M:%S} UTC\u00a0: écart de {minutes} min {seconds:02d} s, "
            "le maximum est 5 min. Vérifiez l’horloge du serveur qui envoie.",
            code="timestamp-outside-tolerance",
        )
