import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from care.sharing import consents
from care.tables import access_log
from engine.tables import variable
from tests.inbox.conftest import TENANT, Site

RIGHT = {
    "pa_sys": "152", "rythme": "fa", "antithrombotique": "aod", "molecule": "apixaban 5 mg", "rankin": "2",
    "besoins": ["kine", "ortho"], "prochain": "8/12/2026", "prochain__heure": "9h30", "information": "true",
}  # fmt: skip


@pytest.fixture
def case(site: Site) -> str:
    """A case that waits for the doctor."""
    opened = site.open_case()
    site.visit(opened)
    return opened


def send(client: FlaskClient, task: str, answers: dict[str, object], *, htmx: bool = False):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/taches/{task}", data={"_csrf": client.csrf, **answers}, headers=headers)


def test_the_page_says_who_it_is_why_me_what_was_said_and_where_the_case_stands(site: Site, case: str) -> None:
    page = site.client(site.doctor).get(f"/taches/{site.task(case)}").text
    assert "<b>PAT-TROIS</b> Dominique" in page
    assert "Femme, 47 ans, née le 12 mars 1979 · Beauzac" in page
    assert "vous êtes son médecin traitant" in page
    assert "PA systolique : <strong>158 mmHg</strong>." in page
    assert "Ordonnance comprise : <strong>Oui</strong>." in page
    assert 'aria-current="step"' in page


def test_what_the_case_knows_stands_in_the_form_with_its_source(site: Site, case: str) -> None:
    page = site.client(site.doctor).get(f"/taches/{site.task(case)}").text
    assert re.search(r'name="pa_sys"[^>]*value="158"', page)
    assert "Lucie DEMO-MASSON, aujourd’hui" in page


def test_a_value_that_no_answer_gave_is_not_told_as_somebody_s(site: Site, case: str) -> None:
    """The nurse said 158; whoever corrected it, or a hospital that sent it, answered no form."""
    with site.context.database.begin() as session:
        known = session.scalars(
            select(variable.c.value).where(variable.c.run == case, variable.c.name == "pa_sys")
        ).all()
        assert len(set(known)) == 1
        corrected = update(variable).where(variable.c.run == case, variable.c.name == "pa_sys")
        session.execute(corrected.values(value=type(known[0])(known[0].replace(b"158", b"171"))))
    page = site.client(site.doctor).get(f"/taches/{site.task(case)}").text
    assert re.search(r'name="pa_sys"[^>]*value="171"', page)
    (box,) = re.findall(r'id="c-pa-sys-h">(.*?)</span>', page)
    assert box.endswith("Repris du dossier, à vérifier.")
    assert "DEMO-MASSON" not in box


def test_each_opening_is_noted(site: Site, case: str) -> None:
    site.client(site.doctor).get(f"/taches/{site.task(case)}")
    with site.context.database.read() as session:
        looks = session.execute(access_log.select()).all()
    assert [(look.person, look.case, look.what) for look in looks] == [(site.doctor.id, case, "task")]


def test_an_answer_closes_the_task_and_brings_the_next_in_the_same_response(site: Site, case: str) -> None:
    other = site.open_case("PAT-DEUX")
    site.visit(other)
    client, task = site.client(site.doctor), site.task(case)
    answer = send(client, task, RIGHT, htmx=True)
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"].startswith(f"/taches/{site.task(other)}")
    assert "PAT-DEUX" in answer.text
    assert "Réponse envoyée. Il vous reste 2 tâches." in answer.text
    assert task not in client.get("/taches").text


def test_without_scripts_the_answer_leads_to_the_next_task(site: Site, case: str) -> None:
    client = site.client(site.doctor)
    answer = send(client, site.task(case), RIGHT)
    assert answer.status_code == 303
    following = client.get(answer.headers["Location"])
    assert "Relire la synthèse" in following.text
    assert "Réponse envoyée." in following.text


def test_the_last_answer_leads_to_an_empty_list(site: Site, case: str) -> None:
    client = site.client(site.doctor)
    send(client, site.task(case), RIGHT)
    last = send(client, site.task(case), {}, htmx=True)
    assert last.headers["HX-Redirect"].startswith("/taches?")
    assert "Rien ne vous attend" in client.get(last.headers["HX-Redirect"]).text


def test_a_wrong_answer_comes_back_with_each_message_and_nothing_lost(site: Site, case: str) -> None:
    client = site.client(site.doctor)
    answer = send(client, site.task(case), {**RIGHT, "pa_sys": "1580", "prochain": "8/13/2026", "rythme": ""})
    assert answer.status_code == 422
    assert "Trois réponses à revoir" in answer.text
    assert "Entre 50 et 300. Un zéro de trop" in answer.text
    assert "Écrivez le jour puis le mois, par exemple 8/12/2026." in answer.text
    assert '<a href="#c-pa-sys">PA systolique</a>' in answer.text
    assert 'id="c-pa-sys"' in answer.text
    assert 'value="1580"' in answer.text
    assert 'value="apixaban 5 mg"' in answer.text
    assert re.search(r'value="kine" checked', answer.text)


def test_a_field_that_another_answer_hides_is_neither_shown_nor_asked(site: Site, case: str) -> None:
    client, task = site.client(site.doctor), site.task(case)
    assert 'name="molecule"' not in client.get(f"/taches/{task}").text
    answers = {**RIGHT, "antithrombotique": "aucun", "molecule": ""}
    assert send(client, task, answers).status_code == 303


def test_a_hidden_field_appears_as_soon_as_its_condition_holds(site: Site, case: str) -> None:
    client, task = site.client(site.doctor), site.task(case)
    data = {"_csrf": client.csrf, "antithrombotique": "aod"}
    shown = client.post(f"/taches/{task}/champs", data=data).text
    assert 'name="molecule"' in shown
    assert 'hx-swap-oob="outerHTML"' in shown
    gone = client.post(
        f"/taches/{task}/champs", data={**data, "antithrombotique": "aucun", "_shown": "c-molecule"}
    ).text
    assert 'name="molecule"' not in gone
    assert " hidden" in gone
    assert client.post(f"/taches/{task}/champs", data={**data, "_shown": "c-molecule"}).text.strip() == ""


def test_the_second_of_two_answers_gets_a_conflict_that_names_the_first(site: Site) -> None:
    case = site.open_case()
    task = site.task(case)
    site.visit(case)
    nurse = site.client(site.nurse)
    answer = send(nurse, task, {"pa_sys": "150", "pa_dia": "90", "ordonnance": "oui", "remarque": "à garder"})
    assert answer.status_code == 409
    assert "Lucie DEMO-MASSON a répondu" in answer.text
    assert "à garder" in answer.text
    assert "a répondu" in nurse.get(f"/taches/{task}").text


def test_a_doctor_outside_the_circle_is_refused_in_words(site: Site, case: str) -> None:
    stranger = site.client(site.colleague)
    page = stranger.get(f"/taches/{site.task(case)}")
    assert page.status_code == 403
    assert "Vous n’êtes pas dans le cercle de soins de cette personne." in page.text
    assert "PAT-TROIS" not in page.text
    assert send(stranger, site.task(case), RIGHT).status_code == 403


def test_an_opposition_closes_the_task_to_all(site: Site, case: str) -> None:
    task = site.task(case)
    with site.context.database.begin() as session:
        patient = session.connection().exec_driver_sql("SELECT id FROM patient").scalar_one()
        consents.oppose(session, site.clock, TENANT, patient)
    assert site.client(site.doctor).get(f"/taches/{task}").status_code == 403


def test_a_task_of_a_role_can_be_taken_and_given_back(site: Site) -> None:
    case = site.open_case(in_circle=False)
    task, nurse = site.task(case), site.client(site.nurse)
    assert "Prendre cette tâche" in nurse.get(f"/taches/{task}").text
    assert nurse.post(f"/taches/{task}/prendre", data={"_csrf": nurse.csrf}).status_code == 303
    assert "Visite infirmière" in nurse.get("/taches?liste=moi").text
    assert "La rendre" in nurse.get(f"/taches/{task}").text
    assert nurse.post(f"/taches/{task}/rendre", data={"_csrf": nurse.csrf}).status_code == 303
    assert "Visite infirmière" not in nurse.get("/taches?liste=moi").text
    assert nurse.post(f"/taches/{task}/rendre", data={"_csrf": nurse.csrf}).status_code == 409
    with site.context.database.read() as session:
        kinds = [entry.kind for entry in site.context.engine.history(session, case)]
    assert kinds.count("task_assigned") == 2


def test_a_claimed_task_cannot_be_answered_by_another(site: Site) -> None:
    case = site.open_case(in_circle=False)
    site.visit(case)
    task = site.task(case)
    first, second = site.client(site.doctor), site.client(site.colleague)
    first.post(f"/taches/{task}/prendre", data={"_csrf": first.csrf})
    assert task not in second.get("/taches?liste=roles").text
    assert second.post(f"/taches/{task}/prendre", data={"_csrf": second.csrf}).status_code == 409
    assert send(second, task, RIGHT).status_code == 409


def test_a_late_task_says_so(site: Site, case: str) -> None:
    site.clock.advance(timedelta(hours=4))
    client = site.client(site.doctor)
    assert "En retard de 2 h" in client.get(f"/taches/{site.task(case)}").text


def test_of_two_answers_at_once_only_one_counts(site: Site, case: str) -> None:
    task = site.task(case)
    clients = [site.client(site.doctor) for _ in range(2)]
    given = [RIGHT, {**RIGHT, "pa_sys": "148"}]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client, answer: send(client, task, answer).status_code, clients, given))
    assert sorted(answers) == [303, 409]
