"""The lists in the browser: what changes while one looks, keys, acts on many rows, and writing without a network."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.demo import COOKIE, Demo, choose
from tests.support.browser import PHONE, assert_accessible, assert_fits, shoot

pytestmark = pytest.mark.pages
CONSENT, EARLY = "Recueillir le consentement", "Consultation précoce"
HELD = "La consultation a-t-elle eu lieu ?"


def test_two_browsers_see_what_the_other_does_and_nothing_moves(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "coordinatrice") as page, demo.page(chromium, "coordinatrice") as other:
        for one in (page, other):
            one.goto("/taches?liste=roles")
        rows = page.locator(".task")
        before, first = rows.count(), rows.filter(has_text=CONSENT).first
        task = first.get_attribute("data-row")
        answer_in(other, task)
        gone = page.locator(f'[data-row="{task}"]')
        expect(gone).to_have_class(re.compile("is-gone"))
        expect(gone).to_contain_text("quelqu’un s’en est occupé")
        expect(gone.get_by_role("checkbox")).to_be_disabled()
        expect(rows).to_have_count(before)
        place = rows.last.bounding_box()
        demo.discharge(stroke=True)
        line = page.locator("[data-fresh]")
        expect(line).to_contain_text("afficher")
        expect(rows).to_have_count(before)
        assert rows.last.bounding_box() == place, "the line that tells of it pushes no row away"
        assert_accessible(page)
        shoot(page, "taches-nouvelles")
        line.get_by_role("link").click()
        expect(page.locator(f'[data-row="{task}"]')).to_have_count(0)


def answer_in(page: Page, task: str | None) -> None:
    page.goto(f"/taches/{task}")
    choose(page, "La personne accepte-t-elle le partage", "Oui")
    page.locator('[name="mode"]').first.check()
    page.locator('[name="information_remise"]').first.check()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")


def test_rows_are_taken_by_keys_and_at_once_and_a_key_can_be_switched_off(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "coordinatrice") as page:
        page.goto("/taches?liste=roles")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        here = page.locator(".task.is-next")
        expect(here).to_have_count(1)
        title = here.locator(".task__title").inner_text()
        page.keyboard.press("a")
        expect(page.get_by_role("heading", level=1)).to_have_text("Prise : 1 tâche sur 1")
        expect(page.get_by_role("link", name=title)).to_be_visible()
        page.goto("/taches?liste=roles")
        for box in page.locator(".task input").all()[:2]:
            box.check()
        bar = page.get_by_role("region", name="Actions sur la sélection")
        expect(bar).to_be_visible()
        assert_accessible(page)
        shoot(page, "taches-selection")
        bar.get_by_role("button", name="Suivre").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Suivie : 2 tâches sur 2")
        page.goto("/taches?liste=suivies")
        expect(page.locator(".task")).to_have_count(2)
        page.goto("/compte/raccourcis")
        page.get_by_label("Descendre d’une ligne").uncheck()
        page.get_by_label("Sombre").check()
        page.get_by_role("button", name="Garder mes choix").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.goto("/taches?liste=roles")
        page.keyboard.press("j")
        expect(page.locator(".task.is-next")).to_have_count(0)
        page.keyboard.press("/")
        page.keyboard.type("ja?/")
        expect(page.get_by_role("searchbox")).to_have_value("ja?/")


def test_an_answer_written_without_a_network_waits_and_leaves_once(chromium: Browser, demo: Demo) -> None:
    row = demo.task("medecin", EARLY)
    with demo.page(chromium, "medecin", PHONE) as page:
        page.goto(f"/taches/{row['id']}")
        page.evaluate("navigator.serviceWorker.ready")
        page.context.set_offline(True)
        choose(page, HELD, "Oui")
        expect(page.locator("#hors-ligne")).to_contain_text("Hors ligne depuis")
        send = page.get_by_role("button", name="Garder pour l’envoi")
        send.click()
        expect(page.locator("#envois")).to_contain_text("Elle partira au retour du réseau")
        assert_fits(page)
        shoot(page, "tache-hors-ligne")
        page.goto("/taches")
        expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau ici")
        kept = page.get_by_role("region", name="Gardé sur cet appareil")
        expect(kept).to_contain_text(f"{EARLY} · réponse de")
        assert row["patient"]["name"] not in page.content()
        assert_fits(page)
        shoot(page, "hors-ligne")
        page.context.set_offline(False)  # the page that says so looks for the server by itself
        expect(page.locator("#envois")).to_contain_text("De nouveau en ligne.")
        assert kept_here(page) == 0


def test_what_was_written_without_a_network_stays_when_somebody_answers_meanwhile(
    chromium: Browser, demo: Demo
) -> None:
    with demo.page(chromium, "coordinatrice", PHONE) as page, demo.page(chromium, "coordinatrice") as other:
        page.goto("/taches?liste=roles")
        page.evaluate("navigator.serviceWorker.ready")
        task = page.locator(".task").filter(has_text=CONSENT).first.get_attribute("data-row")
        page.goto(f"/taches/{task}")
        page.context.set_offline(True)
        choose(page, "La personne accepte-t-elle le partage", "Oui")
        expect(page.locator("#hors-ligne")).to_contain_text("Hors ligne depuis")
        page.goto("/taches")
        expect(page.get_by_role("region", name="Gardé sur cet appareil")).to_contain_text(f"{CONSENT} · brouillon de")
        answer_in(other, task)
        page.context.set_offline(False)
        expect(page.locator("#envois")).to_contain_text("votre saisie y est gardée en brouillon")
        assert kept_here(page) == 0
        page.get_by_role("link", name=f"Relire : {CONSENT}").click()
        expect(page.get_by_text("Votre brouillon de")).to_be_visible()
        assert_fits(page)
        shoot(page, "tache-repondue-brouillon")


def test_what_was_written_while_one_was_signed_out_is_there_again_after_the_sign_in(
    chromium: Browser, demo: Demo
) -> None:
    row = demo.task("medecin", EARLY)
    with demo.page(chromium, "medecin", PHONE) as page:
        page.goto(f"/taches/{row['id']}")
        (signed_in,) = [one for one in page.context.cookies() if one["name"] == COOKIE]
        page.context.clear_cookies()
        choose(page, HELD, "Oui")
        page.get_by_label("Commentaire").fill("Sa fille sera présente.")
        page.get_by_role("button", name="Envoyer").click()
        told = page.locator("#alerte")
        expect(told).to_contain_text("Vous avez été déconnecté.")
        assert_fits(page)
        shoot(page, "tache-deconnecte")
        page.context.add_cookies([signed_in])
        told.get_by_role("link", name="Se reconnecter").click()
        expect(page.get_by_text("est repris")).to_be_visible()
        expect(page.get_by_label("Commentaire")).to_have_value("Sa fille sera présente.")
        assert kept_here(page) == 0


def test_jalon_is_installed_where_the_browser_offers_it(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "infirmiere", PHONE) as page:
        page.goto("/plus")
        install = page.get_by_role("button", name="Installer Jalon")
        expect(install).to_be_hidden()
        page.evaluate(OFFER)
        install.click()
        expect(install).to_be_hidden()
        assert page.evaluate("window.asked") == 1


def test_nothing_stays_on_the_device_of_somebody_who_signs_out(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "infirmiere") as page:
        page.goto("/taches")
        page.wait_for_function("indexedDB.databases().then((all) => all.length > 0)")
        page.evaluate(PLANT)
        assert kept_here(page) == 1
        page.get_by_role("button", name="Se déconnecter").first.click()
        page.wait_for_url("**/connexion*")
        assert kept_here(page) == 0
    demo.visitors.pop("infirmiere").close()


OFFER = """() => window.dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
  prompt: async () => { window.asked = (window.asked ?? 0) + 1; return { outcome: 'accepted' }; },
}))"""
"""What Chromium itself says only outside of tests: that the page may offer it."""
PLANT = """() => new Promise((done) => {
  const asked = indexedDB.open('jalon', 1);
  asked.onsuccess = () => {
    const writing = asked.result.transaction('kept', 'readwrite');
    const { person } = document.body.dataset;
    writing.objectStore('kept').put({ person, task: '/t', title: 'T', typed: [], at: Date.now() });
    writing.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
COUNT = """() => new Promise((done) => {
  const asked = indexedDB.open('jalon', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('kept', { keyPath: ['person', 'task'] });
  asked.onsuccess = () => {
    const counted = asked.result.transaction('kept').objectStore('kept').count();
    counted.onsuccess = () => { asked.result.close(); done(counted.result); };
  };
})"""


def kept_here(page: Page) -> int:
    """How many answers and drafts this device keeps."""
    return int(page.evaluate(COUNT))
