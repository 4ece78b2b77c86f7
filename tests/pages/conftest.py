"""Fixtures of the tests that open pages in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.demo import Demo, demo_template, living
from tests.support.browser import running_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for this test process; each test opens its own session in it."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo's database, made once for all test processes."""
    own = tmp_path_factory.getbasetemp()
    return demo_template(own if worker_id == "master" else own.parent)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Demo]:
    """A server of this module's own, with the demo in it: what a test changes there, the next one finds."""
    with living(tmp_path_factory.mktemp("demo"), template) as demo:
        yield demo
