"""« Ouvrir un dossier »: who may, for whom, with what answers, once; by page and by program, on both databases."""

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, event

from care.identity import patients
from care.identity.identity import Identity
from care.sharing import circle, consents
from pathways import catalogue
from pathways.library import read_folder
from people.tables import person_role
from tests.inbox.conftest import TENANT, Site

FOLDER = Path(__file__).parents[2] / "bench" / "trois-taches"
DAWN = {"nom": "Pat-Aube", "prenom": "Camille", "naissance": "1951-04-02", "sexe": "F"}
TYPED = {
    "personne.nom": "Pat-Aube",
    "personne.prenom": "Camille",
    "personne.naissance": "2/4/1951",
    "personne.sexe": "F",
}
ANSWERS = {"clinique": {"pa_sys": 142}, "motif": "Suivi"}
FILLED = {"clinique.pa_sys": "142", "motif": "Suivi"}


@pytest.fixture
def place(site: Site) -> Site:
    """The CPTS, where the pathway of three tasks is published."""
    with site.context.database.begin() as session:
        catalogue.publish(session, site.context, read_folder(FOLDER), "essai")
    return site


def ask(client, key="un", **body):
    wanted = {"pathway": "trois-taches", "identity": DAWN, "answers": ANSWERS, **body}
    return client.post("/api/cases", json=wanted, headers={"X-CSRF-Token": client.csrf, "Idempotency-Key": key})


def number_of_cases(site):
    with site.context.database.read() as session:
        return session.connection().exec_driver_sql('SELECT count(*) FROM "case"').scalar()


def admit(site, session):
    identity = Identity("PAT-AUBE", ("Camille",), "F", date(1951, 4, 2))
    return patients.admit(session, site.context.vault, site.clock, TENANT, identity, "VALI")


def test_a_program_opens_a_case_and_gets_its_own_first_task(place):
    client = place.client(place.doctor)
    answer = ask(client)
    assert answer.status_code == 201, answer.text
    case, task = answer.json["case"], answer.json["task"]
    assert answer.headers["Location"] == f"/api/cases/{case}"
    assert client.get(f"/api/cases/{case}").json["patient"]["name"] == "PAT-AUBE Camille"
    assert client.get(f"/api/tasks/{task}").json["case"] == case
    with place.context.database.read() as session:
        seen = place.context.engine.variables(session, task=task)
    assert (seen["clinique"]["pa_sys"], seen["motif"], seen["mt_connu"]) == (142, "Suivi", True)
    assert seen["clinique"]["nihss"] is None


def test_the_same_request_twice_is_one_case(place):
    client = place.client(place.doctor)
    first, again, other = ask(client), ask(client), ask(client, key="deux")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"] != other.headers["Location"]
    assert number_of_cases(place) == 2


def test_a_key_that_served_for_something_else_is_a_conflict(place):
    client = place.client(place.doctor)
    ask(client)
    answer = ask(client, answers=ANSWERS | {"motif": "Autre"})
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency-key-reused")
    assert number_of_cases(place) == 1


def test_the_key_of_one_person_is_not_the_key_of_another(place):
    first, second = ask(place.client(place.doctor)), ask(place.client(place.colleague))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["case"] != second.json["case"]


def test_a_refused_request_may_be_mended_under_its_key(place):
    client = place.client(place.doctor)
    assert ask(client, answers={}).status_code == 422
    assert ask(client).status_code == 201


def test_whoever_opens_a_case_enters_the_circle_in_their_role_with_a_ground(place):
    case = ask(place.client(place.nurse)).json["case"]
    with place.context.database.read() as session:
        patient = session.connection().exec_driver_sql(f"SELECT patient FROM \"case\" WHERE id = '{case}'").scalar()
        [member] = circle.members(session, patient)
    assert (member.person, member.role) == (place.nurse.id, "ide_liberale")
    assert member.basis == "Reconnu par la personne, à l’ouverture du dossier « Trois tâches »"


def test_a_person_who_is_known_is_found_by_their_traits(place):
    with place.context.database.begin() as session:
        known = admit(place, session)
    client = place.client(place.doctor)
    case = ask(client).json["case"]
    with place.context.database.read() as session:
        found = session.connection().exec_driver_sql(f"SELECT patient FROM \"case\" WHERE id = '{case}'").scalar()
    assert found == known.id
    assert client.get(f"/api/cases/{case}").json["patient"]["identity_status"] == "VALI"


def test_only_somebody_of_the_circle_opens_a_case_by_the_patients_number(place):
    with place.context.database.begin() as session:
        known = admit(place, session)
        circle.add(session, place.clock, TENANT, known.id, place.doctor.id, "medecin_traitant", "essai")
    assert ask(place.client(place.doctor), patient=known.id, identity=None).status_code == 201
    refused = ask(place.client(place.colleague), patient=known.id, identity=None)
    assert (refused.status_code, refused.json["code"]) == (403, "not-in-circle")
    assert number_of_cases(place) == 1


def test_a_doctor_who_is_no_longer_one_is_not_counted_on_by_a_new_case(place):
    """The nurse begins it for a patient of theirs: whether the doctor is known is what the pathway goes by."""
    with place.context.database.begin() as session:
        known = admit(place, session)
        for who, role in ((place.doctor, "medecin_traitant"), (place.nurse, "ide_liberale")):
            circle.add(session, place.clock, TENANT, known.id, who.id, role, "essai")
    client, found = place.client(place.nurse), []
    for key in ("avant", "apres"):
        answer = ask(client, key=key, patient=known.id, identity=None)
        assert answer.status_code == 201, answer.text
        task = place.task(answer.json["case"])
        with place.context.database.begin() as session:
            found.append(place.context.engine.variables(session, task=task)["mt_connu"])
            session.execute(delete(person_role).where(person_role.c.person == place.doctor.id))
    assert found == [True, False]


def test_a_coordinator_who_does_not_care_for_people_is_refused_in_words(place):
    client = place.client(place.coordinator)
    answer = ask(client)
    assert (answer.status_code, answer.json["code"]) == (403, "not-a-carer")
    assert client.get("/dossiers/ouvrir").status_code == 403
    assert "Ouvrir un dossier" not in client.get("/dossiers").text
    assert number_of_cases(place) == 0


def test_nobody_opens_a_case_for_a_person_who_is_opposed(place):
    with place.context.database.begin() as session:
        known = admit(place, session)
        consents.oppose(session, place.clock, TENANT, known.id)
    client = place.client(place.doctor)
    answer = ask(client)
    assert (answer.status_code, answer.json["code"]) == (403, "opposed")
    page = client.post("/dossiers/ouvrir/trois-taches", data={"_csrf": client.csrf, **TYPED, **FILLED})
    assert page.status_code == 403
    assert "opposée au partage" in page.text
    assert "Aucun dossier n’a été ouvert." in page.text
    with place.context.database.read() as session:
        assert circle.members(session, known.id) == []
    assert number_of_cases(place) == 0


def test_a_pathway_without_a_form_on_its_start_is_not_begun_by_hand(place):
    client = place.client(place.doctor)
    assert ask(client, pathway="inconnu").json["code"] == "pathway-not-published"
    assert "Trois tâches" in client.get("/dossiers/ouvrir").text


def test_the_page_names_all_that_is_to_be_looked_at_again_and_keeps_the_rest(place):
    client = place.client(place.doctor)
    wrong = {**TYPED, "personne.naissance": "31/2/1951", "clinique.pa_sys": "20", "motif": "Suivi proche"}
    page = client.post("/dossiers/ouvrir/trois-taches", data={"_csrf": client.csrf, "_cle": "k", **wrong})
    assert page.status_code == 422
    assert page.text.count('aria-invalid="true"') == 2
    assert 'value="Suivi proche"' in page.text
    assert 'name="_cle" value="k"' in page.text
    later = client.post(
        "/dossiers/ouvrir/trois-taches",
        data={"_csrf": client.csrf, **TYPED, **FILLED, "personne.naissance": "1/1/2199"},
    )
    assert "Cette date est à venir." in later.text
    assert number_of_cases(place) == 0


def test_the_page_opens_one_case_however_often_it_is_sent(place):
    client = place.client(place.doctor)
    key = re.search(r'name="_cle" value="(\w+)"', client.get("/dossiers/ouvrir/trois-taches").text)[1]
    sent = {"_csrf": client.csrf, "_cle": key, **TYPED, **FILLED}
    first = client.post("/dossiers/ouvrir/trois-taches", data=sent)
    again = client.post("/dossiers/ouvrir/trois-taches", data=sent)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert "Première réponse" in client.get(first.headers["location"]).text
    assert number_of_cases(place) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_an_opening_looks_up_of_a_patient_is_found_by_index(place):
    """However many others there are: nothing of a patient is found by reading the rows of all.

    PostgreSQL reads the rows of all while they are few, whatever index there is.
    """
    asked = {}
    engine, client = place.context.database.engine, place.client(place.doctor)

    def note(_connection, _cursor, text, parameters, _context, _many):
        asked[text] = parameters

    event.listen(engine, "before_cursor_execute", note)
    try:
        for person in range(2):
            assert ask(client, f"{person}", identity={**DAWN, "nom": f"Pat-Aube-{person}"}).status_code == 201
    finally:
        event.remove(engine, "before_cursor_execute", note)
    looks = [text for text in asked if text.startswith("SELECT")]
    assert len(looks) >= 8
    with place.context.database.read() as session:
        plans = {text: _plan(session, text) for text in looks}
    for table in ("patient", "patient_word", "circle_member", "opposition", "consent", "case", "run", "task"):
        scanned = [text for text, plan in plans.items() if f"SCAN {table}" in plan]
        assert not scanned, f"{table}: {scanned}"


def _plan(session, text):
    found = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", (None,) * text.count("?"))
    return {row[3] for row in found}
