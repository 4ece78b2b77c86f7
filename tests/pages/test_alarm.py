"""A call that cannot wait fills the screen, at a desk and on a phone; the answers stand below it."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.demo import Demo, choose
from tests.support.browser import PHONE, WIDTHS, assert_accessible, assert_fits, shoot

pytestmark = pytest.mark.pages
EARLY, CALL = "Consultation précoce", "Appeler le 15"
ANSWER = {"PA systolique": "192", "PA diastolique": "104", "Score de Rankin modifié": "2"}


def test_a_sudden_sign_opens_the_page_that_says_whom_to_call(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "medecin") as page:
        page.goto(demo.address("medecin", EARLY))
        choose(page, "La consultation a-t-elle eu lieu ?", "Oui")
        page.get_by_label("Trouble de la parole").check()
        for box, value in ANSWER.items():
            page.get_by_label(box).fill(value)
        page.get_by_role("button", name="Envoyer").click()
        expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")
    address = demo.address("medecin", CALL)
    for width in WIDTHS:
        with demo.page(chromium, "medecin", width) as page:
            page.goto(address)
            alarm = page.get_by_role("region", name="Appelez le 15 maintenant")
            call = alarm.get_by_role("link", name=CALL)
            expect(call).to_have_attribute("href", "tel:15")
            expect(call).to_be_in_viewport()
            expect(alarm).to_contain_text("Trouble de la parole")
            expect(alarm).to_contain_text("L’heure de début des signes")
            expect(alarm).to_contain_text(re.compile(r"43\d{3} \w"))
            expect(page.get_by_role("navigation", name="Principal")).to_be_hidden()
            shoot(page, "appeler-15")
            assert_fits(page)
            assert_accessible(page)
    with demo.page(chromium, "medecin", PHONE) as page:
        page.goto(address)
        page.get_by_role("link", name="J’ai appelé le 15").click()
        choose(page, "Décision du SAMU", "Signes non confirmés")
        page.get_by_role("button", name="Envoyer").click()
        expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")
