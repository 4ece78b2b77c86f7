"""A task as people work on it: two at once, a server that is killed, other answers, the thread; all in a browser."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from jalon.demo import sign_ins
from tests.pages.demo import Demo, choose
from tests.support.browser import DESK, PHONE, WIDTHS, assert_accessible, assert_fits, page_of, shoot

pytestmark = pytest.mark.pages
EARLY, CONSENT = "Consultation précoce", "Recueillir le consentement"
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
        page.clock.install()
        page.goto(address)
        page.clock.pause_at(page.evaluate("Date.now() + 60_000"))
        choose(page, "La consultation a-t-elle eu lieu ?", "Oui")
        page.get_by_label("PA systolique").fill("148")
        page.get_by_label("Commentaire").fill("Marche sans aide, dort mal.")
        expect(page.locator("[data-saved]")).not_to_have_text(SAVED)
        page.clock.run_for(2_000)
        expect(page.locator("[data-saved]")).to_have_text(SAVED)
        page.clock.resume()
        demo.server.kill()
        page.get_by_label("Commentaire").fill("Marche sans aide, dort mal, mange peu.")
        expect(page.locator("[data-saved]")).to_contain_text("Pas de réseau")
        demo.server.start()
        expect(page.locator("[data-saved]")).to_have_text(SAVED)
    with demo.page(chromium, "medecin", PHONE) as page:
        page.goto(address)
        expect(page.get_by_text("est repris")).to_be_visible()
        expect(page.get_by_label("PA systolique")).to_have_value("148")
        expect(page.get_by_label("Commentaire")).to_have_value("Marche sans aide, dort mal, mange peu.")
        examine(page, "tache-brouillon")
        page.get_by_role("button", name="Repartir du début").click()
        expect(page.get_by_label("Commentaire")).to_have_value("")


def test_of_two_people_on_one_task_one_wins_and_the_other_keeps_every_word(chromium: Browser, demo: Demo) -> None:
    """Two doctors of one circle hold the same role; the second one answers on a phone."""
    row = demo.task("medecin", EARLY)
    join(demo, row["case"], "medecin2")
    with demo.page(chromium, "medecin") as first, demo.page(chromium, "medecin2", PHONE) as second:
        for page, words in ((first, "Marche sans aide."), (second, "Sa fille sera présente.")):
            page.goto(f"/taches/{row['id']}")
            choose(page, "La consultation a-t-elle eu lieu ?", "Oui")
            for box, value in (("PA systolique", "132"), ("PA diastolique", "78"), ("Score de Rankin modifié", "2")):
                page.get_by_label(box).fill(value)
            page.get_by_label("Commentaire").fill(words)
        first.get_by_role("button", name="Envoyer").click()
        expect(first.locator("#annonce")).to_contain_text("Réponse envoyée.")
        second.get_by_role("button", name="Envoyer").tap()
        told = second.locator("#conflit")
        expect(told).to_be_focused()
        expect(told).to_contain_text(re.compile(r"Dr Claire DEMO-BERTHON a répondu.*10:00"))
        expect(second.get_by_label("Commentaire")).to_have_value("Sa fille sera présente.")
        expect(second.get_by_label("PA systolique")).to_have_value("132")
        examine(second, "tache-conflit-joindre")
        second.get_by_role("button", name="Joindre en commentaire").tap()
        thread = second.get_by_role("region", name="Échanges")
        expect(thread).to_contain_text("Sa fille sera présente.")
        expect(thread).to_contain_text("Réponse préparée pour")


def join(demo: Demo, case: str, login: str) -> None:
    """The doctor brings a colleague of the same role into the circle of a case."""
    doctor = demo.visitor("medecin").client
    csrf = doctor.get("/api/session").json()["csrf"]
    who = demo.visitor(login).client.get("/api/session").json()["person"]
    invited = {"person": who, "role": "medecin_traitant", "ground": "organisation_formelle"}
    answer = doctor.post(f"/api/cases/{case}/circle", json=invited, headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 204, answer.text


def test_a_task_is_found_answered_and_taken_back_by_keys_alone(chromium: Browser, demo: Demo) -> None:
    """From the way in to the next task: no pointer, and the focus always stands where one goes on."""
    with page_of(chromium, demo.url, DESK) as page:
        page.goto("/connexion")
        expect(page.get_by_label("Adresse de messagerie")).to_be_focused()
        page.keyboard.type("coordinatrice@loire-sucs.test")
        page.keyboard.press("Tab")
        page.keyboard.type(sign_ins.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/taches*")
        page.goto("/taches?liste=roles")
        here = page.locator(".task.is-next")
        for _ in range(page.locator(".task").count()):
            page.keyboard.press("j")
            if CONSENT in here.inner_text():
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(CONSENT)
        for question in ("La personne accepte-t-elle le partage", "Accord recueilli"):
            reach(page, page.get_by_role("group", name=question).get_by_role("radio").first)
            page.keyboard.press("Space")
        reach(page, page.locator("[name=information_remise]"))
        page.keyboard.press("Space")
        reach(page, page.get_by_label("Commentaire"))
        page.keyboard.type("Accord donné au téléphone.")
        reach(page, page.get_by_role("button", name="Envoyer"))
        page.keyboard.press("Enter")
        expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")
        expect(page.locator("#titre")).to_be_focused()
        reach(page, page.get_by_role("button", name="Reprendre"), "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(CONSENT))


def reach(page: Page, target: Locator, key: str = "Tab") -> None:
    """Go on by the tabulator until this has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{target} is out of the keyboard's reach")


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
        page.get_by_role("button", name="Envoyer").click()
        expect(page.locator("#alerte")).to_contain_text("n’est pas encore publié")
        page.reload()
        expect(page.get_by_label("Votre message au cercle de soins")).to_have_value(re.compile("^@Sophie la lettre"))
        page.get_by_label("Commentaire").fill("Dort mal.")
        page.get_by_role("button", name="Publier").dblclick()
        thread = page.get_by_role("region", name="Échanges")
        expect(thread.locator(".at")).to_have_text("@Sophie")
        expect(page.get_by_label("Commentaire")).to_have_value("Dort mal.")
        expect(page.get_by_label("Votre message au cercle de soins")).to_have_value("")
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
