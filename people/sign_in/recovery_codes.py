"""Recovery codes: ten words on paper for who has lost the telephone; only their hashes are kept, each opens once."""

import hashlib
import secrets

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from base.ids import ALPHABET
from people.tables import recovery_code as rows

CODES, GROUPS, LETTERS = 10, 4, 4
"""16 characters of 5 bits: too many to be guessed from their hashes."""


def make(session: Session, tenant: str, account: str) -> list[str]:
    """New codes, shown once; those of before open nothing any more."""
    remove(session, tenant, account)
    codes = [_new() for _ in range(CODES)]
    made = [{"tenant": tenant, "account": account, "code_hash": _hash(account, code)} for code in codes]
    session.execute(insert(rows), made)
    return codes


def use(session: Session, tenant: str, account: str, code: str) -> bool:
    """Use a code up; False when it is not one, or not any more."""
    mine = (rows.c.tenant == tenant) & (rows.c.account == account) & (rows.c.code_hash == _hash(account, code))
    return session.execute(delete(rows).where(mine).returning(rows.c.account)).first() is not None


def left(session: Session, tenant: str, account: str) -> int:
    query = select(func.count()).select_from(rows).where(rows.c.tenant == tenant, rows.c.account == account)
    return int(session.execute(query).scalar_one())


def remove(session: Session, tenant: str, account: str) -> None:
    session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.account == account))


def _new() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


def _hash(account: str, code: str) -> str:
    """As people may type it: capitals, spaces, dashes and o for 0 make no difference."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum()).translate(str.maketrans("oil", "011"))
    return hashlib.sha256(f"{account} {plain}".encode()).hexdigest()
