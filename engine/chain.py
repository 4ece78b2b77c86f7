"""The chain of a run's journal: each entry holds the hash of the one before it, so an altered row shows.

The hash is SHA-256 over the hash before and the entry's columns as a JSON list, with `detail` byte for byte as stored.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

START = b"\0" * 32


@dataclass(frozen=True)
class Break:
    """The first entry of a run that is not what was written: `n` is its number, `reason` what is wrong with it."""

    run: str
    n: int
    reason: str


def link(before: bytes, entry: Mapping[str, Any]) -> bytes:
    """The hash of an entry that follows `before`: 32 bytes."""
    place, at = (entry["tenant"], entry["run"], entry["n"]), _instant(entry["at"])
    plain = orjson.dumps((*place, at, entry["actor"], entry["kind"], entry["element"]))
    return sha256(before + plain + b"\n" + (entry["detail"] or b"")).digest()


@lru_cache(maxsize=64)
def _instant(at: datetime) -> str:
    """As text with microseconds in UTC: both databases give the same instant back, not the same object."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def follow(run: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[Break | bytes]:
    """The hash of each entry of a run in order; ends with a Break at the first that does not hold."""
    before = START
    for number, entry in enumerate(entries, start=1):
        if entry["n"] != number:
            yield Break(run, number, "missing")
            return
        before = link(before, entry)
        if entry["hash"] != before:
            yield Break(run, number, "altered")
            return
        yield before
