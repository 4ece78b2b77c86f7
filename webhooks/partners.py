"""The partners who may call and be called: their addresses and their shared secrets."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from base.errors import Conflict, Invalid, NotFound
from base.ids import new_id
from base.prepared import Query
from base.vault import Vault
from pathways.context import Context
from webhooks import signature
from webhooks.tables import partner as partners_table
from webhooks.tables import partner_secret

KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OVERLAP = timedelta(days=7)

CALLING = Query(
    select(partner_secret.c.id, partner_secret.c.secret)
    .select_from(
        partners_table.outerjoin(
            partner_secret,
            and_(
                partner_secret.c.tenant == partners_table.c.tenant,
                partner_secret.c.partner == partners_table.c.key,
                or_(partner_secret.c.expires_at.is_(None), partner_secret.c.expires_at > bindparam("now")),
            ),
        )
    )
    .where(partners_table.c.tenant == bindparam("tenant"), partners_table.c.key == bindparam("key"))
    .where(partners_table.c.active)
)
"""Asked at every call: one row for each secret in service, one without a secret when there is none."""


@dataclass(frozen=True)
class Partner:
    """A structure that exchanges with the CPTS."""

    key: str
    name: str
    finess: str
    nature: str
    callback_url: str
    active: bool


@dataclass(frozen=True)
class SecretNote:
    """What may be shown of a secret: its last characters and until when it is taken."""

    id: str
    hint: str
    created_at: datetime
    expires_at: datetime | None


def add(
    session: Session,
    context: Context,
    *,
    key: str,
    name: str,
    finess: str = "",
    nature: str = "ES",
    callback_url: str = "",
    secret: str | None = None,
    callback_secret: str | None = None,
) -> tuple[Partner, str, str]:
    """A new partner with the secret it signs with and the secret we sign with; both are told only now.

    Raises Invalid naming the field, Conflict when the key is taken.
    """
    _check_key(key)
    _check_address(callback_url)
    for field, given in (("secret", secret), ("callback_secret", callback_secret)):
        _check_secret(field, given)
    if find(session, context.tenant, key) is not None:
        raise Conflict(f"Le partenaire « {key} » existe déjà.", code="partner-exists")
    ours = callback_secret or signature.new_secret()
    row = Partner(key, name, finess, nature, callback_url, True)
    session.execute(
        insert(partners_table).values(
            tenant=context.tenant,
            **vars(row),
            callback_secret=context.vault.seal(ours, f"partner.callback_secret:{key}"),
            created_at=context.clock.now(),
        )
    )
    return row, add_secret(session, context, key, secret), ours


def find(session: Session, tenant: str, key: str) -> Partner | None:
    row = session.execute(select(partners_table).where(*_one(tenant, key))).one_or_none()
    return None if row is None else Partner(row.key, row.name, row.finess, row.nature, row.callback_url, row.active)


def partner(session: Session, tenant: str, key: str) -> Partner:
    """An active partner; raises NotFound for the unknown and the dismissed alike."""
    found = find(session, tenant, key)
    if found is None or not found.active:
        raise unknown(key)
    return found


def unknown(key: str) -> NotFound:
    return NotFound(f"Aucun partenaire ne s’appelle « {key[:40]} ».", code="partner-unknown")


def listing(session: Session, tenant: str) -> list[Partner]:
    keys = session.scalars(
        select(partners_table.c.key).where(partners_table.c.tenant == tenant).order_by(partners_table.c.name)
    )
    return [found for key in keys.all() if (found := find(session, tenant, key)) is not None]


def point(session: Session, tenant: str, key: str, callback_url: str) -> None:
    """Change where callbacks are sent."""
    _check_address(callback_url)
    session.execute(update(partners_table).where(*_one(tenant, key)).values(callback_url=callback_url))


def add_secret(session: Session, context: Context, key: str, secret: str | None = None) -> str:
    """One more secret that the partner may sign with. Raises Invalid."""
    _check_secret("secret", secret)
    secret = secret or signature.new_secret()
    row = new_id()
    session.execute(
        insert(partner_secret).values(
            tenant=context.tenant,
            id=row,
            partner=key,
            secret=context.vault.seal(secret, f"partner_secret.secret:{row}"),
            hint=secret.rstrip("=")[-4:],
            created_at=context.clock.now(),
            expires_at=None,
        )
    )
    return secret


def rotate(session: Session, context: Context, key: str, overlap: timedelta = OVERLAP) -> str:
    """A new secret; those in service are taken for `overlap` more, so that nothing is refused meanwhile."""
    now = context.clock.now()
    session.execute(
        update(partner_secret)
        .where(*_in_service(context.tenant, key, now), partner_secret.c.expires_at.is_(None))
        .values(expires_at=now + overlap)
    )
    return add_secret(session, context, key)


def revoke(session: Session, context: Context, key: str, secret: str) -> None:
    """Take a secret out of service at once."""
    one = (partner_secret.c.tenant == context.tenant, partner_secret.c.partner == key, partner_secret.c.id == secret)
    session.execute(update(partner_secret).where(*one).values(expires_at=context.clock.now()))


def secrets_of(session: Session, vault: Vault, tenant: str, key: str, now: datetime) -> list[str]:
    """The secrets in service of an active partner; raises NotFound for the unknown and the dismissed alike."""
    found = CALLING.all(session, {"tenant": tenant, "key": key, "now": now})
    if not found:
        raise unknown(key)
    return [_clear(vault, row) for row in found if row.id is not None]


def secrets(session: Session, vault: Vault, tenant: str, key: str, now: datetime) -> list[str]:
    """The secrets in service, in clear."""
    rows = session.execute(select(partner_secret.c.id, partner_secret.c.secret).where(*_in_service(tenant, key, now)))
    return [_clear(vault, row) for row in rows.all()]


def secret_notes(session: Session, tenant: str, key: str, now: datetime) -> list[SecretNote]:
    """What a screen may say of the secrets in service, newest first."""
    rows = session.execute(
        select(partner_secret).where(*_in_service(tenant, key, now)).order_by(partner_secret.c.created_at.desc())
    )
    return [SecretNote(row.id, row.hint, row.created_at, row.expires_at) for row in rows.all()]


def callback_secret(session: Session, vault: Vault, tenant: str, key: str) -> str:
    """The secret that signs what we send."""
    sealed = session.scalars(select(partners_table.c.callback_secret).where(*_one(tenant, key))).one()
    return vault.open(sealed, f"partner.callback_secret:{key}")


def _clear(vault: Vault, row: Any) -> str:
    return vault.open(row.secret, f"partner_secret.secret:{row.id}")


def _one(tenant: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return partners_table.c.tenant == tenant, partners_table.c.key == key


def _in_service(tenant: str, key: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    until = partner_secret.c.expires_at
    return and_(partner_secret.c.tenant == tenant, partner_secret.c.partner == key), or_(until.is_(None), until > now)


def _check_key(key: str) -> None:
    if not KEY.fullmatch(key):
        said = "Minuscules, chiffres et tirets, 60 au plus, par exemple ch-du-gier."
        raise Invalid("La clé du partenaire n’est pas admise.", {"key": said})


def _check_secret(name: str, secret: str | None) -> None:
    if secret is not None and not signature.is_secret(secret):
        said = "Attendu\u00a0: whsec_ suivi de 24 à 64 octets en base64."
        raise Invalid("Ce secret n’est pas admis.", {name: said})


def _check_address(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    secure = parts.scheme == "https" and bool(parts.hostname)
    if parts.username or not (secure or loopback):
        raise Invalid(
            "L’adresse de rappel n’est pas admise.",
            {"callback_url": "Une adresse https:// est attendue (http:// seulement vers cette machine)."},
        )
