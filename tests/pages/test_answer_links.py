"""On a phone, somebody without an account: the link, the code, one task's page, « Merci »."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.demo import Demo
from tests.support.browser import DESK, PHONE, assert_accessible, assert_fits, page_of, shoot

pytestmark = pytest.mark.pages
TITLE = "Consultation précoce"


def looked_over(page: Page, name: str) -> None:
    assert_accessible(page)
    assert_fits(page)
    shoot(page, f"lien-{name}")


def test_a_colleague_without_an_account_answers_on_a_phone(chromium: Browser, demo: Demo) -> None:
    task = demo.task("medecin", TITLE)
    with demo.page(chromium, "medecin", DESK) as sender:
        sender.goto(f"/taches/{task['id']}")
        sender.get_by_text("Autre réponse").click()
        sender.get_by_role("link", name="Envoyer par lien").click()
        sender.get_by_label("Nom", exact=True).fill("DEMO-FABRE")
        sender.get_by_label("Prénom").fill("Hugo")
        sender.get_by_label("Courriel", exact=True).fill("hugo@exemple.fr")
        sender.get_by_label("Mobile").fill("06 39 98 12 14")
        looked_over(sender, "envoi")
        sender.get_by_role("button", name="Envoyer le lien").click()
        expect(sender.get_by_text("Le lien est prêt.")).to_be_visible()
        looked_over(sender, "envoye")
        url = sender.locator("a[href*='/repondre/']").get_attribute("href") or ""
        with page_of(chromium, demo.url, PHONE) as page, page_of(chromium, demo.url, PHONE, scheme="dark") as dark:
            page.goto(url)
            looked_over(page, "demander")
            page.get_by_role("button", name="Recevoir le code").click()
            page.get_by_label("Code à 6 chiffres").fill("x")
            page.get_by_role("button", name="Lire la demande").click()
            expect(page.get_by_text("Il reste 4 essais.")).to_be_visible()
            looked_over(page, "code")
            page.get_by_role("button", name="Renvoyer le code").click()
            expect(page.get_by_role("status")).to_contain_text("Un nouveau code est parti.")
            sender.reload()
            said = sender.get_by_text(re.compile(r"votre code est \d{6}")).inner_text()
            page.get_by_label("Code à 6 chiffres").fill(re.search(r"\d{6}", said)[0])
            page.get_by_role("button", name="Lire la demande").click()
            expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
            looked_over(page, "demande")
            expect(page.get_by_role("button", name="Envoyer", exact=True)).to_be_visible()
            page.emulate_media(color_scheme="dark")
            shoot(page, "lien-demande-sombre")
            dark.goto(f"{url}/demande")
            expect(dark.get_by_text("Ce lien n’ouvre plus rien")).to_be_visible()
            looked_over(dark, "refus-sombre")
            page.locator("summary", has_text="Je ne peux pas").click()
            page.get_by_role("button", name="Hors de ma zone").click()
            expect(page.get_by_role("heading", name="Merci")).to_be_visible()
            looked_over(page, "merci")
        sender.reload()
        expect(sender.get_by_text("A décliné")).to_be_visible()
