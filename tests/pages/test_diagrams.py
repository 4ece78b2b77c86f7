"""The diagram viewer and the diagram editor, on the stroke pathway, under the strict policy of the real pages."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.stand import Stand, standing
from tests.support.browser import DESK, PHONE, WIDTHS, assert_accessible, assert_fits, page_of, shoot
from tests.support.patience import until

pytestmark = pytest.mark.pages

VIEWER_HEAD = """<link rel="stylesheet" href="/static/built/viewer.css">
<script src="/static/built/viewer.js" defer></script>"""
VIEWER = """<div class="canvas bp-canvas" data-viewer data-diagram-url="/diagramme.bpmn" data-state-url="/etat.json"
 tabindex="0" role="region" aria-label="Tracé du parcours"></div>"""
EDITOR_HEAD = VIEWER_HEAD.replace("viewer", "modeler")
EDITOR = """<p role="status" data-save-state></p>
<button type="button" data-command="undo">Annuler</button><button type="button" data-command="fit">Tout voir</button>
<div data-modeler data-diagram-url="/diagramme.bpmn" data-save-url="/brouillon" data-check-url="/controles"
 data-csrf="jeton"></div>
<section aria-label="Réglages"><div data-properties></div></section>
<section aria-label="Contrôles"><p data-findings-count></p><ul class="findings" data-findings></ul></section>
<form action="/publier.html" method="post"><button data-needs-no-error>Publier</button></form>"""
STATE = {
    "done": ["sortie_recue", "identite_consentement"],
    "here": [
        {"element": "trouver_medecin", "count": 2, "late": False},
        {"element": "fixer_rendez_vous", "count": 1, "late": True},
    ],
    "incidents": ["priorite"],
}  # fmt: skip
FINDINGS = [
    {"severity": "warning", "element": "", "file": "priorite.dmn", "line": 3, "message": "Sans source", "hint": ""},
    {"severity": "error", "element": "priorite", "file": "", "line": 1, "message": "Sortie manquante", "hint": "Ici."},
]
ENGLISH = re.compile(r"(?i)\b(the|of|and|element|task|event|create|append|select|activate|item|open|toggle|delete)\b")
SHOWN_WORDS = """() => [...document.querySelectorAll('[title], [aria-label]')]
  .flatMap(e => [e.title, e.getAttribute('aria-label')])
  .concat(document.querySelector('[data-properties]').innerText.split('\\n'), [...document.querySelectorAll(
    '.djs-popup')].flatMap(e => e.innerText.split('\\n'))).filter(Boolean)"""


@pytest.fixture
def stand() -> Iterator[Stand]:
    with standing() as stand:
        stand.answers["/etat.json"] = json.dumps(STATE).encode()
        stand.answers["/controles"] = json.dumps(FINDINGS).encode()
        stand.put("/trace.html", VIEWER, head=VIEWER_HEAD)
        stand.put("/atelier.html", EDITOR, head=EDITOR_HEAD)
        yield stand


@pytest.fixture
def editor(chromium: Browser, stand: Stand) -> Iterator[Page]:
    with page_of(chromium, stand.address) as page:
        page.goto("/atelier.html")
        page.wait_for_selector("[data-ready]")
        yield page


def pick(page: Page, element: str) -> None:
    page.locator(f'[data-element-id="{element}"] .djs-hit').first.click(force=True)


def english_words(page: Page) -> list[str]:
    return [words for words in page.evaluate(SHOWN_WORDS) if ENGLISH.search(words) and "bpmn.io" not in words]


def open_all_groups(page: Page) -> None:
    closed = page.locator(".bio-properties-panel-group-header:not(.open) .bio-properties-panel-arrow")
    while closed.count():
        closed.first.click()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_viewer_shows_where_a_case_stands(chromium: Browser, stand: Stand, width: int) -> None:
    with page_of(chromium, stand.address, width) as page:
        page.goto("/trace.html")
        page.wait_for_selector("[data-ready]")
        expect(page.locator(".djs-shape.is-done")).to_have_count(2)
        expect(page.locator('[data-element-id="trouver_medecin"].is-here')).to_have_count(1)
        expect(page.locator(".bp-token")).to_have_text(["2", "1"])
        expect(page.locator('[data-element-id="fixer_rendez_vous"].is-late')).to_be_in_viewport()
        expect(page.locator(".bp-stuck")).to_have_count(1)
        expect(page.locator(".bjs-powered-by")).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
        shoot(page, "trace")


def test_the_viewer_says_why_a_diagram_cannot_be_shown(chromium: Browser, stand: Stand) -> None:
    del stand.answers["/diagramme.bpmn"]
    with page_of(chromium, stand.address, PHONE) as page:
        page.goto("/trace.html")
        expect(page.get_by_role("alert")).to_contain_text("Le dessin n’a pas pu être affiché")


def test_a_change_saves_itself_and_is_checked_again(editor: Page, stand: Stand) -> None:
    pick(editor, "completer_fiche")
    editor.keyboard.press("Delete")
    expect(editor.locator("[data-save-state]")).to_have_text(re.compile(r"Enregistré à \d\d:\d\d"))
    saves = [(headers, body) for method, path, headers, body in stand.sent if (method, path) == ("PUT", "/brouillon")]
    assert len(saves) == 1
    assert saves[0][0]["x-csrf-token"] == "jeton"
    assert b'id="completer_fiche"' not in saves[0][1]
    assert b"zeebe:calledDecision" in saves[0][1]
    until(lambda: [path for _, path, _, _ in stand.sent].count("/controles") == 2, "it is not checked again")
    expect(editor.locator(".finding")).to_have_count(2)


def test_what_was_changed_can_be_undone(editor: Page) -> None:
    expect(editor.locator('[data-command="undo"]')).to_be_disabled()
    pick(editor, "completer_fiche")
    editor.keyboard.press("Delete")
    editor.locator('[data-command="undo"]').click()
    expect(editor.locator('[data-element-id="completer_fiche"]').first).to_be_attached()


def test_publishing_waits_for_the_draft_to_be_saved(editor: Page, stand: Stand) -> None:
    stand.answers["/controles"] = b"[]"
    stand.put("/publier.html", "Publiée")
    pick(editor, "completer_fiche")
    editor.keyboard.press("Delete")
    editor.evaluate("document.querySelector('[data-needs-no-error]').disabled = false")
    editor.locator("text=Publier").click()
    editor.wait_for_url("**/publier.html")
    assert [path for _, path, _, _ in stand.sent if path != "/controles"][-2:] == ["/brouillon", "/publier.html"]


def test_findings_stand_on_their_elements_and_in_the_list(editor: Page) -> None:
    expect(editor.locator("[data-findings-count]")).to_have_text("1 erreur, 1 remarque")
    expect(editor.locator(".finding strong")).to_have_text(["Erreur 1 : Sortie manquante", "Remarque 2 : Sans source"])
    expect(editor.locator(".djs-overlays .badge-n")).to_have_text(["1"])
    expect(editor.locator("[data-needs-no-error]")).to_be_disabled()
    editor.locator(".finding button").click()
    expect(editor.locator('[data-element-id="priorite"].selected')).to_be_in_viewport()
    expect(editor.locator("[data-properties]")).to_contain_text("Priorité")


def test_the_editor_speaks_french(editor: Page) -> None:
    for element in ("completer_fiche", "priorite", "identite_consentement", "sortie_recue"):
        editor.locator('[data-command="fit"]').click()
        pick(editor, element)
        open_all_groups(editor)
        assert english_words(editor) == []
    editor.locator(".djs-palette .entry").last.click()
    expect(editor.locator(".djs-popup")).to_be_visible()
    assert english_words(editor) == []


def test_a_feel_field_opens_under_the_strict_policy(editor: Page) -> None:
    pick(editor, "completer_fiche")
    editor.locator("[data-properties] .bio-properties-panel-group-header", has_text="Pour qui").click()
    expect(editor.locator("[data-properties]")).to_contain_text("Échéance")
    assert editor.evaluate("document.adoptedStyleSheets.length") > 0


@pytest.mark.parametrize("width", WIDTHS)
def test_the_editor_page_is_accessible_and_fits(chromium: Browser, stand: Stand, width: int) -> None:
    with page_of(chromium, stand.address, width) as page:
        page.goto("/atelier.html")
        page.wait_for_selector("[data-ready]")
        if width == DESK:
            pick(page, "completer_fiche")
        assert_accessible(page)
        assert_fits(page)
        shoot(page, "atelier-seul")
