import html

from people.notices import deliveries
from tests.inbox.conftest import PASSWORD, TENANT, Site

RIGHT = {"pa_sys": 152, "rythme": "fa", "antithrombotique": "aucun", "information": True}


def test_signing_in_over_rest_gives_a_cookie_and_a_token(site: Site) -> None:
    site.client(site.doctor)
    client = site.client()
    assert client.get("/api/session").status_code == 401
    answer = client.post("/api/session", json={"login": site.doctor.email, "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.json["name"] == "Dr Claire DEMO-BERTHON"
    again = client.post("/api/session", json={"login": site.doctor.email, "password": PASSWORD})
    assert again.status_code == 201
    assert client.get("/api/session").json["csrf"] == again.json["csrf"]
    assert client.delete("/api/session", headers={"X-CSRF-Token": again.json["csrf"]}).status_code == 204
    assert client.get("/api/session").status_code == 401


def test_a_wrong_password_is_a_problem_with_a_stable_code(site: Site) -> None:
    answer = site.client().post("/api/session", json={"login": site.doctor.email, "password": "non"})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "unverified"


def test_the_list_says_what_waits(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    page = site.client(site.doctor).get("/api/tasks").json
    assert page["counts"] == {"moi": 1, "roles": 0, "retard": 0, "suivies": 0}
    [task] = page["tasks"]
    assert (task["case"], task["title"], task["urgency"]) == (case, "Consultation précoce", "p1")
    assert task["patient"]["name"] == "PAT-TROIS Dominique"


def test_a_task_comes_with_its_fields_and_what_they_hold(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    task = site.client(site.doctor).get(f"/api/tasks/{site.task(case)}").json
    fields = {field["key"]: field for field in task["fields"]}
    assert fields["pa_sys"]["value"] == "158"
    assert fields["pa_sys"]["unit"] == "mmHg"
    assert {"value": "fa", "label": "FA"} in fields["rythme"]["options"]
    assert "molecule" not in fields


def test_a_completion_says_what_comes_next(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    client, task = site.client(site.doctor), site.task(case)
    headers = {"X-CSRF-Token": client.csrf}
    done = client.post(f"/api/tasks/{task}/completion", json={"answers": RIGHT}, headers=headers)
    assert done.status_code == 200
    assert done.json == {"task": task, "next": site.task(case), "remaining": 1}
    again = client.post(f"/api/tasks/{task}/completion", json={"answers": RIGHT}, headers=headers)
    assert (again.status_code, again.json["task"]) == (200, task), "the same answers twice are the same completion"
    other = client.post(f"/api/tasks/{task}/completion", json={"answers": {**RIGHT, "pa_sys": 131}}, headers=headers)
    assert (other.status_code, other.json["code"]) == (409, "conflict")


def test_a_wrong_completion_names_its_fields(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    client = site.client(site.doctor)
    refused = client.post(
        f"/api/tasks/{site.task(case)}/completion",
        json={"answers": {**RIGHT, "pa_sys": 1580}},
        headers={"X-CSRF-Token": client.csrf},
    )
    assert refused.status_code == 422
    assert list(refused.json["fields"]) == ["pa_sys"]


def test_a_change_without_its_token_is_refused(site: Site) -> None:
    task = site.task(site.open_case())
    answer = site.client(site.nurse).post(f"/api/tasks/{task}/claim")
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")


def test_claiming_and_releasing_over_rest(site: Site) -> None:
    task, client = site.task(site.open_case()), site.client(site.nurse)
    headers = {"X-CSRF-Token": client.csrf}
    assert client.post(f"/api/tasks/{task}/claim", headers=headers).status_code == 204
    assert client.get(f"/api/tasks/{task}").json["assignee"] == site.nurse.id
    assert client.post(f"/api/tasks/{task}/release", headers=headers).status_code == 204
    assert client.get(f"/api/tasks/{task}").json["assignee"] is None


def test_cases_are_listed_and_shown(site: Site) -> None:
    case, client = site.open_case(), site.client(site.doctor)
    [row] = client.get("/api/cases").json["cases"]
    assert row["id"] == case
    found = client.get(f"/api/cases/{case}").json
    assert [(step["name"], step["state"]) for step in found["steps"]][:2] == [
        ("Sortie reçue", "done"),
        ("Visite infirmière", "here"),
    ]


def test_the_interface_describes_itself_in_openapi(site: Site) -> None:
    described = site.client().get("/api/openapi.json").json
    assert described["openapi"] == "3.1.0"
    completion = described["paths"]["/api/tasks/{task_id}/completion"]["post"]
    assert set(completion["responses"]) >= {"200", "401", "403", "404", "409", "422"}
    refusal = described["components"]["responses"]["CONFLICT"]
    assert list(refusal["content"]) == ["application/problem+json"]


def test_an_unknown_filter_is_named(site: Site) -> None:
    answer = site.client(site.doctor).get("/api/tasks?list=tout")
    assert answer.status_code == 422
    assert answer.json["fields"] == {"list": "Attendu : moi, roles, retard, suivies, faites."}


def test_what_a_lane_withholds_is_counted_in_words_as_on_the_screen(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    said = {}
    for who in (site.doctor, site.coordinator):
        client = site.client(who)
        (answer,) = client.get(f"/api/cases/{case}").json["answers"]
        said[who.id] = answer
        assert (answer["title"], answer["by"]) == ("Visite infirmière", site.nurse.display)
        assert answer["withheld"]["words"] in html.unescape(client.get(f"/dossiers/{case}").text)
    shown, hidden = said[site.doctor.id], said[site.coordinator.id]
    assert {"label": "PA systolique", "value": "158 mmHg"} in shown["lines"]
    assert shown["withheld"] == {"count": 0, "categories": [], "words": ""}
    assert (hidden["lines"], hidden["withheld"]["count"]) == ([], len(shown["lines"]))
    assert hidden["withheld"]["words"].startswith("3 réponses ne vous sont pas montrées (")
    task = site.client(site.doctor).get(f"/api/tasks/{site.task(case)}").json
    assert task["answers"] == [shown]


def test_one_s_own_screens_devices_and_entry_are_settled_through_rest(site: Site) -> None:
    site.client(site.nurse)
    client = site.client(site.nurse)
    headers = {"X-CSRF-Token": client.csrf}
    assert client.get("/api/preferences").json == {"shortcuts": ["j", "Entrée", "a", "/", "?"], "theme": ""}
    kept = {"shortcuts": ["j", "/"], "theme": "dark"}
    assert client.put("/api/preferences", json=kept, headers=headers).status_code == 204
    assert client.get("/api/preferences").json == kept
    assert client.put("/api/preferences", json={**kept, "theme": "rose"}, headers=headers).status_code == 422
    assert len(client.get("/api/sessions").json["sessions"]) == 2
    assert client.delete("/api/sessions", headers=headers).status_code == 204
    assert [one["current"] for one in client.get("/api/sessions").json["sessions"]] == [True]
    own = f"/api/directory/people/{site.nurse.id}"
    offer = {"skills": ["Pansements complexes"], "new_patients": 4, "languages": ["FR"]}
    entry = client.patch(own, json=offer, headers=headers).json
    assert (entry["skills"], entry["new_patients"], entry["languages"]) == (["Pansements complexes"], 4, ["fr"])
    again = client.patch(own, json={"unscheduled": True}, headers=headers).json
    assert (again["skills"], again["unscheduled"]) == (["Pansements complexes"], True), "what is not said stays"
    assert client.patch(own, json={"visits": ["99999"]}, headers=headers).json["fields"].keys() == {"visits"}
    assert client.patch(own, json={"member": True}, headers=headers).status_code == 403
    other = f"/api/directory/people/{site.doctor.id}"
    assert client.patch(other, json=offer, headers=headers).status_code == 403


def test_an_address_that_sends_back_is_cleared_by_its_owner_and_the_coordination(site: Site) -> None:
    with site.context.database.begin() as session:
        deliveries.mark_bounced(session, site.clock, TENANT, site.nurse.email, "boîte pleine")
    for who, status in ((site.doctor, 403), (site.nurse, 204)):
        client = site.client(who)
        read = client.get("/api/notices/bounces").json["addresses"]
        assert read == ([{"address": site.nurse.email, "reason": "boîte pleine"}] if who is site.nurse else [])
        said = {"address": site.nurse.email}
        answer = client.post("/api/notices/bounces/clearance", json=said, headers={"X-CSRF-Token": client.csrf})
        assert answer.status_code == status
    assert site.client(site.coordinator).get("/api/notices/bounces").json == {"addresses": []}


def test_a_character_that_no_database_keeps_is_refused_everywhere(site: Site) -> None:
    client = site.client(site.nurse)
    headers = {"X-CSRF-Token": client.csrf}
    asked = client.post("/api/tasks/search", json={"q": "a\x00"}, headers=headers)
    assert (asked.status_code, asked.json["code"]) == (422, "character-refused")
    assert client.get("/api/directory/people?q=%00").json["code"] == "character-refused"
    assert client.get("/api/tasks/%00").json["code"] == "not-found"
    assert client.post("/patients", data={"_csrf": client.csrf, "q": "\x00"}).status_code == 422
    said = client.post("/api/tasks/search", json={"q": r"a\u0000"}, headers=headers)
    assert said.status_code == 200, "a backslash and six signs are a text like another"
