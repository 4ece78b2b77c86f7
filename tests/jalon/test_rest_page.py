"""The page for integrators says what is so: its examples are played, one after the other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from tests.inbox.conftest import make_site

PAGE = Path(__file__).parents[2] / "docs" / "rest.md"
NAMES = frozenset({"id", "case", "task", "person", "csrf"})
"""What has another value in every installation; the page's one stands for it from then on."""


def blocks() -> Iterator[tuple[str, dict[str, str], str]]:
    """The first line, the headers and the body of each message."""
    for text in re.findall(r"```http\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        head, _, body = text.partition("\n\n")
        first, *headers = head.strip().splitlines()
        yield first, dict(line.split(": ", 1) for line in headers), body.strip()


def compare(told: Any, said: Any, learned: dict[str, str], place: str = "") -> None:
    """Whatever the page shows is in the answer; lists are shown from their beginning, or empty when they are."""
    if isinstance(told, dict):
        assert told.keys() <= said.keys(), place
        for name, value in told.items():
            if name in NAMES and isinstance(value, str):
                learned.setdefault(value, said[name])
                value = learned[value]
            compare(value, said[name], learned, f"{place}.{name}")
    elif isinstance(told, list):
        assert bool(told) == bool(said), place
        for one, other in zip(told, said, strict=False):
            compare(one, other, learned, place)
    else:
        assert told == said, place


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_example_of_the_page_for_integrators_is_what_happens(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    site = make_site(settings, database, clock)
    site.visit(site.open_case())
    site.client(site.doctor)
    client, learned = site.app.test_client(), {"medecin@loire-sucs.test": site.doctor.email}
    told = list(blocks())
    assert len(told) >= 18
    for (asked, headers, body), (status, wanted, answer) in zip(told[::2], told[1::2], strict=True):
        method, _, address = asked.partition(" ")
        for shown, real in learned.items():
            address, body = address.replace(shown, real), body.replace(shown, real)
            headers = {name: value.replace(shown, real) for name, value in headers.items()}
        got = client.open(address, method=method, headers=headers, data=body.encode())
        assert (status, wanted["Content-Type"]) == (f"HTTP/1.1 {got.status_code}", got.content_type), (asked, got.text)
        compare(json.loads(answer), got.json, learned, asked)


def test_the_statuses_that_the_page_explains_are_those_that_are_described() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {int(one) for row in rows for one in row.split(",")} >= {401, 403, 404, 409, 413, 415, 422, 429}
