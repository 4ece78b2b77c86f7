"""SMS, by a gateway that takes JSON: {"id", "to", "from", "text"}, with a bearer token; 2xx means that it took it."""

import httpx

from base.settings import Settings
from inbox.notices.ways import Message, Undelivered

TIMEOUT = httpx.Timeout(10)
TRY_LATER = (408, 425, 429)


def number(phone: str) -> str:
    """A French mobile in the international form, « +33612345678 »; empty for what takes no SMS."""
    digits = "".join(sign for sign in phone if sign.isdigit() or sign == "+")
    for start in ("+33", "0033", "0"):
        rest = digits.removeprefix(start)
        if digits.startswith(start) and len(rest) == 9 and rest[0] in "67" and rest.isdigit():
            return f"+33{rest}"
    return ""


def send(settings: Settings, to: str, message: Message, sms_id: str) -> None:
    """Hand one SMS over to the gateway, under an id by which it knows a repetition. Raises Undelivered."""
    told = {"id": sms_id, "to": to, "from": settings.sms_sender, "text": f"{message.first} {message.url}"}
    headers = {"authorization": f"Bearer {settings.sms_token}", "idempotency-key": sms_id, "user-agent": "Jalon"}
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            status = client.post(settings.sms_url, json=told, headers=headers).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Undelivered("La passerelle SMS n’a pas répondu.") from None
    if not 200 <= status < 300:
        never = 400 <= status < 500 and status not in (401, 403, *TRY_LATER)
        raise Undelivered(f"La passerelle SMS a répondu {status}.", permanent=never)
