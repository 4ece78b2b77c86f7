from tests.admin.conftest import Office
from tests.support.packages import DIAGRAM

RENAMED = DIAGRAM.replace('name="Visite"', 'name="Visite à domicile"')
BROKEN = DIAGRAM.replace(' name="Lettre reçue ?" default="f7"', ' name="Lettre reçue ?"')


def test_a_draft_is_checked_and_published_through_rest(office: Office) -> None:
    browser = office.browser(office.lead)
    assert browser.get("/api/pathways").json[0]["version"] == 1
    found = browser.send("PUT", "/api/pathways/essai/draft", 200, json={"diagram": RENAMED}).json
    assert found["errors"] == 0
    assert browser.get("/api/pathways/essai").json["has_draft"]
    published = browser.send("POST", "/api/pathways/essai/publish", 201, json={"note": "À domicile"}).json
    assert published == {"key": "essai", "version": 2}
    assert [one["number"] for one in browser.get("/api/pathways/essai").json["versions"]] == [2, 1]


def test_what_would_not_run_is_not_published_and_says_where(office: Office) -> None:
    browser = office.browser(office.lead)
    browser.send("PUT", "/api/pathways/essai/draft", 200, json={"diagram": BROKEN})
    assert browser.send("POST", "/api/pathways/essai/checks", 200).json["errors"] >= 1
    problem = browser.send("POST", "/api/pathways/essai/publish", 422, json={"note": "n"})
    assert problem.content_type == "application/problem+json"
    assert problem.json["element"]


def test_wrong_bodies_name_the_field(office: Office) -> None:
    browser = office.browser(office.lead)
    assert "diagram" in str(browser.send("PUT", "/api/pathways/essai/draft", 422, json={}).json["fields"])
    browser.send("POST", "/api/pathways/essai/publish", 422, json={"note": ""})
    browser.send("PUT", "/api/pathways/absent/draft", 404, json={"diagram": RENAMED})


def test_runs_are_listed_and_looked_at(office: Office) -> None:
    case = office.open_case()
    browser = office.browser(office.coordinator)
    listed = browser.get("/api/runs?pathway=essai&standing=en-cours").json
    assert [run["id"] for run in listed["runs"]] == [case]
    assert "PAT-TROIS" not in str(listed)
    run = browser.get(f"/api/runs/{case}").json
    assert [token["element"] for token in run["tokens"] if token["state"] == "waiting"] == ["visit"]
    assert run["variables"] is None
    assert office.browser(office.lead).get(f"/api/runs/{case}").json["variables"]["dossier"] == case
    browser.get("/api/runs?standing=autre", 422)
    browser.get("/api/runs/absent", 404)


def test_the_rights_are_those_of_the_screens(office: Office) -> None:
    browser = office.browser(office.doctor)
    browser.get("/api/runs", 403)
    browser.get("/api/pathways", 403)
    assert office.app.test_client().get("/api/runs").status_code == 401
