"""The FHIR façade: what a program reads of tasks and circles of care, and what it is refused."""

from itertools import product
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import select

from care.sharing import consents
from care.tables import case as cases
from tests.inbox.conftest import Site
from tests.support import fhir

ODD = ("", "é", ",", "requested,accepted,completed", "Patient/", "Practitioner/absent", "\x00", "x" * 300, "%", "moi:")
"""What a search parameter may hold that no client means."""


def patient_of(site: Site, case: str) -> str:
    with site.context.database.read() as session:
        return str(session.scalar(select(cases.c.patient).where(cases.c.id == case)))


def test_the_door_says_what_it_can_do_without_signing_in(site: Site) -> None:
    said = site.client().get("/fhir/metadata")
    assert said.content_type == "application/fhir+json; charset=utf-8"
    assert [one["type"] for one in said.json["rest"][0]["resource"]] == ["Task", "CareTeam"]


def test_nobody_reads_a_task_without_signing_in(site: Site) -> None:
    refused = site.client().get("/fhir/Task")
    assert (refused.status_code, refused.json["resourceType"]) == (401, "OperationOutcome")
    assert refused.json["issue"][0]["code"] == "login"


def test_a_person_finds_their_tasks_with_state_deadline_and_patient(site: Site) -> None:
    case = site.open_case()
    bundle = site.client(site.nurse).get("/fhir/Task").json
    (task,) = [entry["resource"] for entry in bundle["entry"]]
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    assert (task["resourceType"], task["status"], task["code"]["text"]) == ("Task", "requested", "Visite infirmière")
    assert task["for"]["reference"] == f"Patient/{patient_of(site, case)}"
    assert task["focus"]["reference"] == f"EpisodeOfCare/{case}"
    assert "owner" not in task
    read = site.client(site.nurse).get(f"/fhir/Task/{task['id']}").json
    assert (read["id"], read["status"]) == (task["id"], "requested")


def test_a_task_is_accepted_once_taken_and_completed_once_answered(site: Site) -> None:
    case = site.open_case()
    client = site.client(site.nurse)
    task = client.get("/fhir/Task").json["entry"][0]["resource"]["id"]
    client.post(f"/api/tasks/{task}/claim", headers={"X-CSRF-Token": client.csrf})
    taken = client.get("/fhir/Task?status=accepted").json["entry"]
    assert [one["resource"]["owner"]["reference"] for one in taken] == [f"Practitioner/{site.nurse.id}"]
    assert "entry" not in client.get("/fhir/Task?status=requested").json
    site.visit(case)
    answered = site.client(site.nurse).get("/fhir/Task?status=completed")
    assert answered.status_code == 200, answered.text
    done = answered.json["entry"]
    assert [(one["resource"]["id"], one["resource"]["status"]) for one in done] == [(task, "completed")]
    assert done[0]["resource"]["executionPeriod"]["end"]


def test_no_answer_ever_stands_in_a_task(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    for who in (site.doctor, site.nurse):
        assert "158" not in site.client(who).get("/fhir/Task?status=requested,accepted,completed").text


def test_the_circle_of_care_is_read_by_those_who_see_the_patient(site: Site) -> None:
    patient = patient_of(site, site.open_case())
    team = site.client(site.doctor).get(f"/fhir/CareTeam?patient=Patient/{patient}").json["entry"][0]["resource"]
    (member,) = team["participant"]
    assert member["member"]["display"] == site.doctor.display
    assert {"PCP", "medecin_traitant"} == {one["code"] for one in member["role"][0]["coding"]}
    assert site.client(site.doctor).get(f"/fhir/CareTeam/{patient}").json == team


def test_a_stranger_and_everybody_after_an_opposition_are_refused_the_circle(site: Site) -> None:
    patient = patient_of(site, site.open_case())
    stranger = site.client(site.colleague).get(f"/fhir/CareTeam/{patient}")
    assert (stranger.status_code, stranger.json["issue"][0]["code"]) == (403, "forbidden")
    with site.context.database.begin() as session:
        consents.oppose(session, site.clock, "demo", patient)
    assert site.client(site.doctor).get(f"/fhir/CareTeam/{patient}").status_code == 403
    assert "entry" not in site.client(site.nurse).get("/fhir/Task").json


def test_what_is_unknown_or_not_ones_own_is_said_in_fhirs_words(site: Site) -> None:
    client = site.client(site.nurse)
    assert client.get("/fhir/Task/unknown").json["issue"][0]["code"] == "not-found"
    assert "entry" not in client.get("/fhir/CareTeam?patient=unknown").json
    assert client.get("/fhir/CareTeam").status_code == 422
    assert client.get("/fhir/Task?owner=Practitioner/other").status_code == 422
    assert client.get("/fhir/Task?colour=blue").status_code == 200
    assert client.get("/fhir/Task?colour=blue", headers={"Prefer": "handling=strict"}).status_code == 422
    assert client.get("/fhir/Patient/1").status_code == 404
    written = client.post("/fhir/Task", headers={"X-CSRF-Token": client.csrf}, json={})
    assert (written.status_code, written.json["issue"][0]["code"]) == (405, "not-supported")


def checked(client: FlaskClient, address: str, *codes: int) -> dict:
    """What the door answers, which is right FHIR whatever it is."""
    answer = client.get(address)
    assert answer.content_type == "application/fhir+json; charset=utf-8", address
    assert answer.status_code in codes, (address, answer.text)
    assert answer.json["resourceType"] == "OperationOutcome" or answer.status_code == 200
    assert fhir.faults(answer.json) == [], address
    return answer.json


def test_everything_that_the_door_answers_is_right_fhir(site: Site) -> None:
    case = site.open_case()
    checked(site.client(), "/fhir/Task", 401)
    told = checked(site.client(), "/fhir/metadata", 200)
    site.visit(case)
    patient, client = patient_of(site, case), site.client(site.doctor)
    for status in ("requested", "accepted", "completed"):
        checked(client, f"/fhir/Task?status={status}", 200)
        checked(site.client(site.nurse), f"/fhir/Task?status={status}&patient=Patient/{patient}", 200)
    checked(client, f"/fhir/Task/{site.task(case)}", 200)
    checked(client, f"/fhir/CareTeam/{patient}", 200)
    resources = told["rest"][0]["resource"]
    assert all(one["documentation"] for found in resources for one in found["searchParam"])
    own = (patient, f"Patient/{patient}", site.doctor.id, f"Practitioner/{site.doctor.id}", *ODD)
    for found in resources:
        names = [one["name"] for one in found["searchParam"]] + (["_page"] if found["type"] == "Task" else [])
        for name, value in product(names, own):
            checked(client, f"/fhir/{found['type']}?{urlencode({name: value})}", 200, 403, 422)
        checked(client, f"/fhir/{found['type']}/absent", 403, 404)
        checked(client, f"/fhir/{found['type']}?autre=1", 200, 422)
    checked(client, "/fhir/Observation", 404)


def test_the_rules_of_fhir_are_kept_by_nothing_else(site: Site) -> None:
    """The judge itself must refuse: one thing wrong at a time in a right answer."""
    site.open_case()
    right = site.client(site.nurse).get("/fhir/Task").json
    assert fhir.faults(right) == []
    task = right["entry"][0]["resource"]
    wrong = [
        {**task, "status": "faite"}, {**task, "authoredOn": "2026-11-24 10:00"}, {**task, "answers": {"pa": 1}},
        {**task, "for": {"reference": "patient 3"}}, {**task, "identifier": []}, {**task, "id": None},
        {name: value for name, value in task.items() if name != "intent"}, {**task, "code": "Visite"},
        {**right, "entry": []}, {**right, "entry": right["entry"] * 2}, {"resourceType": "Patient", "id": "1"},
    ]  # fmt: skip
    assert [one for one in wrong if not fhir.faults(one)] == []
