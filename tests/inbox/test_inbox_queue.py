from datetime import timedelta

from tests.inbox.conftest import Site


def test_a_task_waits_for_its_role_until_somebody_of_the_circle_holds_it(site: Site) -> None:
    site.open_case()
    page = site.client(site.nurse).get("/taches?liste=roles")
    assert page.status_code == 200
    assert "Visite infirmière" in page.text
    assert "PAT-TROIS Dominique" in page.text
    assert "Votre rôle, infirmier libéral." in page.text
    assert "Visite infirmière" not in site.client(site.doctor).get("/taches?liste=roles").text


def test_only_the_doctor_of_the_circle_sees_the_consultation(site: Site) -> None:
    site.visit(site.open_case())
    assert "Consultation précoce" in site.client(site.doctor).get("/taches").text
    stranger = site.client(site.colleague)
    assert "Consultation précoce" not in stranger.get("/taches").text
    assert "Consultation précoce" not in stranger.get("/taches?liste=roles").text


def test_late_tasks_come_first_and_say_by_how_much(site: Site) -> None:
    site.visit(site.open_case("PAT-UN"))
    site.clock.advance(timedelta(hours=1, minutes=30))
    site.visit(site.open_case("PAT-DEUX"))
    page = site.client(site.doctor).get("/taches").text
    assert page.index("En retard <small>1 tâche</small>") < page.index("PAT-UN") < page.index("PAT-DEUX")
    assert "En retard de 30 min" in page
    assert "<strong>1 en retard</strong>" in page


def test_the_search_looks_at_names_tasks_and_pathways(site: Site) -> None:
    for name in ("PAT-UN", "PAT-DEUX"):
        site.visit(site.open_case(name))
    client = site.client(site.doctor)
    assert "PAT-DEUX" not in client.get("/taches?q=pat-un").text
    assert "PAT-UN" in client.get("/taches?q=pat-un consultation").text
    assert "Aucune tâche ne contient « Dunieres »" in client.get("/taches?q=Dunieres").text


def test_an_empty_list_says_so(site: Site) -> None:
    page = site.client(site.doctor).get("/taches").text
    assert page.count("Rien ne vous attend") == 1
    assert "Raccourcis clavier" not in page


def test_nobody_sees_the_list_without_signing_in(site: Site) -> None:
    answer = site.client().get("/taches?liste=roles")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/connexion?suite=/taches?liste%3Droles"
