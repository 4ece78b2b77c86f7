"""Codes of a telephone (TOTP, RFC 6238): a secret shared once, a code every half minute, none accepted twice."""

import hmac

import pyotp
import segno
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict
from base.vault import Vault
from people.tables import one_time_code as rows

ISSUER = "Jalon"
SECONDS = 30
SLACK = 1
"""Half minutes before and after: a telephone's clock is not quite ours."""


def is_set(session: Session, tenant: str, account: str) -> bool:
    """Whether this account's telephone has been confirmed."""
    found = _row(session, tenant, account)
    return found is not None and found.confirmed_at is not None


def begin(session: Session, clock: Clock, vault: Vault, tenant: str, account: str) -> str:
    """The secret to show, the same until a first code has confirmed it. Raises Conflict when one is set already."""
    found = _row(session, tenant, account)
    if found is None:
        return _new_secret(session, clock, vault, tenant, account)
    if found.confirmed_at is not None:
        raise Conflict("Un téléphone donne déjà les codes de ce compte.", code="codes-set")
    return vault.open(found.secret, _place(account))


def confirm(session: Session, clock: Clock, vault: Vault, tenant: str, account: str, code: str) -> bool:
    """Take the first code: the telephone holds the secret, from now on it is asked for."""
    if is_set(session, tenant, account) or not _accept(session, clock, vault, tenant, account, code):
        return False
    confirmed = update(rows).where(rows.c.tenant == tenant, rows.c.account == account)
    session.execute(confirmed.values(confirmed_at=clock.now()))
    return True


def check(session: Session, clock: Clock, vault: Vault, tenant: str, account: str, code: str) -> bool:
    """Whether this is the code of now, for the first time."""
    return is_set(session, tenant, account) and _accept(session, clock, vault, tenant, account, code)


def remove(session: Session, tenant: str, account: str) -> bool:
    """Forget the telephone; returns whether there was one."""
    gone = delete(rows).where(rows.c.tenant == tenant, rows.c.account == account).returning(rows.c.account)
    return session.execute(gone).first() is not None


def address(secret: str, login: str) -> str:
    """What the telephone reads (`otpauth://`)."""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=login, issuer_name=ISSUER)


def picture(secret: str, login: str) -> str:
    """The same as a picture to scan, in an address that holds it whole."""
    return segno.make(address(secret, login), error="m").svg_data_uri(scale=5, border=3, light="#fff")


def _new_secret(session: Session, clock: Clock, vault: Vault, tenant: str, account: str) -> str:
    secret = pyotp.random_base32()
    sealed = vault.seal(secret, _place(account))
    values = {"tenant": tenant, "account": account, "secret": sealed, "last_step": -1, "made_at": clock.now()}
    session.execute(insert(rows).values(values))
    return secret


def _accept(session: Session, clock: Clock, vault: Vault, tenant: str, account: str, code: str) -> bool:
    """True once for each code: the step that it belongs to must come after the last one accepted."""
    found = _row(session, tenant, account)
    if found is None:
        return False
    totp = pyotp.TOTP(vault.open(found.secret, _place(account)), interval=SECONDS)
    now, typed = int(clock.now().timestamp()) // SECONDS, "".join(code.split())
    for step in range(now - SLACK, now + SLACK + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return _use(session, tenant, account, step)
    return False


def _use(session: Session, tenant: str, account: str, step: int) -> bool:
    mine = (rows.c.tenant == tenant) & (rows.c.account == account) & (rows.c.last_step < step)
    used = update(rows).where(mine).values(last_step=step).returning(rows.c.account)
    return session.execute(used).first() is not None


def _row(session: Session, tenant: str, account: str) -> Row[bytes, object] | None:
    query = select(rows.c.secret, rows.c.confirmed_at)
    return session.execute(query.where(rows.c.tenant == tenant, rows.c.account == account)).one_or_none()


def _place(account: str) -> str:
    return f"one_time_code.secret:{account}"
