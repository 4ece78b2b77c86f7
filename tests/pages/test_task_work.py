"""A task as people work on it: two at once, a server that is killed, other answers, the thread; all in a browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.demo import Demo, choose
from tests.support.browser import DESK, PHONE, WIDTHS, assert_accessible, assert_fits, shoot

pytestmark = pytest.mark.pages
EARLY, MEDICATION, CONSENT = "Consultation précoce", "Conciliation médicamenteuse", "Recueillir le consentement"
SAVED = re.compile(r"Enregistré à \d\d:\d\d")


def examine(page: Page, name: str) -> None:
    shoot(page, name)
    assert_fits(page)
    assert_accessible(page)


def test_a_task_prints_on_one_sheet(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "medecin") as page:
        page.goto(demo.address("medecin", EARLY))
        sheet = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type /Page\b", sheet)) == 1
        expect(page.get_by_role("button", name="Imprimer")).to_be_visible()


def test_a_draft_is_kept_within_two_seconds_and_survives_a_killed_server(chromium: Browser, demo: Demo) -> None:
    address = demo.address("medecin", EARLY)
    with demo.page(chromium, "medecin", DESK) as page:
        page.goto(address)
        choose(page, "La consultation a-t-elle eu lieu ?", "Oui")
        page.get_by_label("PA systolique").fill("148")
        page.get_by_label("Commentaire").fill("Marche sans aide, dort mal.")
        expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=5_000)
        demo.server.kill()
        page.get_by_label("Commentaire").fill("Marche sans aide, dort mal, mange peu.")
        expect(page.locator("[data-saved]")).to_contain_text("Pas de réseau")
        demo.server.start()
        expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=20_000)
    with demo.page(chromium, "medecin", PHONE) as page:
        page.goto(address)
        expect(page.get_by_text("est repris")).to_be_visible()
        expect(page.get_by_label("PA systolique")).to_have_value("148")
        expect(page.get_by_label("Commentaire")).to_have_value("Marche sans aide, dort mal, mange peu.")
        examine(page, "tache-brouillon")
        page.get_by_role("button", name="Repartir du début").click()
        expect(page.get_by_label("Commentaire")).to_have_value("")


def test_of_two_people_on_one_task_one_wins_and_the_other_keeps_every_word(chromium: Browser, demo: Demo) -> None:
    row = demo.task("coordinatrice", CONSENT)
    with demo.page(chromium, "coordinatrice") as first, demo.page(chromium, "coordinatrice", PHONE) as second:
        for page, words in ((first, "Accord donné au téléphone."), (second, "Sa fille sera présente.")):
            page.goto(f"/taches/{row['id']}")
            choose(page, "La personne accepte-t-elle le partage", "Oui")
            choose(page, "Accord recueilli", "Oral, tracé ici")
            page.locator("[name=information_remise]").check()
            page.get_by_label("Commentaire").fill(words)
        first.get_by_role("button", name="Envoyer").click()
        expect(first.locator("#annonce")).to_contain_text("Réponse envoyée.")
        second.get_by_role("button", name="Envoyer").click()
        expect(second.locator("#conflit")).to_be_focused()
        expect(second.locator("#conflit")).to_contain_text("a répondu")
        expect(second.get_by_label("Commentaire")).to_have_value("Sa fille sera présente.")
        examine(second, "tache-conflit-joindre")
        second.get_by_role("button", name="Joindre en commentaire").click()
        thread = second.get_by_role("region", name="Échanges")
        expect(thread).to_contain_text("Sa fille sera présente.")
        expect(thread).to_contain_text("Réponse préparée pour")
        first.get_by_role("button", name="Reprendre").click()
        expect(first.get_by_role("link", name="Demander une correction")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_each_other_answer_has_a_page_that_says_what_it_does(chromium: Browser, demo: Demo, width: int) -> None:
    address = demo.address("medecin", EARLY)
    with demo.page(chromium, "medecin", width) as page:
        page.goto(address)
        page.get_by_text("Autre réponse").click()
        page.get_by_role("link", name="Je ne peux pas").click()
        page.get_by_role("button", name="Je ne peux pas").click()
        expect(page.locator("#a-revoir")).to_be_focused()
        examine(page, "autre-je-ne-peux-pas")
        page.get_by_role("link", name="Revenir à la tâche").click()
        for name in ("deleguer", "question", "priorite"):
            page.goto(f"{address}/autre/{name}")
            examine(page, f"autre-{name}")
        page.get_by_label("À relancer le").fill("8/12/2026")
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.locator(".ask")).to_contain_text("À relancer mar. 8 déc.")


def test_the_circle_writes_calls_and_attaches_from_the_task(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "medecin") as page:
        page.goto(demo.address("medecin", EARLY))
        page.get_by_label("Votre message au cercle de soins").fill("@Sophie la lettre de liaison manque.")
        page.get_by_role("button", name="Publier").click()
        thread = page.get_by_role("region", name="Échanges")
        expect(thread.locator(".at")).to_have_text("@Sophie")
        thread.get_by_text("Noter un appel").click()
        thread.get_by_role("button", name="Message laissé").click()
        expect(thread).to_contain_text("Message laissé.")
        page.get_by_text("Joindre un document").click()
        letter = {"name": "Lettre.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}
        page.get_by_label("Fichier").set_input_files(letter)
        page.get_by_role("button", name="Joindre", exact=True).click()
        files = page.get_by_role("region", name="Documents")
        with page.expect_download() as download:
            files.get_by_role("link", name="Lettre.pdf").click()
        assert download.value.path().read_bytes() == letter["buffer"]
        examine(page, "tache-echanges")
        page.get_by_text("Joindre un document").click()
        page.get_by_label("Fichier").set_input_files({**letter, "buffer": b"PK\x03\x04"})
        page.get_by_role("button", name="Joindre", exact=True).click()
        expect(page.get_by_role("alert").first).to_contain_text("Seuls les PDF")
        examine(page, "document-refuse")
