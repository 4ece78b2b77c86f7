"""The small things that every page does: menus that close, keys that move, focus that follows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.stand import Stand, standing
from tests.support.browser import page_of

pytestmark = pytest.mark.pages

ROW = """<li class="task"><div class="task__what"><a class="task__go" href="/tache-{n}.html">Tâche {n}</a></div></li>"""
BODY = f"""
<input type="search" aria-label="Chercher" id="q">
<details class="more"><summary>Autre réponse</summary>
<div class="menu"><button type="button">Question</button></div></details>
<ul class="queue">{"".join(ROW.format(n=n) for n in (1, 2, 3))}</ul>
<div id="ecran"><form hx-post="/suivante.html" hx-target="#ecran" hx-select="#ecran" hx-swap="outerHTML">
<button>Envoyer</button></form></div>"""
NEXT = """<html><body><div id="ecran"><h1 tabindex="-1" autofocus>La suivante</h1></div></body></html>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with standing() as stand:
        address = prepare(stand)
        with page_of(chromium, stand.address) as page:
            page.goto(address)
            yield page


def prepare(stand: Stand) -> str:
    stand.answers["/suivante.html"] = NEXT.encode()
    stand.put("/tache-2.html", "Ouverte")
    return stand.put("/essai.html", BODY)


def test_j_and_k_move_through_the_list_and_enter_opens(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".task.is-next .task__go")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tache-2.html")


def test_no_key_acts_while_a_field_has_the_focus(page: Page) -> None:
    page.locator("#q").press_sequentially("jk?a")
    expect(page.locator("#q")).to_have_value("jk?a")
    expect(page.locator(".task.is-next")).to_have_count(0)


def test_slash_goes_to_the_search_field(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")


def test_escape_closes_an_open_menu_and_gives_the_focus_back(page: Page) -> None:
    page.locator("summary").click()
    page.locator(".menu button").focus()
    page.keyboard.press("Escape")
    expect(page.locator("details.more")).not_to_have_attribute("open", "")
    expect(page.locator("summary")).to_be_focused()


def test_a_press_outside_closes_an_open_menu(page: Page) -> None:
    page.locator("summary").click()
    page.locator("h1").click()
    expect(page.locator("details.more")).not_to_have_attribute("open", "")


def test_the_focus_goes_to_the_title_that_an_answer_brings(page: Page) -> None:
    page.locator("text=Envoyer").click()
    expect(page.locator("#ecran h1")).to_be_focused()
