from dataclasses import replace
from datetime import timedelta
from io import BytesIO

from care.sharing import break_glass
from people.sign_in import enrolments
from tests.admin.conftest import Office
from tests.admin.test_follow_up import stuck
from tests.admin.test_identities import ANNE, admit, end, open_case
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


def test_a_program_does_not_write_over_the_draft_of_another(office: Office) -> None:
    draft, mine, theirs = "/api/pathways/essai/draft", office.browser(office.lead), office.browser(office.colleague)
    seen = mine.get("/api/pathways/essai").json["revision"]
    kept = mine.send("PUT", draft, 200, json={"diagram": RENAMED, "revision": seen}).json["revision"]
    for said in ({}, {"revision": seen}):
        told = theirs.send("PUT", draft, 409, json={"diagram": DIAGRAM, **said}).json
        assert (told["code"], told["revision"]) == ("draft-overtaken", kept)
    theirs.send("DELETE", draft, 409)
    theirs.send("DELETE", f"{draft}?revision={seen}", 409)
    theirs.send("POST", "/api/pathways/essai/publish", 409, json={"note": "La mienne", "revision": seen})
    mine.send("PUT", draft, 200, json={"diagram": BROKEN})
    theirs.send("DELETE", f"{draft}?revision={theirs.get('/api/pathways/essai').json['revision']}", 204)


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


def test_a_draft_is_dropped_and_a_stuck_case_mended_through_rest(office: Office) -> None:
    lead, coordinator = office.browser(office.lead), office.browser(office.coordinator)
    lead.send("PUT", "/api/pathways/essai/draft", 200, json={"diagram": RENAMED})
    coordinator.send("DELETE", "/api/pathways/essai/draft", 403)
    lead.send("DELETE", "/api/pathways/essai/draft", 204)
    assert not lead.get("/api/pathways/essai").json["has_draft"]
    case, incident = (part.replace("/suivi/", "/api/runs/") for part in stuck(office))
    office.browser(office.doctor).send("POST", f"{incident}/retry", 403)
    coordinator.send("POST", f"{incident}/retry", 204)
    correction = {"name": "rankin", "value": "beaucoup ="}
    (still,) = [one for one in coordinator.get(f"/api/runs/{case}").json["incident_list"] if one["state"] == "open"]
    incident = f"/api/runs/{case}/incidents/{still['id']}"
    assert coordinator.send("POST", f"{incident}/correction", 422, json={**correction, "value": ""}).json["code"]
    coordinator.send("POST", f"{incident}/correction", 204, json={**correction, "value": "0"})
    assert {one["state"] for one in coordinator.get(f"/api/runs/{case}").json["incident_list"]} == {"resolved"}
    coordinator.send("POST", f"{incident}/retry", 409)
    coordinator.send("POST", f"/api/runs/{case}/incidents/absent/retry", 404)


def test_identities_are_found_read_and_restated_through_rest(office: Office) -> None:
    known = admit(office, status="RECUP")
    coordinator, doctor, operator = (
        office.browser(who) for who in (office.coordinator, office.doctor, office.operator)
    )
    (found,) = coordinator.send("POST", "/api/patients/search", 200, json={"q": "septante"}).json["patients"]
    assert (found["id"], found["name"], found["identity_status"]) == (known.id, "PAT-SEPTANTE Anne", "RECUP")
    assert doctor.send("POST", "/api/patients/search", 200, json={"q": "septante"}).json["patients"] == []
    doctor.get(f"/api/patients/{known.id}", 404)
    address = f"/api/patients/{known.id}"
    coordinator.get(f"{address}/ins", 404)
    assert [one["status"] for one in coordinator.get(address).json["moves"]] == ["QUAL", "PROV"]
    coordinator.send("PUT", f"{address}/status", 403, json={"status": "VALI"})
    coordinator.send("PUT", f"{address}/status", 204, json={"status": "QUAL"})
    read = coordinator.get(address).json
    assert (read["identity"]["ins"], read["identity"]["birth_date"]) == ("2 50 03 ** *** *** **", "1950-03-04")
    assert coordinator.get(f"{address}/ins").json == {"ins": ANNE.ins}
    done = coordinator.get(address).json["deeds"]
    assert [one["what"] for one in done[:2]] == ["INS affiché", "Identité consultée"]
    assert operator.get(address).json == {"id": known.id, "erased": False, "running": 0, "identity": None}
    assert "PAT-SEPTANTE" not in operator.get(address).text


def test_duplicates_are_merged_parted_and_erased_through_rest(office: Office) -> None:
    first = admit(office)
    second = admit(office, replace(ANNE, prenoms=("Annne",), ins=None), "PROV")
    coordinator, lead = office.browser(office.coordinator), office.browser(office.lead)
    office.browser(office.doctor).get("/api/duplicates", 403)
    (pair,) = coordinator.get("/api/duplicates").json["duplicates"]
    assert {one["id"] for one in pair["patients"]} == {first.id, second.id}
    both = {"kept": first.id, "gone": second.id}
    assert coordinator.send("POST", "/api/merges", 422, json={"kept": second.id, "gone": first.id}).json["code"]
    made = coordinator.send("POST", "/api/merges", 201, json=both).json
    assert (made["gone"], made["stopped"], made["undone_at"]) == (second.id, 0, None)
    assert [one["id"] for one in coordinator.get("/api/merges").json["merges"]] == [made["id"]]
    coordinator.send("POST", "/api/merges", 409, json=both)
    assert coordinator.send("DELETE", f"/api/merges/{made['id']}", 200).json["undone_at"]
    apart = {"patient": first.id, "other": second.id}
    coordinator.send("POST", "/api/duplicates/dismissal", 204, json=apart)
    coordinator.send("POST", "/api/duplicates/dismissal", 409, json=apart)
    case = open_case(office, first)
    coordinator.send("POST", f"/api/patients/{first.id}/export", 403)
    exported = lead.send("POST", f"/api/patients/{first.id}/export", 200).json
    assert [one["numero"] for one in exported["dossiers"]] == [case]
    erasure, why = f"/api/patients/{first.id}/erasure", {"reason": "demande"}
    assert lead.send("POST", erasure, 409, json=why).json["code"] == "open-cases"
    end(office, case)
    office.clock.advance(timedelta(minutes=11))
    assert lead.send("POST", erasure, 401, json=why).json["code"] == "recent-sign-in-required"
    lead = office.browser(office.lead)
    lead.send("POST", erasure, 204, json=why)
    left = lead.get(f"/api/patients/{first.id}").json
    deed = left.pop("deeds")[0]
    assert left == {"id": first.id, "erased": True, "running": 0, "identity": None}
    assert (deed["what"], deed["by"]) == ("Données effacées", office.lead.display)


def test_structures_groups_and_referents_are_kept_through_rest(office: Office) -> None:
    browser, address = office.browser(office.coordinator), "/api/directory"
    office.browser(office.doctor).send("POST", f"{address}/groups", 403, json={"name": "a", "kind": "groupe"})
    home = {"name": "Ehpad du Lizieux", "kind": "ehpad", "finess": "430000018", "commune": "Beauzac"}
    made = browser.send("POST", f"{address}/structures", 201, json=home).json
    browser.send("POST", f"{address}/structures", 409, json=home)
    wrong = browser.send("PUT", f"{address}/structures/{made['id']}", 422, json={**home, "commune_code": "430000"})
    assert list(wrong.json["fields"]) == ["commune_code"]
    browser.send("PUT", f"{address}/structures/absent", 404, json=home)
    closed = browser.send("PUT", f"{address}/structures/{made['id']}", 200, json={**home, "active": False}).json
    assert (closed["id"], closed["active"]) == (made["id"], False)
    assert [one["name"] for one in browser.get(f"{address}/structures?q=lizieux").json] == ["Ehpad du Lizieux"]
    group = browser.send("POST", f"{address}/groups", 201, json={"name": "AVC", "kind": "groupe"}).json
    browser.send("POST", f"{address}/groups", 409, json={"name": "AVC", "kind": "groupe"})
    membership = f"{address}/groups/{group['id']}/members/{office.doctor.id}"
    browser.send("PUT", membership, 204)
    assert [one["id"] for one in browser.get(f"{address}/groups/{group['id']}").json["members"]] == [office.doctor.id]
    assert [one["members"] for one in browser.get(f"{address}/groups").json["groups"]] == [1]
    browser.send("DELETE", membership, 204)
    assert browser.get(f"{address}/groups/{group['id']}").json["members"] == []
    browser.send("PUT", f"{address}/referents/10", 422, json={"person": office.doctor.id})
    assert browser.get(f"{address}/referents").json == {"referents": []}
    sent = {"file": (BytesIO("nom;prénom;rpps\nDEMO-ROUX;Jean;10999000017\n".encode()), "noms.csv")}
    planned = browser.send("POST", f"{address}/imports", 201, data=sent).json
    browser.send("DELETE", f"{address}/imports/{planned['id']}", 204)
    assert [one["state"] for one in browser.get(f"{address}/imports").json["imports"]] == ["dropped"]
    browser.send("POST", f"{address}/imports/{planned['id']}/confirmation", 409)


def test_accesses_are_looked_at_and_people_let_in_through_rest(office: Office) -> None:
    case, browser = office.open_case(), office.browser(office.coordinator)
    with office.context.database.begin() as session:
        parts = (session, office.context.vault, office.clock, office.doctor, case, "Malaise à son domicile, seule.")
        access = break_glass.begin(*parts, vital=True, over_opposition=False)
    office.browser(office.doctor).get("/api/emergencies", 403)
    browser.send("PUT", f"/api/emergencies/{access}/review", 204)
    browser.send("PUT", f"/api/emergencies/{access}/disclosure", 204)
    browser.send("PUT", "/api/emergencies/absent/review", 404)
    (told,) = browser.get("/api/emergencies").json["accesses"]
    assert (told["case"], told["vital"], told["person"]) == (case, True, office.doctor.id)
    assert (told["reviewed_by"], told["disclosed_at"] is not None) == (office.coordinator.display, True)
    lea = {"family_name": "DEMO-REY", "given_name": "Léa", "email": "lea@loire-sucs.test", "roles": ["secretaire"]}
    browser.send("POST", "/api/invitations", 422, json={**lea, "roles": ["admin"]})
    made = browser.send("POST", "/api/invitations", 201, json=lea).json
    assert (made["mailed"], "/invitation/" in made["url"]) == (False, True)
    (waiting,) = browser.get("/api/invitations").json["invitations"]
    assert (waiting["person"], waiting["email"]) == (made["person"], "lea@loire-sucs.test")
    with office.context.database.begin() as session:
        enrolments.ask(session, office.clock, "demo", made["person"], ["ide_liberale"])
    (asks,) = browser.get("/api/enrolments").json["enrolments"]
    assert (asks["person"], asks["roles"]) == (made["person"], ["ide_liberale"])
    accepted = f"/api/enrolments/{made['person']}/acceptance"
    browser.send("POST", accepted, 422, json={"roles": []})
    browser.send("POST", accepted, 204, json={"roles": ["ide_liberale"]})
    browser.send("POST", f"/api/enrolments/{made['person']}/refusal", 409)
    office.browser(office.doctor).get("/api/invitations", 403)
