"""The patient's rights in a browser: an opposition empties the lists of the others."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.demo import Demo
from tests.support.browser import WIDTHS, assert_accessible, assert_fits, shoot

pytestmark = pytest.mark.pages
EARLY = "Consultation précoce"


@pytest.mark.parametrize("width", WIDTHS)
def test_an_opposition_empties_the_lists_of_the_others(chromium: Browser, demo: Demo, width: int) -> None:
    """The doctor records it; the pharmacist, who has the case's task open, finds it gone everywhere."""
    row = demo.task("medecin", EARLY)
    case, task = row["case"], row["id"]
    with demo.page(chromium, "medecin", width) as doctor:
        for place, name in (("cercle", "cercle"), ("cercle?q=masson", "cercle-ajout"), ("accord", "accord")):
            doctor.goto(f"/dossiers/{case}/{place}")
            _examine(doctor, f"droits-{name}")
        doctor.goto(f"/dossiers/{case}/consultations")
        expect(doctor.get_by_role("heading", name="Qui a consulté ce dossier ?")).to_be_visible()
        _examine(doctor, "droits-consultations")
        doctor.goto(f"/dossiers/{case}/opposition")
        doctor.get_by_label("Oral, tracé").check()
        _examine(doctor, "droits-opposition")
        doctor.get_by_role("button", name="Voir ce que cela arrête").click()
        expect(doctor.get_by_text(EARLY)).to_be_visible()
        _examine(doctor, "droits-opposition-consequence")
        doctor.get_by_role("button", name="Noter l’opposition").click()
        expect(doctor.get_by_role("heading", name="Opposition notée")).to_be_visible()
        _examine(doctor, "droits-opposition-notee")
        doctor.goto(f"/taches/{task}")
        expect(doctor.get_by_role("heading", level=1)).to_have_text("Cette page ne vous est pas ouverte")
        doctor.goto("/taches")
        expect(doctor.locator(f"a[href*='{task}']")).to_have_count(0)
    assert all(one["case"] != case for one in demo.visitor("infirmiere").all_tasks())
    with demo.page(chromium, "infirmiere", width) as page:
        page.goto(f"/dossiers/{case}/urgence")
        expect(page.get_by_role("button", name="Ouvrir le dossier")).to_be_visible()
        assert row["patient"]["name"] not in page.content()
        _examine(page, "acces-urgence")
    with demo.page(chromium, "coordinatrice", width) as page:
        page.goto("/acces-en-urgence")
        _examine(page, "acces-en-urgence")


def _examine(page: Page, name: str) -> None:
    shoot(page, name)
    assert_fits(page)
    assert_accessible(page)
