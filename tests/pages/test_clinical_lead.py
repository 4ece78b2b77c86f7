"""The clinical lead's main path: change a pathway, be told what is wrong, mend it, publish it, follow the cases."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.demo import Demo
from tests.support.browser import assert_accessible, assert_fits, shoot

pytestmark = pytest.mark.pages
SAVED = re.compile(r"Enregistré à \d\d:\d\d")
TASK, FLOW = "completer_fiche", "de_sortie_recue_a_reunir_fiche"
NEW_NAME = "Compléter la fiche avec le service"


@pytest.fixture
def studio(chromium: Browser, demo: Demo) -> Iterator[Page]:
    with demo.page(chromium, "responsable") as page:
        page.goto("/atelier")
        page.get_by_role("link", name="Sortie d’hospitalisation", exact=True).click()
        page.wait_for_selector("[data-modeler][data-ready]")
        yield page


def pick(page: Page, element: str) -> None:
    page.locator(f'[data-element-id="{element}"] .djs-hit').first.click(force=True)


def rename(page: Page, element: str, name: str) -> None:
    """As one does at the keyboard: choose it, e, and the words."""
    pick(page, element)
    expect(page.locator("[data-properties]")).to_contain_text("Pour qui")
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def test_the_list_of_pathways_says_what_is_in_service(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "responsable") as page:
        page.goto("/")
        page.get_by_role("navigation", name="Principal", exact=True).get_by_role("link", name="Parcours").click()
        row = page.get_by_role("row", name=re.compile("Suites d’AVC"))
        expect(row).to_contain_text("Version 1")
        expect(row).to_contain_text("En service")
        row.get_by_role("link", name=re.compile("dossiers en cours")).click()
        expect(page.locator("h1")).to_have_text("Suivi")
        expect(page.locator("tbody tr").first).to_contain_text("Suites d’AVC")


def test_a_pathway_is_changed_refused_mended_and_published(studio: Page, demo: Demo) -> None:
    publish = studio.get_by_role("button", name="Publier la version 2")
    expect(publish).to_be_disabled()
    expect(publish).to_have_accessible_description(re.compile("Rien n’est changé depuis la version 1"))
    discard = studio.locator("summary", has_text="Abandonner ce brouillon")
    expect(discard).to_be_hidden()
    rename(studio, TASK, NEW_NAME)
    expect(studio.locator("[data-save-state]").first).to_have_text(SAVED)
    expect(discard).to_be_visible()

    pick(studio, FLOW)
    studio.keyboard.press("Delete")
    finding = studio.locator(".finding").first
    expect(finding).to_contain_text("Erreur 1")
    expect(studio.locator(".djs-overlays .badge-n").first).to_be_visible()
    expect(publish).to_be_disabled()
    expect(publish).to_have_accessible_description(re.compile("quand il ne restera plus d’erreur"))
    shoot(studio, "atelier-erreur")

    studio.get_by_role("button", name="Annuler").click()
    expect(studio.locator("[data-findings-count]").first).not_to_contain_text("erreur")
    expect(publish).to_be_enabled()
    publish.click()
    expect(studio.get_by_label("Ce qui change")).to_be_focused()
    studio.get_by_label("Ce qui change").fill("Le nom de la tâche dit avec qui.")
    publish.click()
    expect(studio.get_by_text("Version 2, en service")).to_be_visible()
    shoot(studio, "atelier-publie")
    new_cases_take_the_new_version(studio, demo)


def new_cases_take_the_new_version(page: Page, demo: Demo) -> None:
    old = demo.task("medecin", "Consultation de retour")["case"]
    page.goto(f"/suivi/{old}")
    expect(page.get_by_text("Version 1 du parcours")).to_be_visible()
    page.goto(f"/suivi/{demo.discharge(stroke=False)}")
    expect(page.get_by_text("Version 2 du parcours")).to_be_visible()
    page.wait_for_selector("[data-viewer][data-ready]")
    expect(page.locator(f'[data-element-id="{TASK}"]').first).to_have_text(re.compile("avec le service"))


def test_a_person_s_task_is_added_from_menus_that_stay_in_the_window(studio: Page) -> None:
    """Low in the window, where a menu has no room beneath; the settings stand beside it, not under it."""
    studio.locator('.djs-palette [data-action="create.task"]').click()
    canvas = studio.locator("[data-canvas]").bounding_box()
    assert canvas is not None
    studio.mouse.click(canvas["x"] + 420, canvas["y"] + 250)
    studio.keyboard.type("Appeler la famille")
    studio.keyboard.press("Enter")
    expect(studio.locator("[data-properties]")).to_be_in_viewport(ratio=0.9)
    studio.locator('.djs-context-pad [data-action="replace"]').click()
    expect(studio.locator(".djs-popup")).to_be_in_viewport(ratio=1)
    shoot(studio, "atelier-menu")
    studio.locator(".djs-popup .entry", has_text="Tâche d’une personne").click()
    expect(studio.locator("[data-properties]")).to_contain_text("Tâche d’une personne")
    missing = studio.locator(".finding", has_text="« Appeler la famille » n’a pas d’échéance")
    expect(missing).to_contain_text("Pour qui")
    studio.locator(".bio-properties-panel-group-header", has_text="Pour qui").click()
    expect(studio.locator("[data-properties]")).to_contain_text("Échéance")
    for _ in range(3):
        studio.get_by_role("button", name="Annuler").click()
    expect(missing).to_be_hidden()


def test_two_windows_on_one_draft_write_over_nothing_unseen(studio: Page, chromium: Browser, demo: Demo) -> None:
    notice, state = studio.locator("[data-overtaken]"), studio.locator("[data-save-state]").first
    with demo.page(chromium, "responsable") as other:
        other.goto(studio.url)
        other.wait_for_selector("[data-modeler][data-ready]")
        rename(other, TASK, "Compléter la fiche à deux")
        expect(other.locator("[data-save-state]").first).to_have_text(SAVED)
        rename(studio, TASK, "Compléter la fiche ensemble")
        expect(notice).to_contain_text("Vous avez enregistré ce brouillon dans une autre fenêtre, aujourd’hui")
        expect(state).to_contain_text("Pas enregistré")
        expect(studio.locator(f'[data-element-id="{TASK}"]').first).to_have_text(re.compile("ensemble"))
        shoot(studio, "atelier-deux-auteurs")
        assert_fits(studio)
        assert_accessible(studio)
        with studio.context.expect_page() as opened:
            notice.get_by_role("link", name="Voir l’autre dessin").click()
        expect(opened.value.locator(f'[data-element-id="{TASK}"]').first).to_have_text(re.compile("à deux"))
        notice.get_by_role("button", name="Enregistrer le mien à la place").click()
        expect(state).to_have_text(SAVED)
        expect(notice).to_be_hidden()

        pick(other, FLOW)
        rename(other, TASK, "Compléter la fiche à trois")
        other.get_by_role("button", name="Reprendre l’autre").click()
        expect(other.locator(f'[data-element-id="{TASK}"]').first).to_have_text(re.compile("ensemble"))
        other.locator("summary", has_text="Abandonner ce brouillon").click()
        other.get_by_role("button", name=re.compile("Abandonner le brouillon")).click()
        expect(other.get_by_text("Abandonner ce brouillon")).to_be_hidden()


def test_a_followed_case_shows_its_tokens_its_values_and_its_history(chromium: Browser, demo: Demo) -> None:
    row = demo.task("medecin", "Consultation précoce")
    with demo.page(chromium, "responsable") as page:
        page.goto("/suivi")
        page.get_by_role("link", name=row["patient"]["name"]).click()
        page.wait_for_selector("[data-viewer][data-ready]")
        expect(page.locator(".bp-token--late")).to_be_in_viewport()
        waiting = page.get_by_role("region", name="Ce qui est attendu", exact=True)
        expect(waiting).to_contain_text("Consultation précoce")
        expect(page.get_by_role("region", name="Ce qui s’est passé")).to_contain_text("Dossier ouvert")
        values = page.get_by_role("region", name="Valeurs")
        values.locator("summary", has_text="Patient").click()
        expect(values.get_by_text("Âge", exact=True)).to_be_visible()
        expect(values).not_to_contain_text("PAT-")


def test_the_finished_cases_are_kept_apart(chromium: Browser, demo: Demo) -> None:
    with demo.page(chromium, "responsable") as page:
        page.goto("/suivi")
        page.get_by_role("link", name=re.compile(r"\d+\s*terminés?$")).click()
        expect(page.locator("tbody tr").first).to_contain_text("Terminé")
        expect(page.locator("tbody")).not_to_contain_text("En cours")
