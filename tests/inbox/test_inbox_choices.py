"""A task in which people choose what to do: they begin activities, again if they like, and say when it is done."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.inbox.conftest import Site
from tests.support import choosing


@pytest.fixture
def case(site: Site) -> str:
    return choosing.open_case(site.context)


def tasks(site: Site, case: str) -> dict[str, str]:
    """The open tasks of a case by their element."""
    with site.context.database.read() as session:
        query = f"SELECT element, id FROM task WHERE run = '{case}' AND state = 'open' ORDER BY id"
        return {row.element: row.id for row in session.connection().exec_driver_sql(query)}


def begin(client: FlaskClient, task: str, element: str, seen: int = 0) -> Any:
    return client.post(f"/taches/{task}/choix", data={"_csrf": client.csrf, "element": element, "vu": seen})


def test_the_page_offers_each_activity_with_its_reason(site: Site, case: str) -> None:
    page = site.client(site.nurse).get(f"/taches/{tasks(site, case)['soutien']}").text
    for name in ("Appeler la personne", "Joindre l’aidant", "Commander le matériel"):
        assert f"<strong>{name}</strong>" in page
    assert "Pour savoir comment s’est passé le retour." in page
    assert page.count("Commencer<") == 3
    assert "C’est fini" in page


def test_what_was_begun_is_shown_and_can_be_begun_again(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    answer = begin(client, task, "appel")
    assert answer.status_code == 303
    assert "En cours" in client.get(answer.headers["Location"]).text
    client.post(f"/taches/{tasks(site, case)['appel']}", data={"_csrf": client.csrf})
    page = client.get(f"/taches/{task}").text
    assert "Déjà faite une fois" in page
    assert re.search(r"Refaire<span class=\"sr\"> : Appeler la personne", page)
    assert begin(client, task, "appel", seen=1).status_code == 303
    assert "En cours, déjà faite une fois" in client.get(f"/taches/{task}").text


def test_saying_that_it_is_done_ends_the_choice_and_the_case(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    begin(client, task, "appel")
    assert "ce qui est en cours s’arrête" in client.get(f"/taches/{task}").text
    assert client.post(f"/taches/{task}", data={"_csrf": client.csrf}).status_code == 303
    assert tasks(site, case) == {}
    assert client.get("/api/cases?list=termines").json["cases"][0]["standing"] == "Soutien en place"


def test_who_does_not_know_that_somebody_began_it_meanwhile_is_told(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    begin(client, task, "appel")
    answer = begin(client, task, "appel", seen=0)
    assert answer.status_code == 409
    assert "« Appeler la personne » vient d’être commencée par quelqu’un d’autre." in answer.text
    assert "Rien n’a été commencé" in answer.text
    assert 'name="vu" value="1"' in answer.text
    assert list(tasks(site, case)) == ["soutien", "appel"]


def test_who_chooses_after_the_end_is_told_who_ended_it(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    client.post(f"/taches/{task}", data={"_csrf": client.csrf})
    answer = begin(client, task, "appel")
    assert answer.status_code == 409
    assert "Lucie DEMO-MASSON a répondu" in answer.text


def test_only_the_people_of_its_lane_may_choose(site: Site, case: str) -> None:
    task = tasks(site, case)["soutien"]
    assert begin(site.client(site.doctor), task, "appel").status_code == 403
    assert list(tasks(site, case)) == ["soutien"]


def test_the_case_tells_who_began_what(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    client.post(f"/taches/{task}/prendre", data={"_csrf": client.csrf})
    begin(client, task, "materiel")
    page = client.get(f"/dossiers/{case}").text
    assert "Commander le matériel : commencée" in page
    assert "Organiser le soutien" in page


def test_the_same_over_rest(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    headers = {"X-CSRF-Token": client.csrf}
    offered = client.get(f"/api/tasks/{task}").json["activities"]
    assert [(one["element"], one["begun"], one["free"]) for one in offered] == [
        ("appel", 0, True), ("aidant", 0, True), ("materiel", 0, True),
    ]  # fmt: skip
    body = {"element": "aidant", "seen": 0}
    done = client.post(f"/api/tasks/{task}/activities", json=body, headers=headers)
    assert done.status_code == 200
    assert next(one for one in done.json["activities"] if one["element"] == "aidant")["running"] == 1
    again = client.post(f"/api/tasks/{task}/activities", json=body, headers=headers)
    assert (again.status_code, again.json["code"]) == (409, "begun-meanwhile")
    unknown = client.post(f"/api/tasks/{task}/activities", json={"element": "fin"}, headers=headers)
    assert (unknown.status_code, unknown.json["code"]) == (409, "not-a-choice")
    plain = client.post(f"/api/tasks/{tasks(site, case)['aidant']}/activities", json={"element": "a"}, headers=headers)
    assert (plain.status_code, plain.json["code"]) == (409, "not-a-choice")


def test_the_completion_condition_ends_it_with_the_answer_that_makes_it_true(site: Site, case: str) -> None:
    client, task = site.client(site.nurse), tasks(site, case)["soutien"]
    begin(client, task, "aidant")
    with site.context.database.begin() as session:
        site.context.engine.mend(session, run=case, variables={"complet": True}, actor="essai")
    begin(client, task, "materiel")
    assert tasks(site, case) == {}
