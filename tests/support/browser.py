"""Debian's Chromium driven by Playwright: pages that must raise no error, accessibility by axe, pictures to look at."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.absent import lacking, program
from tests.support.patience import PATIENCE

DESK, PHONE = 1280, 390
WIDTHS = (DESK, PHONE)
HEIGHTS = {DESK: 800, PHONE: 844}
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
WANTED = bool(os.environ.get("PICTURES"))
"""Pictures of pages that pass cost a quarter of the time: `PICTURES=1` draws them."""
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
ASKED = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
FIND = "asked => axe.run({exclude: [['.djs-container']]}, asked).then(found => found.violations)"
AXE = Axe().axe_script
WIDE = "document.fonts.ready.then(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)"


@contextlib.contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start the browser that Debian ships; Playwright's own is never downloaded."""
    executable = program("chromium") or program("chromium-browser")
    if executable is None:
        lacking("Chromium", "apt-get install chromium")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, timeout=PATIENCE * 1000)
        yield browser
        browser.close()


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 800)})


PROVOKED = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest", "Response Status Error Code 401")


@contextlib.contextmanager
def page_of(browser: Browser, base_url: str, width: int = DESK, *, scheme: str = "light") -> Iterator[Page]:
    """A fresh browser session as a French person has it. Leaving it fails if a page raised an error meanwhile.

    Chromium says on the console what our Content-Security-Policy refused: that is an error too. An answer of 4xx or
    5xx that a test provokes is not, nor a line that it cuts.
    """
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": HEIGHTS.get(width, 800)},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=width <= PHONE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on("console", lambda said: troubles.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    try:
        yield page
    finally:
        context.close()
    wrong = [trouble for trouble in troubles if not any(said in trouble for said in PROVOKED)]
    assert not wrong, "\n".join(wrong)


def assert_accessible(page: Page) -> None:
    """WCAG 2.2 A and AA as far as axe sees; the canvas that bpmn-js draws is left out, its text outline is not."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found = page.evaluate(FIND, ASKED)
    assert not found, "\n".join(_sentence(violation) for violation in found)


def _sentence(violation: dict[str, object]) -> str:
    nodes = violation["nodes"]
    assert isinstance(nodes, list)
    places = "; ".join(f"{' '.join(map(str, node['target']))} {node.get('failureSummary', '')}" for node in nodes[:4])
    return f"{violation['id']}: {violation['help']} [{places}]"


def assert_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    wide = page.evaluate(WIDE)
    assert wide <= 0, f"{page.url} is {wide} px too wide at {page.viewport_size}"


def show_diagrams(page: Page) -> None:
    """Scroll to each diagram and wait until it is drawn: it is read only when somebody comes near it."""
    for island in page.locator("[data-viewer]:visible").all():
        island.scroll_into_view_if_needed()
        page.wait_for_selector("[data-viewer][data-ready], [data-viewer] .bp-failure")


def shoot(page: Page, name: str) -> None:
    """A picture of the whole page in `build/screenshots/`, which git does not keep, when pictures are wanted."""
    show_diagrams(page)
    if WANTED:
        picture(page, name)


def picture(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    path = PICTURES / f"{name}-{width}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=path, full_page=True)
