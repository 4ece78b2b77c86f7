"""The secrets of a link: its token, signed for one task and one recipient; its codes; the mark of a device."""

import hashlib
import hmac
import secrets

from itsdangerous import BadSignature, Signer

BYTES = 32
DIGITS = 6
PURPOSE = "answer"


def make(key: str, place: str) -> str:
    """A new token of 256 random bits, signed for its place: what it opens cannot be exchanged afterwards."""
    return _signer(key, place).sign(secrets.token_urlsafe(BYTES)).decode()


def is_of(key: str, place: str, token: str) -> bool:
    """Whether a token was signed for this place."""
    try:
        _signer(key, place).unsign(token)
    except BadSignature:
        return False
    return True


def place(tenant: str, link: str, task: str, recipient: str, role: str) -> str:
    """What a token is bound to."""
    return f"{PURPOSE}/{tenant}/{link}/{task}/{recipient}/{role}"


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def new_device() -> str:
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is kept of a token or of a device's cookie."""
    return hashlib.sha256(secret.encode()).hexdigest()


def page_mark(key: str, token: str, device: str) -> str:
    """What every form of a link's pages brings back: only who holds the link, on this device, has it."""
    return hmac.new(key.encode(), f"link-page\0{token}\0{device}".encode(), hashlib.sha256).hexdigest()


def _signer(key: str, bound_to: str) -> Signer:
    return Signer(key, salt=f"answer-link:{bound_to}", digest_method=hashlib.sha256)
