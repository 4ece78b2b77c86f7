"""Names for rows: short texts that sort by the time they were made."""

import secrets
import threading
import time
from base64 import b32encode

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
WIDTH, RANDOM = LENGTH * 5 // 8, 4
TO_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
STRIDE = 1 << 20


class Order:
    """The ids of one process sort as they were made, those of one millisecond too, and when the clock is put back."""

    def __init__(self) -> None:
        self.last, self.lock = 0, threading.Lock()

    def next(self, at: bytes) -> int:
        """Random behind the milliseconds, else a random step beyond the last one."""
        chance = secrets.token_bytes(RANDOM)
        with self.lock:
            fresh = int.from_bytes(at + chance)
            self.last = fresh if fresh > self.last else self.last + 1 + int.from_bytes(chance) % STRIDE
            return self.last


order = Order()


def new_id() -> str:
    """16 characters of Crockford's base 32: 48 bits of milliseconds, then 32 random bits.

    An id names a row, it never opens one: every door asks `care.guard`.
    """
    return _spelt(order.next(_milliseconds()).to_bytes(WIDTH))


def id_before(seconds: int) -> str:
    """A text that sorts before every id made in the last `seconds`, and after those made earlier."""
    return _spelt(_milliseconds(seconds) + bytes(RANDOM))


def _milliseconds(before: int = 0) -> bytes:
    return max(0, time.time_ns() // 1_000_000 - before * 1000).to_bytes(WIDTH - RANDOM)


def _spelt(number: bytes) -> str:
    """Crockford's digits: as many as the ten bytes have fives of bits."""
    return b32encode(number).translate(TO_CROCKFORD).decode()
