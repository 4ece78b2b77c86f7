"""Passkeys (WebAuthn): a key pair that never leaves the person's device, which asks for their finger, face or PIN."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from base.clock import Clock
from base.errors import Conflict, Invalid, NotFound, Unverified
from base.ids import new_id
from people.tables import passkey as rows

NAME = "Jalon"
MOST, LONGEST_NAME = 10, 60
NOT_TAKEN = "Cette clé d’accès n’a pas été reconnue."
COPIED = "Cette clé d’accès semble avoir été copiée. Connectez-vous autrement, puis retirez-la."


class Copied(Unverified):
    """The key's own count goes backwards: two devices hold it. `account` is whose."""

    code = "passkey-copied"

    def __init__(self, account: str) -> None:
        super().__init__(COPIED)
        self.account = account


@dataclass(frozen=True)
class Place:
    """Where keys hold: the host that they are bound to, and the origin that pages have."""

    host: str
    origin: str

    @property
    def is_possible(self) -> bool:
        """Browsers bind keys to names, never to bare addresses."""
        try:
            ip_address(self.host)
        except ValueError:
            return True
        return False


def place_of(public_url: str) -> Place:
    parts = urlsplit(public_url)
    return Place(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def of_account(session: Session, tenant: str, account: str) -> list[Row[str, str, datetime, datetime]]:
    """The keys of an account, oldest first."""
    query = select(rows.c.id, rows.c.name, rows.c.made_at, rows.c.used_at)
    return list(session.execute(query.where(_theirs(tenant, account)).order_by(rows.c.made_at, rows.c.id)).all())


def how_many(session: Session, tenant: str, account: str) -> int:
    return int(session.execute(select(func.count()).select_from(rows).where(_theirs(tenant, account))).scalar_one())


def ask_for_new(session: Session, tenant: str, place: Place, account: str, login: str, name: str) -> tuple[str, str]:
    """What the browser is asked with (JSON), and the challenge that its answer must sign."""
    held = session.execute(select(rows.c.credential).where(_theirs(tenant, account))).scalars()
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=NAME,
        user_id=account.encode(),
        user_name=login,
        user_display_name=name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in held],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options), _text(options.challenge)


def add(
    session: Session, clock: Clock, tenant: str, place: Place, account: str, challenge: str, credential: Any, name: str
) -> str:
    """Keep a new key; returns its id. Raises Unverified, Invalid, Conflict."""
    called = " ".join(name.split())[:LONGEST_NAME]
    if not called:
        raise Invalid("Donnez un nom à cette clé.", {"name": "Par exemple : téléphone, ordinateur du cabinet."})
    if how_many(session, tenant, account) >= MOST:
        raise Conflict(f"{MOST} clés d’accès au plus. Retirez-en une d’abord.", code="too-many-passkeys")
    try:
        proven = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_bytes(challenge),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Unverified(NOT_TAKEN, code="passkey-refused") from error
    if _by_credential(session, tenant, proven.credential_id) is not None:
        raise Conflict("Cette clé d’accès est déjà connue.", code="passkey-known")
    values = {
        "tenant": tenant,
        "credential_hash": _hash(proven.credential_id),
        "id": new_id(),
        "account": account,
        "credential": proven.credential_id,
        "public_key": proven.credential_public_key,
        "sign_count": proven.sign_count,
        "name": called,
        "made_at": clock.now(),
    }
    session.execute(insert(rows).values(values))
    return str(values["id"])


def ask_for_known(place: Place) -> tuple[str, str]:
    """What the browser is asked with (JSON), whoever it is, and the challenge that its answer must sign."""
    options = webauthn.generate_authentication_options(
        rp_id=place.host, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options), _text(options.challenge)


def check(session: Session, clock: Clock, tenant: str, place: Place, challenge: str, credential: Any) -> str:
    """The account whose key signed the challenge. Raises Unverified, and Copied when the key's count goes backwards."""
    row = _by_credential(session, tenant, _credential_id(credential))
    if row is None:
        raise Unverified(NOT_TAKEN, code="passkey-refused")
    try:
        proven = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=_bytes(challenge),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Unverified(NOT_TAKEN, code="passkey-refused") from error
    if (row.sign_count or proven.new_sign_count) and proven.new_sign_count <= row.sign_count:
        raise Copied(row.account)
    mine = (rows.c.tenant == tenant) & (rows.c.credential_hash == row.credential_hash)
    used = {"sign_count": proven.new_sign_count, "used_at": clock.now()}
    counted = update(rows).where(mine, rows.c.sign_count == row.sign_count).values(used).returning(rows.c.account)
    if session.execute(counted).first() is None:
        raise Unverified(NOT_TAKEN, code="passkey-refused")
    return str(row.account)


def remove(session: Session, tenant: str, account: str, key: str) -> str:
    """Forget a key; returns its name. Raises NotFound."""
    gone = delete(rows).where(_theirs(tenant, account), rows.c.id == key).returning(rows.c.name)
    name = session.execute(gone).scalar_one_or_none()
    if name is None:
        raise NotFound("Cette clé d’accès est déjà retirée.", code="passkey-unknown")
    return str(name)


def _theirs(tenant: str, account: str) -> ColumnElement[bool]:
    return (rows.c.tenant == tenant) & (rows.c.account == account)


def _by_credential(session: Session, tenant: str, credential: bytes) -> Row[Any, Any, Any, Any] | None:
    query = select(rows.c.credential_hash, rows.c.account, rows.c.public_key, rows.c.sign_count)
    found = query.where(rows.c.tenant == tenant, rows.c.credential_hash == _hash(credential))
    return session.execute(found).one_or_none()


def _credential_id(credential: Any) -> bytes:
    try:
        return _bytes(credential["rawId"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unverified(NOT_TAKEN, code="passkey-refused") from error


def _hash(credential: bytes) -> str:
    return hashlib.sha256(credential).hexdigest()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
