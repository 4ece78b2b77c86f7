"""Names for rows: short texts that sort by the time they were made."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16


def new_id() -> str:
    """16 characters of Crockford's base 32: 48 bits of milliseconds, then 32 random bits.

    An id names a row, it never opens one: every door asks `care.guard`.
    """
    return _spelt((time.time_ns() // 1_000_000) << 32 | secrets.randbits(32))


def id_before(seconds: int) -> str:
    """A text that sorts before every id made in the last `seconds`, and after those made earlier."""
    return _spelt(max(0, time.time_ns() // 1_000_000 - seconds * 1000) << 32)


def _spelt(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
