"""Passwords: argon2id with the least cost that OWASP advises, slow enough for thieves and quick enough for people."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from base.errors import Invalid

LEAST_LENGTH = 12
MOST_LENGTH = 1024
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdC4uLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def seal(password: str) -> str:
    """The hash to keep. Raises Invalid when the password is too short."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        text = f"Choisissez un mot de passe d’au moins {LEAST_LENGTH} caractères."
        raise Invalid(text, {"password": text})
    return HASHER.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """True when the password is the one hashed; as long to say when there is no hash at all."""
    try:
        HASHER.verify(password_hash or NOBODY, password[:MOST_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """True when the hash was made at another cost, and should be made again."""
    return HASHER.check_needs_rehash(password_hash)
