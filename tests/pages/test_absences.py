"""A leave takes a task to the substitute and brings it back, as two people see it in two browsers."""

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.demo import Demo
from tests.support.browser import PHONE

pytestmark = pytest.mark.pages
EARLY = "Consultation précoce"


def test_a_leave_moves_a_task_to_the_substitute_and_back(chromium: Browser, demo: Demo) -> None:
    """The doctor takes a task, leaves now on the telephone, and comes back early."""
    address = demo.address("medecin", EARLY)
    substitute = demo.visitor("medecin2").client.get("/api/session").json()["name"]
    with demo.page(chromium, "medecin", PHONE) as doctor, demo.page(chromium, "medecin2") as colleague:
        doctor.goto(address)
        doctor.get_by_text("Autre réponse").click()
        doctor.get_by_role("button", name="Prendre cette tâche").click()
        doctor.goto("/disponibilites")
        doctor.get_by_label("Premier jour", exact=True).fill("24/11/2026")
        doctor.get_by_label("Dernier jour", exact=True).fill("27/11/2026")
        doctor.get_by_label("Remplaçant").fill(substitute)
        doctor.get_by_role("button", name="Déclarer l’absence").click()
        expect(doctor.get_by_text(f"Remplaçant : {substitute}", exact=False)).to_be_visible()

        colleague.goto("/disponibilites")
        expect(colleague.get_by_text("Vous remplacez Dr Claire DEMO-BERTHON jusqu’au")).to_be_visible()
        expect(colleague.get_by_text("vous arrive.")).to_contain_text("1 tâche")
        colleague.goto(address)
        expect(colleague.get_by_role("button", name="Envoyer")).to_be_visible()

        doctor.get_by_role("button", name="Revenir maintenant").click()
        expect(doctor.get_by_text("Aucune absence n’est prévue.")).to_be_visible()
        colleague.goto("/disponibilites")
        expect(colleague.get_by_text("Vous remplacez")).to_have_count(0)
        doctor.goto(address)
        expect(doctor.get_by_role("button", name="Envoyer")).to_be_visible()
