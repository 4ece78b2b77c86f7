"""Names for rows: short texts that sort by the time they were made."""

import secrets
import time
from base64 import b32encode

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
RANDOM = 4
TO_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())


def new_id() -> str:
    """16 characters of Crockford's base 32: 48 bits of milliseconds, then 32 random bits.

    An id names a row, it never opens one: every door asks `care.guard`.
    """
    return _spelt(_milliseconds() + secrets.token_bytes(RANDOM))


def id_before(seconds: int) -> str:
    """A text that sorts before every id made in the last `seconds`, and after those made earlier."""
    return _spelt(_milliseconds(seconds) + bytes(RANDOM))


def _milliseconds(before: int = 0) -> bytes:
    return max(0, time.time_ns() // 1_000_000 - before * 1000).to_bytes(LENGTH * 5 // 8 - RANDOM)


def _spelt(number: bytes) -> str:
    """Crockford's digits: as many as the ten bytes have fives of bits."""
    return b32encode(number).translate(TO_CROCKFORD).decode()
