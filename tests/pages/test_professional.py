"""The professional's main path: the list, a task, a wrong answer, the right one, the next task; by keyboard too."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from jalon.demo import sign_ins
from tests.pages.demo import Demo, choose
from tests.support.browser import PHONE, WIDTHS, assert_accessible, page_of, shoot

pytestmark = pytest.mark.pages
EARLY, APPOINTMENT, CONSENT = "Consultation précoce", "Fixer le rendez-vous", "Recueillir le consentement"
HELD = "La consultation a-t-elle eu lieu ?"


def sign_in(page: Page, login: str) -> None:
    page.goto("/")
    page.get_by_label("Adresse").fill(f"{login}@loire-sucs.test")
    page.get_by_label("Mot de passe").fill(sign_ins.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def press_tab_until(page: Page, name: str, most: int = 60) -> None:
    """Go with Tab alone to what bears that name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in (page.evaluate("document.activeElement.innerText || document.activeElement.name || ''") or ""):
            return
    raise AssertionError(f"Tab does not reach « {name} »")


def test_the_list_shows_what_waits_late_first(chromium: Browser, demo: Demo) -> None:
    with page_of(chromium, demo.url) as page:
        sign_in(page, "medecin")
        expect(page).to_have_title(re.compile("À faire"))
        groups = page.locator(".queue__group")
        expect(groups.first).to_contain_text("En retard")
        row = page.locator(".task").first
        expect(row).to_contain_text("En retard de")
        expect(row).to_contain_text(EARLY)
        expect(row).to_contain_text("Vous êtes son médecin traitant.")
        expect(row.locator(".task__patient")).to_have_text(re.compile(r"^PAT-"))


def test_a_task_says_who_why_what_was_said_and_where_the_case_stands(chromium: Browser, demo: Demo) -> None:
    row = demo.task("medecin", EARLY)
    with demo.page(chromium, "medecin") as page:
        page.goto("/taches")
        page.locator(".task__go", has_text=row["patient"]["name"]).first.click()
        expect(page.get_by_role("region", name="Patient")).to_contain_text("Identité qualifiée")
        expect(page.locator(".why")).to_contain_text("vous êtes son médecin traitant")
        expect(page.get_by_role("region", name="Déjà dit")).to_contain_text("Sophie DEMO-VIALLET")
        steps = page.locator(".trail li")
        expect(page.locator(".trail [aria-current=step]")).to_contain_text(EARLY)
        assert 4 <= steps.count() <= 12
        page.locator("summary", has_text="Tracé").click()
        expect(page.locator("[data-viewer][data-ready] .bp-token").first).to_be_visible()


def test_the_case_page_tells_the_whole_story(chromium: Browser, demo: Demo) -> None:
    case = demo.task("medecin", APPOINTMENT)["case"]
    with demo.page(chromium, "medecin") as page:
        page.goto("/dossiers")
        page.locator(f'a[href="/dossiers/{case}"]').click()
        expect(page.locator(".steps .is-done").first).to_contain_text("Sortie reçue")
        expect(page.get_by_role("region", name="Ce qui est attendu")).to_contain_text(APPOINTMENT)
        expect(page.get_by_role("region", name="Ce qui s’est passé")).to_contain_text("Dossier ouvert")
        expect(page.get_by_role("region", name="Déjà dit")).to_contain_text(CONSENT)
        expect(page.get_by_role("region", name="Cercle de soins")).to_contain_text("Dr Claire DEMO-BERTHON")
        page.get_by_role("region", name="Tracé", exact=True).scroll_into_view_if_needed()
        expect(page.locator("[data-viewer][data-ready] .bp-token").first).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_case_says_why_each_decision_came_out_so(chromium: Browser, demo: Demo, width: int) -> None:
    case = demo.task("medecin", APPOINTMENT)["case"]
    with demo.page(chromium, "medecin", width) as page:
        page.goto(f"/dossiers/{case}")
        story = page.get_by_role("region", name="Ce qui s’est passé")
        expect(story.get_by_role("table")).to_have_count(0)
        story.get_by_text("Pourquoi ?").first.click()
        applied = story.get_by_role("row").filter(has_text="S’applique").first
        expect(applied).to_contain_text("Règle")
        expect(story.get_by_role("row").filter(has_text="Il faudrait").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert_accessible(page)
        shoot(page, "pourquoi")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wrong_answer_comes_back_whole_and_the_right_one_brings_the_next_task(
    chromium: Browser, demo: Demo, width: int
) -> None:
    with demo.page(chromium, "medecin", width) as page:
        row = demo.task("medecin", EARLY)
        page.goto(f"/taches/{row['id']}")
        choose(page, HELD, "Oui")
        page.get_by_label("PA systolique").fill("3000")
        page.get_by_label("Commentaire").fill("Marche bien, dort mal.")
        page.get_by_role("button", name="Envoyer").click()
        summary = page.locator("#a-revoir")
        expect(summary).to_be_focused()
        expect(page.get_by_label("PA systolique")).to_have_value("3000")
        expect(page.get_by_label("PA systolique")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".err").first).to_have_text("Entre 50 et 300. Un zéro de trop ?")
        assert page.locator(".err").count() == summary.get_by_role("link").count() > 1
        expect(page.get_by_label("Commentaire")).to_have_value("Marche bien, dort mal.")

        summary.get_by_role("link", name="PA systolique").click()
        expect(page.get_by_label("PA systolique")).to_be_focused()
        page.keyboard.press("Control+A")
        page.keyboard.type("138")
        answer_what_is_missing(page)
        sent = page.get_by_role("button", name="Envoyer")
        with page.expect_response(lambda response: response.url.endswith(row["id"])) as posted:
            sent.click()
        assert "Réponse envoyée" in posted.value.text()
        expect(page.locator("#titre")).to_be_focused()
        expect(page.locator(".notice--done")).to_contain_text("Réponse envoyée. Il vous reste")
        expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")
        assert row["id"] not in page.url
        assert row["id"] not in [one["id"] for one in demo.visitor("medecin").all_tasks()]
        shoot(page, "tache-suivante")


def answer_what_is_missing(page: Page) -> None:
    """Give every required field that the summary named a plausible value."""
    for error in page.locator(".err").all():
        field = page.locator(f'[aria-describedby~="{error.get_attribute("id")}"]')
        if field.evaluate("one => one.tagName") == "FIELDSET":
            field.locator("label").first.click()
        elif not field.input_value():
            low, high = map(int, (field.get_attribute("placeholder") or "").split(" à "))
            field.fill(str((low + high) // 3))


def test_the_whole_path_goes_by_keyboard_alone(chromium: Browser, demo: Demo) -> None:
    with page_of(chromium, demo.url) as page:
        page.goto("/")
        page.keyboard.type("coordinatrice@loire-sucs.test")
        page.keyboard.press("Tab")
        page.keyboard.type(sign_ins.PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_title(re.compile("À faire"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
        page.keyboard.press("Enter")
        press_tab_until(page, CONSENT)
        page.keyboard.press("Enter")
        expect(page.locator("#titre")).to_have_text(CONSENT)
        task = page.url
        press_tab_until(page, "reponse")
        page.keyboard.press("Space")
        expect(page.get_by_text("Accord recueilli")).to_be_visible()
        press_tab_until(page, "mode")
        page.keyboard.press("Space")
        press_tab_until(page, "information_remise")
        page.keyboard.press("Space")
        press_tab_until(page, "Envoyer")
        page.keyboard.press("Enter")
        expect(page.locator("#titre")).to_be_focused()
        expect(page.locator("#annonce")).to_contain_text("Réponse envoyée.")
        assert page.url != task


def test_a_task_of_a_role_is_taken_and_given_back(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "pharmacienne", PHONE) as page:
        page.goto(demo.address("pharmacienne", "Conciliation médicamenteuse"))
        page.get_by_text("Autre réponse").click()
        page.get_by_role("button", name="Prendre cette tâche").click()
        expect(page.locator(".why")).to_contain_text("elle vous est confiée")
        page.goto("/taches?liste=moi")
        expect(page.locator(".task")).to_have_count(1)
        page.locator(".task__go").click()
        page.get_by_text("Autre réponse").click()
        page.get_by_role("button", name="La rendre").click()
        expect(page.locator("#annonce")).to_contain_text("Tâche rendue.")
        page.goto("/taches?liste=moi")
        expect(page.locator(".task")).to_have_count(0)


def test_a_search_keeps_the_list_to_one_patient(chromium: Browser, demo: Demo) -> None:
    name = demo.visitor("pharmacienne").tasks("roles")[-1]["patient"]["name"].split()[0]
    with demo.page(chromium, "pharmacienne") as page:
        page.goto("/taches?liste=roles")
        page.keyboard.press("/")
        page.keyboard.type(name)
        expect(page.locator(".task")).to_have_count(1)
        expect(page.get_by_role("searchbox")).to_be_focused()
        assert name not in page.url


def test_an_answer_works_without_javascript(chromium: Browser, demo: Demo) -> None:
    context = chromium.new_context(base_url=demo.url, java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    sign_in(page, "medecin2")
    page.locator(".task__go", has_text=APPOINTMENT).first.click()
    task = page.url
    choose(page, "Où en est le rendez-vous ?", "Je ne peux pas dans ce délai")
    page.get_by_label("Commentaire").fill("Absente toute la semaine.")
    page.get_by_role("button", name="Envoyer").click()
    if page.locator("#a-revoir").count():
        expect(page.get_by_label("Commentaire")).to_have_value("Absente toute la semaine.")
        answer_what_is_missing(page)
        page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".notice--done")).to_contain_text("Réponse envoyée.")
    page.goto(task)
    expect(page.locator(".notice:not([hidden])").first).to_contain_text("Dr Anne DEMO-VIGNAL a répondu")
    context.close()
