"""Fixtures of the tests that open pages in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import running_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for this test process; each test opens its own session in it."""
    with running_chromium() as browser:
        yield browser
