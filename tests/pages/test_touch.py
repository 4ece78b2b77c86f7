"""The whole path of a task by touch alone, on a telephone: from the way in to the next task, and to a colleague."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from jalon.demo import sign_ins
from tests.pages.demo import Demo
from tests.support.browser import PHONE, assert_accessible, assert_fits, page_of

pytestmark = pytest.mark.pages
CONSENT = "Recueillir le consentement"
SMALL = """() => [...document.querySelectorAll('a[href], button, summary, input, select, textarea')].filter((one) => {
  const box = (one.closest('label, .task') || one).getBoundingClientRect();
  const isSaid = one.tagName === 'A' && getComputedStyle(one).display === 'inline';
  const isSeen = one.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1;
  const isSmall = box.height < 43.5 || box.width < 43.5;
  return isSeen && isSmall && !isSaid && !one.matches('.skip') && !one.closest('[data-viewer]');
}).map((one) => one.outerHTML.slice(0, 90))"""
"""What a thumb would miss; a link inside a sentence is as high as its line."""


def looked_over(page: Page, title: str | re.Pattern[str]) -> None:
    """A page as a thumb finds it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert_fits(page)
    assert not (small := page.evaluate(SMALL)), f"{page.url}: {small}"
    assert_accessible(page)


def tap(target: Locator) -> None:
    target.first.tap()


def choose(page: Page, question: str, choice: str) -> None:
    tap(page.get_by_role("group", name=question).locator("label", has_text=re.compile(rf"^\s*{choice}")))


def test_a_task_is_found_answered_and_another_delegated_by_touch_alone(chromium: Browser, demo: Demo) -> None:
    with page_of(chromium, demo.url, PHONE) as page:
        bar = page.get_by_role("navigation", name="Principal, téléphone")
        page.goto("/")
        looked_over(page, "Bonjour")
        for box, typed in (("Adresse", "coordinatrice@loire-sucs.test"), ("Mot de passe", sign_ins.PASSWORD)):
            tap(page.get_by_label(box))
            page.keyboard.type(typed)
        tap(page.get_by_role("button", name="Se connecter"))
        tap(bar.get_by_role("link", name="À faire"))
        tap(page.get_by_role("link", name="Mes rôles"))
        expect(page.get_by_role("link", name="Mes rôles")).to_have_attribute("aria-current", "page")
        looked_over(page, "À faire")
        tap(page.locator(".task__go", has_text=CONSENT))
        looked_over(page, CONSENT)
        first = page.url
        choose(page, "La personne accepte-t-elle le partage", "Oui")
        choose(page, "Accord recueilli", "Oral")
        tap(page.locator("label", has=page.locator("[name=information_remise]")))
        tap(page.get_by_role("button", name="Envoyer"))
        expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")
        expect(page.locator("#titre")).to_be_focused()
        assert page.url != first
        tap(page.get_by_role("link", name="Retour à la liste"))
        tap(page.locator(".task__go", has_text=CONSENT))
        looked_over(page, CONSENT)
        tap(page.get_by_text("Autre réponse"))
        expect(page.get_by_role("link", name="Déléguer")).to_be_visible()
        looked_over(page, CONSENT)
        tap(page.get_by_role("link", name="Déléguer"))
        looked_over(page, re.compile("^Déléguer"))
        tap(page.get_by_role("radio"))
        tap(page.get_by_role("button", name="Déléguer, puis relire"))
        expect(page.locator("#annonce")).to_contain_text("Tâche déléguée.")
        tap(bar.get_by_role("link", name="Plus"))
        looked_over(page, "Plus")
