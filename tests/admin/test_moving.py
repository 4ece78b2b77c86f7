"""A running case goes over to the version in force: what changes is shown first, and what stands in the way."""

import html
import re

import pytest

from pathways import catalogue
from tests.admin.conftest import Office
from tests.support.packages import DECISION, DIAGRAM, FORM, package

RENAMED = DIAGRAM.replace('id="visit" name="Visite"', 'id="visit" name="Visite à domicile"')
WITHOUT = re.sub(r"\bvisit\b", "seen", DIAGRAM)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def publish(office: Office, **changed: object) -> None:
    with office.context.database.begin() as session:
        catalogue.publish(session, office.context, package(**changed), office.lead.id, "Visite à domicile")  # type: ignore[arg-type]


def journal(office: Office, case: str) -> list[str]:
    with office.context.database.read() as session:
        return [entry.kind for entry in office.context.engine.history(session, case)]


@pytest.fixture
def case(office: Office) -> str:
    return office.open_case()


def test_a_case_goes_over_to_the_version_in_force_and_its_history_says_who(office: Office, case: str) -> None:
    browser = office.browser(office.lead)
    assert "Rien à changer" in browser.get(f"/suivi/{case}/version").text
    publish(office, diagram=RENAMED, form={**FORM, "title": "Autre"}, decision=DECISION.replace("P3", "P2"))
    assert "Passer à la version 2" in browser.get(f"/suivi/{case}").text
    page = words(browser.get(f"/suivi/{case}/version").text)
    for told in (
        "Autre nom : “Visite” devient “Visite à domicile”, autre formulaire",
        "Priorite Autre table de décision",
    ):
        assert told in page
    browser.post(f"/suivi/{case}/version", version="2")
    assert office.version_of(case) == 2
    page = words(browser.get(f"/suivi/{case}").text)
    assert "Passé à une autre version du parcours" in page
    assert "Marc DEMO-FAURE." in page
    assert "Passer à la version" not in page
    assert "Visite à domicile" in page
    browser.get(f"/suivi/{case}/diagramme.bpmn")
    office.answer(case, rankin=0, lettre_recue=True)
    assert journal(office, case)[-1] == "run_ended"


def test_it_is_refused_as_long_as_something_stands_on_a_step_that_is_gone(office: Office, case: str) -> None:
    publish(office, diagram=WITHOUT)
    browser = office.browser(office.lead)
    page = browser.get(f"/suivi/{case}/version").text
    assert "ne peut pas passer à cette version maintenant" in page
    assert "« Visite » n’y est plus" in words(page)
    assert 'name="version"' not in page
    refused = browser.post(f"/suivi/{case}/version", 409, version="2").text
    assert "Le dossier n’a pas changé de version" in refused
    assert browser.get(f"/api/runs/{case}/version").json["obstacles"] == ["« Visite » n’y est plus"]
    browser.send("PUT", f"/api/runs/{case}/version", 409, json={"version": 2})
    assert office.version_of(case) == 1
    assert "run_migrated" not in journal(office, case)


def test_programs_read_what_changes_and_name_the_version_that_they_read(office: Office, case: str) -> None:
    browser = office.browser(office.operator)
    assert browser.get(f"/api/runs/{case}/version").json["newer"] is None
    publish(office, diagram=RENAMED)
    told = browser.get(f"/api/runs/{case}/version").json
    assert (told["version"], told["newer"], told["obstacles"], told["decisions"]) == (1, 2, [], [])
    (change,) = told["changes"]
    assert (change["kind"], change["element"], change["parts"]) == ("changed", "visit", ["name"])
    publish(office, diagram=RENAMED.replace("Visite à domicile", "Passage"))
    browser.send("PUT", f"/api/runs/{case}/version", 409, json={"version": 2})
    browser.send("PUT", f"/api/runs/{case}/version", 204, json={"version": 3})
    browser.send("PUT", f"/api/runs/{case}/version", 409, json={"version": 3})
    assert office.version_of(case) == 3


def test_steps_that_come_and_go_are_named(office: Office, case: str) -> None:
    publish(office, diagram=WITHOUT)
    changes = office.browser(office.lead).get(f"/api/runs/{case}/version").json["changes"]
    assert {(one["kind"], one["element"]) for one in changes} == {("added", "seen"), ("removed", "visit")}


def test_it_is_for_the_clinical_lead_and_the_operator_alone(office: Office, case: str) -> None:
    publish(office, diagram=RENAMED)
    assert "PAT-TROIS" not in office.browser(office.operator).get(f"/suivi/{case}/version").text
    coordinator = office.browser(office.coordinator)
    assert "Passer à la version" not in coordinator.get(f"/suivi/{case}").text
    for browser in (coordinator, office.browser(office.doctor)):
        browser.get(f"/suivi/{case}/version", 403)
        browser.post(f"/suivi/{case}/version", 403, version="2")
        browser.send("PUT", f"/api/runs/{case}/version", 403, json={"version": 2})
    office.browser(office.lead).post(f"/suivi/{case}/version", 422, version="deux")
    office.browser(office.lead).get("/suivi/0000000000000000/version", 404)
