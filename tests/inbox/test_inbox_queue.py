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

    def found(words: str) -> str:
        return client.post("/taches", data={"_csrf": client.csrf, "q": words}).text

    assert "PAT-DEUX" not in found("pat-un")
    assert "PAT-UN" in found("pat-un consultation")
    assert "Aucune tâche ne contient « Dunieres »" in found("Dunieres")


def test_words_are_never_looked_for_from_an_address(site: Site) -> None:
    """A patient's name would stay in histories and logs: a page goes to the address without it, a program is told."""
    lead = site.client(site.coordinator)
    clean = lead.get("/taches?liste=roles&q=pat-un&c.diagnostic=avc&urgence=p1")
    assert (clean.status_code, clean.headers["Location"]) == (303, "/taches?urgence=p1&liste=roles&tri=echeance")
    clean = lead.get("/suivi?q=pat-un&etat=termines")
    assert (clean.status_code, clean.headers["Location"]) == (303, "/suivi?etat=termines")
    for address in ("/api/tasks?q=pat-un", "/api/cases?q=pat-un"):
        refused = lead.get(address)
        assert (refused.status_code, list(refused.json["fields"])) == (422, ["q"])
    token = {"X-CSRF-Token": lead.csrf}
    assert lead.post("/api/cases/search", json={"q": "pat-un"}, headers=token).json == {"cases": [], "more": False}


def test_an_empty_list_says_so(site: Site) -> None:
    page = site.client(site.doctor).get("/taches").text
    assert page.count("Rien ne vous attend") == 1
    assert "Raccourcis clavier" not in page


def test_nobody_sees_the_list_without_signing_in(site: Site) -> None:
    answer = site.client().get("/taches?liste=roles")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/connexion?suite=/taches?liste%3Droles"
