"""A nurse on the phone chooses what to do, does it, and says that it is done."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from pathways.context import build
from tests.pages.demo import Demo
from tests.support import choosing
from tests.support.browser import PHONE, WIDTHS, assert_accessible, assert_fits, shoot
from tests.support.patience import eventually

pytestmark = pytest.mark.pages
CHOICE = "Organiser le soutien"


@pytest.fixture
def case(demo: Demo) -> Iterator[str]:
    context = build(demo.server.settings)
    yield choosing.open_case(context)
    context.database.dispose()


def task_of(demo: Demo, case: str, title: str) -> str:
    """Where that task of that case is answered; waits until it is there."""

    def look() -> str | None:
        rows = demo.visitor("infirmiere").all_tasks()
        return next((row["id"] for row in rows if (row["case"], row["title"]) == (case, title)), None)

    return f"/taches/{eventually(look, f'nobody sees « {title} »')}"


def test_a_nurse_chooses_does_and_ends_it_on_the_phone(chromium: Browser, demo: Demo, case: str) -> None:
    with demo.page(chromium, "infirmiere", PHONE) as page:
        choice = task_of(demo, case, CHOICE)
        page.goto(choice)
        offered = page.get_by_role("region", name="Ce que vous pouvez faire").get_by_role("listitem")
        expect(offered).to_have_count(3)
        expect(offered.first).to_contain_text("Pour savoir comment s’est passé le retour.")
        page.get_by_role("button", name="Commencer : Appeler la personne").click()
        expect(offered.first).to_contain_text("En cours")
        call = task_of(demo, case, "Appeler la personne")
        page.goto(call)
        page.get_by_role("button", name="Envoyer").click()
        page.wait_for_url(lambda url: call not in url)
        page.goto(choice)
        expect(offered.first).to_contain_text("Déjà faite une fois")
        page.get_by_role("button", name="C’est fini").click()
        page.wait_for_url(lambda url: choice not in url)
        page.goto(choice)
        expect(page.get_by_role("main")).to_contain_text("a répondu")


def test_two_nurses_who_begin_the_same_are_told(chromium: Browser, demo: Demo, case: str) -> None:
    choice = task_of(demo, case, CHOICE)
    with demo.page(chromium, "infirmiere") as page, demo.page(chromium, "infirmiere") as other:
        for one in (page, other):
            one.goto(choice)
        page.get_by_role("button", name="Commencer : Joindre l’aidant").click()
        expect(page.get_by_role("button", name="Refaire : Joindre l’aidant")).to_be_visible()
        other.get_by_role("button", name="Commencer : Joindre l’aidant").click()
        expect(other.get_by_role("alert").filter(has_text="commencée par quelqu’un d’autre")).to_be_focused()
        assert_accessible(other)
        shoot(other, "choix-depasse")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_a_choice_is_accessible_and_fits(chromium: Browser, demo: Demo, case: str, width: int) -> None:
    with demo.page(chromium, "infirmiere", width) as page:
        page.goto(task_of(demo, case, CHOICE))
        page.get_by_role("button", name="Commencer : Appeler la personne").click()
        expect(page.get_by_role("button", name="Refaire : Appeler la personne")).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
        shoot(page, "choix")
