from care.tables import access_log
from tests.inbox.conftest import Site


def test_the_doctor_of_the_circle_finds_the_case_and_what_it_waits_for(site: Site) -> None:
    site.open_case()
    page = site.client(site.doctor).get("/dossiers").text
    assert "PAT-TROIS Dominique" in page
    assert "Attend : Visite infirmière." in page


def test_a_case_page_tells_where_it_stands_what_happened_and_what_was_said(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    page = site.client(site.doctor).get(f"/dossiers/{case}").text
    assert "Suites d’essai, en cours depuis 1 h" in page
    assert "Sortie reçue" in page
    assert "Visite infirmière : réponse donnée" in page
    assert "PA systolique : <strong>158 mmHg</strong>." in page
    assert "Dr Claire DEMO-BERTHON" in page
    assert f"/dossiers/{case}/diagramme.bpmn" in page
    assert "Toutes les étapes" not in page


def test_each_look_at_a_case_is_noted(site: Site) -> None:
    case = site.open_case()
    site.client(site.doctor).get(f"/dossiers/{case}")
    with site.context.database.read() as session:
        assert [look.what for look in session.execute(access_log.select())] == ["case"]


def test_the_coordinator_sees_the_case_without_what_is_clinical(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    page = site.client(site.coordinator).get(f"/dossiers/{case}").text
    assert "PAT-TROIS" in page
    assert "158" not in page


def test_a_stranger_finds_no_case_and_opens_none(site: Site) -> None:
    case = site.open_case()
    stranger = site.client(site.colleague)
    assert "PAT-TROIS" not in stranger.get("/dossiers").text
    for address in ("", "/diagramme.bpmn", "/etat.json"):
        assert stranger.get(f"/dossiers/{case}{address}").status_code == 403


def test_who_answered_a_task_still_finds_the_case(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    nurse = site.client(site.nurse)
    assert "PAT-TROIS" in nurse.get("/dossiers").text
    assert nurse.get(f"/dossiers/{case}").status_code == 200


def test_the_drawing_shows_what_is_done_and_where_it_waits(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    client = site.client(site.doctor)
    drawing = client.get(f"/dossiers/{case}/diagramme.bpmn")
    assert drawing.content_type == "application/xml; charset=utf-8"
    assert b'<bpmn:userTask id="visite"' in drawing.data
    state = client.get(f"/dossiers/{case}/etat.json").json
    assert "visite" in state["done"]
    assert state["here"] == [{"element": "consultation", "count": 1, "late": False}]
    assert state["incidents"] == []


def test_an_unknown_case_is_not_found(site: Site) -> None:
    assert site.client(site.doctor).get("/dossiers/0000000000000000").status_code == 404
