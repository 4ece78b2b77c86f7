import io
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from admin.cockpit import load, sheet
from care.sharing import circle
from care.tables import access_log, case
from engine.tables import task
from inbox.desk import Desk
from inbox.task import drafts
from people.notices.kinds import STOPPED
from people.notices.tables import notice
from tests.admin.conftest import Browser, Office

EVIL = '=HYPERLINK("http://x";"y")'


def task_of(office: Office, run: str) -> str:
    with office.context.database.read() as session:
        return str(session.scalars(select(task.c.id).where(task.c.run == run, task.c.state == "open")).one())


def join(office: Office, run: str) -> None:
    """The doctor enters the circle of care of the case's patient."""
    with office.context.database.begin() as session:
        patient = session.scalars(select(case.c.patient).where(case.c.id == run)).one()
        circle.add(session, office.clock, "demo", patient, office.doctor.id, "medecin_traitant", "essai")


def cockpit(office: Office) -> Browser:
    return office.browser(office.coordinator)


def test_the_first_page_counts_what_is_late_and_leads_to_the_case(office: Office) -> None:
    late = office.open_case("PAT-UN")
    office.clock.advance(timedelta(days=3))
    browser = cockpit(office)
    figures = browser.get("/api/cockpit").json["figures"]
    assert (figures["late"], figures["stuck"], figures["unanswered"], figures["active"]) == (1, 0, 1, 1)
    page = browser.get("/pilotage").text
    assert f'href="/dossiers/{late}"' in page
    assert "PAT-UN" in page


def test_a_stuck_case_is_shown_and_tried_again_from_the_first_page(office: Office) -> None:
    case_id = office.open_case()
    office.answer(case_id, rankin=None)
    page = cockpit(office).get("/pilotage").text
    assert f"/suivi/{case_id}/incidents/" in page
    assert "Réessayer" in page


def test_who_is_to_answer_is_named_with_their_telephone(office: Office) -> None:
    case_id = office.open_case()
    join(office, case_id)
    office.clock.advance(timedelta(days=3))
    (waits,) = cockpit(office).get("/api/cockpit/tasks/en-retard").json["tasks"]
    assert waits["whom"]["name"] == "Claire DEMO-BERTHON"
    assert waits["case"] == case_id
    (line,) = cockpit(office).get("/api/pathways/essai/active-patients").json["patients"]
    assert line["whom"] == "Claire DEMO-BERTHON", "the live list of patients says it too"


def test_a_task_whose_role_nobody_holds_is_listed_as_nobodys(office: Office) -> None:
    case_id = office.open_case()
    browser = cockpit(office)
    assert browser.get("/api/cockpit/tasks/personne").json["tasks"] == []
    with office.context.database.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM person_role WHERE role = 'medecin_traitant'")
    assert [one["case"] for one in browser.get("/api/cockpit/tasks/personne").json["tasks"]] == [case_id]
    assert "1</span>" in browser.get("/pilotage").text


def test_cases_are_counted_at_their_step_and_listed_from_there(office: Office) -> None:
    here, gone = office.open_case("PAT-UN"), office.open_case("PAT-DEUX")
    office.answer(gone, rankin=0)
    browser = cockpit(office)
    (way,) = browser.get("/api/cockpit").json["pathways"]
    assert [(one["element"], one["cases"], one["late"]) for one in way["stations"]] == [("visit", 1, 0)]
    listed = browser.get("/suivi?parcours=essai&etape=visit").text
    assert here in listed
    assert gone not in listed
    with office.context.database.begin() as session:
        again = "INSERT INTO token SELECT tenant, run, id + 100, scope, parent, element, state, place, since, notes"
        session.connection().exec_driver_sql(f"{again} FROM token WHERE element = 'visit'")
    office.clock.advance(timedelta(days=3))
    (way,) = cockpit(office).get("/api/cockpit").json["pathways"]
    assert [(one["cases"], one["late"]) for one in way["stations"]] == [(1, 1)], "standing there twice, it is one case"


def test_the_load_says_who_has_how_much_and_how_fast_they_answered(office: Office) -> None:
    open_case, answered = office.open_case("PAT-UN"), office.open_case("PAT-DEUX")
    join(office, open_case)
    office.clock.advance(timedelta(hours=3))
    office.answer(answered, rankin=0)
    office.clock.advance(timedelta(days=3))
    assert load.measure(office.context) > 0
    found = cockpit(office).get("/api/cockpit/load").json
    doctor = next(one for one in found["people"] if one["key"] == office.doctor.id)
    assert (doctor["open"], doctor["late"], doctor["answered"], doctor["median_minutes"]) == (1, 1, 1, 180)
    page = cockpit(office).get("/pilotage").text
    assert "Claire DEMO-BERTHON" in page
    assert open_case in cockpit(office).get(f"/suivi?qui={office.doctor.id}&etat=en-retard").text


def test_what_waits_for_a_whole_profession_is_of_its_load_and_of_nobodys(office: Office) -> None:
    """No circle has a doctor: the task is offered to the role, and one of two is late."""
    office.open_case("PAT-UN")
    office.clock.advance(timedelta(days=3))
    office.open_case("PAT-DEUX")
    load.measure(office.context)
    found = cockpit(office).get("/api/cockpit/load").json
    waiting = {one["name"]: (one["people"], one["open"], one["late"]) for one in found["professions"] if one["open"]}
    assert waiting == {"Médecin traitant": (1, 2, 1)}
    assert not [one for one in found["people"] if one["open"]]


def test_the_coordination_entrusts_tasks_and_each_says_what_became_of_it(office: Office) -> None:
    first, second = office.open_case("PAT-UN"), office.open_case("PAT-DEUX")
    taken = task_of(office, second)
    office.answer(second, rankin=0)
    browser = cockpit(office)
    chosen = {"tasks": [task_of(office, first), taken], "to": office.doctor.id}
    said = browser.send(
        "POST",
        "/api/cockpit/tasks/entrust",
        200,
        json=chosen,
    ).json["lines"]
    assert [bool(line["refused"]) for line in said] == [False, True]
    with office.context.database.read() as session:
        assert session.scalars(select(task.c.assignee).where(task.c.run == first)).one() == office.doctor.id
        kinds = [(entry.kind, entry.actor) for entry in office.context.engine.history(session, first)]
    assert ("task_assigned", office.coordinator.id) in kinds
    refused = {"tasks": [task_of(office, first)], "to": office.operator.id}
    assert browser.send("POST", "/api/cockpit/tasks/entrust", 200, json=refused).json["lines"][0]["refused"]


def test_a_case_is_stopped_for_a_reason_by_the_coordination_alone(office: Office) -> None:
    case_id = office.open_case()
    browser = cockpit(office)
    browser.post(f"/suivi/{case_id}/arreter", 422, raison="ennui")
    office.browser(office.operator).post(f"/suivi/{case_id}/arreter", 403, raison="doublon")
    browser.post(f"/suivi/{case_id}/arreter", raison="doublon")
    assert "Arrêté" in browser.get("/suivi?etat=termines").text
    browser.send("POST", f"/api/runs/{case_id}/stop", 409, json={"reason": "doublon"})


def test_who_has_or_began_a_task_of_a_case_that_is_stopped_learns_that_it_is_gone_and_why(office: Office) -> None:
    """One task is the doctor's, and somebody who sees no patient had begun it; who stops it learns nothing new."""
    case_id = office.open_case()
    join(office, case_id)
    waits, doctor = task_of(office, case_id), office.browser(office.doctor)
    doctor.post(f"/taches/{waits}/prendre")
    with office.context.database.begin() as session:
        for who in (office.operator, office.coordinator):
            drafts.keep(Desk(session, office.context, who, only_reads=False), waits, {"rankin": "2"})
    cockpit(office).post(f"/suivi/{case_id}/arreter", raison="doublon")
    with office.context.database.read() as session:
        told = {
            (row.person, row.kind, row.task) for row in session.execute(select(notice).where(notice.c.case == case_id))
        }
    assert told == {(one.id, STOPPED, waits) for one in (office.doctor, office.operator)}
    page = doctor.get("/notifications").text
    assert "Une tâche qui vous attendait est annulée" in page
    assert "Fait double emploi avec un autre dossier" in page
    other = office.browser(office.operator).get("/notifications").text
    assert "Fait double emploi avec un autre dossier" in other
    assert "PAT-TROIS" not in other
    assert doctor.get("/api/notices").json["notices"][0]["why"] == "Fait double emploi avec un autre dossier"
    assert "Fait double emploi" in doctor.get(f"/taches/{waits}").text


def test_patients_are_searched_by_words_that_stand_in_no_address_and_never_by_an_operator(office: Office) -> None:
    wanted, other = office.open_case("PAT-TROIS"), office.open_case("PAT-QUATRE")
    browser = cockpit(office)
    page = browser.post("/suivi", 200, q="trois").text
    assert "PAT-TROIS" not in browser.post("/suivi", 200, q="{}").text, "what says no word finds nobody"
    assert wanted in page
    assert other not in page
    office.browser(office.operator).post("/suivi", 403, q="trois")
    office.browser(office.operator).get("/api/runs?commune=Beauzac", 403)


@pytest.mark.parametrize("address", ["/pilotage", "/pilotage/charge", "/file-active/essai", "/api/cockpit"])
def test_neither_an_operator_nor_a_carer_sees_the_cockpit(office: Office, address: str) -> None:
    office.open_case()
    office.browser(office.operator).get(address, 403)
    office.browser(office.doctor).get(address, 403)


def test_every_page_of_the_cockpit_opens_with_and_without_cases(office: Office) -> None:
    browser = cockpit(office)
    addresses = ["/pilotage", "/pilotage/charge", "/file-active", *(f"/pilotage/taches/{name}" for name in LISTS)]
    for _ in range(2):
        for address in addresses:
            browser.get(address)
        office.open_case()
        load.measure(office.context)
    browser.get("/pilotage/taches/autre", 404)
    browser.get("/file-active/autre", 404)


LISTS = ("en-retard", "sans-reponse", "personne")


def test_the_patients_of_a_pathway_leave_as_a_sheet_and_each_journal_of_looks_says_so(office: Office) -> None:
    case_id = office.open_case()
    browser = cockpit(office)
    assert "PAT-TROIS Dominique" in browser.get("/file-active/essai").text
    answer = browser.post("/file-active/essai/csv", 200)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="file-active-essai-')
    assert "PAT-TROIS Dominique;12/03/1979;Beauzac;Visite;" in answer.get_data().decode("utf-8-sig")
    with office.context.database.read() as session:
        looks = session.execute(select(access_log.c.person, access_log.c.case, access_log.c.what)).all()
    assert (office.coordinator.id, case_id, "export") in [tuple(look) for look in looks]
    book = browser.post("/file-active/essai/xlsx", 200).get_data()
    parts = zipfile.ZipFile(io.BytesIO(book))
    assert "PAT-TROIS Dominique" in parts.read("xl/sharedStrings.xml").decode()
    born = f"<v>{(date(1979, 3, 12) - date(1899, 12, 30)).days}</v>"
    assert born in parts.read("xl/worksheets/sheet1.xml").decode(), "a day that a spreadsheet sorts by"
    browser.post("/file-active/essai/pdf", 404)


def test_programs_take_the_patients_of_a_pathway_as_json_or_as_a_spreadsheet(office: Office) -> None:
    case_id = office.open_case()
    browser = cockpit(office)
    found = browser.get("/api/pathways/essai/active-patients").json
    assert [one["case"] for one in found["patients"]] == [case_id]
    for kind in sheet.KINDS.values():
        wanted = {"Accept": kind.content_type.partition(";")[0]}
        answer = browser.client.get("/api/pathways/essai/active-patients", headers=wanted)
        assert (answer.status_code, answer.content_type) == (200, kind.content_type)
    browser.get("/api/pathways/absent/active-patients", 404)


def test_the_live_list_tells_that_a_case_has_moved_without_naming_it(office: Office) -> None:
    office.open_case()
    browser = cockpit(office)
    before = browser.get("/file-active/essai/nouvelles.json")
    again = browser.client.get("/file-active/essai/nouvelles.json", headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 304
    office.open_case("PAT-DEUX")
    assert len(browser.get("/file-active/essai/nouvelles.json").json["ids"]) == 2
    assert "PAT" not in before.text


@pytest.mark.parametrize("cell", [EVIL, "+33 1", "-1", "@x", "\t=1"])
def test_no_cell_of_a_sheet_is_taken_for_a_formula(cell: str) -> None:
    assert sheet.as_csv([["Patient"], [cell]]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
    book = zipfile.ZipFile(io.BytesIO(sheet.as_xlsx([["Patient"], [cell]])))
    assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_the_list_goes_on_from_dated_cases_to_those_without_a_deadline(office: Office) -> None:
    dated, undated = office.open_case("PAT-UN"), office.open_case("PAT-DEUX")
    with office.context.database.begin() as session:
        session.execute(task.update().where(task.c.run == undated).values(due_at=None))
    found = cockpit(office).get("/api/runs").json
    assert [one["id"] for one in found["runs"]] == [dated, undated]
    assert found["after"] is None
