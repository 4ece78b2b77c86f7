"""« Autre réponse »: what each does to the task, to those whom it is offered to, and to the case's story."""

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from care.case import cases
from care.sharing import circle
from engine.tables import task as tasks
from people.persons import Person, add
from people.rosters.tables import absence
from tests.inbox.conftest import TENANT, Site, member

RIGHT = {
    "pa_sys": "152", "rythme": "fa", "antithrombotique": "aucun", "rankin": "2", "prochain": "8/12/2026",
    "prochain__heure": "9h30", "information": "true",
}  # fmt: skip
LEAVING = {"raison": "conges", "mots": "Jusqu’à lundi."}


def post(client: FlaskClient, path: str, **data: str):
    return client.post(path, data={"_csrf": client.csrf, **data})


def other(client: FlaskClient, task: str, name: str, **data: str):
    return post(client, f"/taches/{task}/autre/{name}", **data)


def row(site: Site, task: str):
    with site.context.database.read() as session:
        return session.execute(select(tasks).where(tasks.c.id == task)).one()


def kinds(site: Site, case: str) -> list[str]:
    with site.context.database.read() as session:
        return [entry.kind for entry in site.context.engine.history(session, case)]


def test_every_other_answer_has_its_page_and_says_what_it_does(site: Site, task: str) -> None:
    doctor = site.client(site.doctor)
    menu = doctor.get(f"/taches/{task}").text
    for name in ("je-ne-peux-pas", "pas-concerne", "question", "deleguer", "confier", "priorite"):
        assert f"/taches/{task}/autre/{name}" in menu
        assert doctor.get(f"/taches/{task}/autre/{name}").status_code == 200
    assert doctor.get(f"/taches/{task}/autre/inconnue").status_code == 404
    assert site.client(site.colleague).get(f"/taches/{task}/autre/confier").status_code == 403


def test_who_cannot_is_asked_no_more_and_the_others_are(site: Site) -> None:
    case = site.open_case(in_circle=False)
    site.visit(case)
    task, doctor, colleague = site.task(case), site.client(site.doctor), site.client(site.colleague)
    post(doctor, f"/taches/{task}/prendre")
    assert other(doctor, task, "je-ne-peux-pas", **LEAVING).status_code == 303
    assert row(site, task).assignee is None
    gone = doctor.get(f"/taches/{task}")
    assert gone.status_code == 403
    assert "n’était pas pour vous" in gone.text
    assert task not in doctor.get("/taches?liste=roles").text
    assert colleague.get(f"/taches/{task}").status_code == 200
    assert "Je ne peux pas. Congés ou absence. Jusqu’à lundi." in colleague.get(f"/taches/{task}").text


def test_when_nobody_is_left_the_coordination_finds_the_task(site: Site, task: str) -> None:
    coordinator = site.client(site.coordinator)
    assert coordinator.get(f"/taches/{task}").status_code == 403
    other(site.client(site.doctor), task, "pas-concerne", raison="autre")
    assert coordinator.get(f"/taches/{task}").status_code == 200
    assert task in coordinator.get("/taches?liste=roles").text
    last = other(coordinator, task, "je-ne-peux-pas", raison="autre")
    assert last.status_code == 409
    assert "ne peut revenir à personne d’autre" in last.text
    assert coordinator.get(f"/taches/{task}").status_code == 200


def test_a_reason_is_wanted(site: Site, task: str) -> None:
    doctor = site.client(site.doctor)
    said = other(doctor, task, "je-ne-peux-pas", mots="Voilà")
    assert said.status_code == 422
    assert "Choisissez une raison." in said.text
    assert "Voilà" in said.text
    assert doctor.get(f"/taches/{task}").status_code == 200


def test_a_question_goes_to_whom_it_asks_and_the_task_stays(site: Site, case: str, task: str) -> None:
    doctor, before = site.client(site.doctor), row(site, task)
    asked = other(doctor, task, "question", a=site.coordinator.id, mots="A-t-on la lettre de liaison ?")
    assert asked.status_code == 303
    assert row(site, task) == before
    page = site.client(site.coordinator).get(f"/dossiers/{case}").text
    assert "Question à Sophie DEMO-VIALLET" in page
    assert "A-t-on la lettre de liaison ?" in page
    assert other(doctor, task, "question", a=site.colleague.id, mots="Et vous ?").status_code == 422
    assert other(doctor, task, "question", a=site.coordinator.id, mots=" ").status_code == 422


def told(client: FlaskClient) -> list[str]:
    return [one["said"] for one in client.get("/api/notices").json["notices"]]


def test_who_asked_a_question_learns_once_that_it_has_its_answer(site: Site, case: str, task: str) -> None:
    doctor, coordinator = site.client(site.doctor), site.client(site.coordinator)
    other(doctor, task, "question", a=site.coordinator.id, mots="A-t-on la lettre de liaison ?")
    assert told(doctor) == []
    for words in ("Oui.", "Elle est jointe."):
        post(coordinator, f"/dossiers/{case}/messages", texte=words)
    assert told(doctor) == ["Votre question a reçu une réponse."]


def test_a_question_is_offered_to_those_alone_whom_it_reaches(site: Site, case: str, task: str) -> None:
    """Somebody of the circle who has no account yet, then is away, then is there."""
    with site.context.database.begin() as session:
        patient = cases.case(session, case).patient
        added = member(session, "DEMO-ROUX", "Paul", "", "60", "ide_liberale")
        circle.add(session, site.clock, TENANT, patient, added.id, "ide_liberale", "essai")
    doctor, asked = site.client(site.doctor), {"a": added.id, "mots": "Êtes-vous passé ?"}
    assert other(doctor, task, "question", **asked).status_code == 422
    site.let_in(added)
    leave(site, added)
    assert other(doctor, task, "question", **asked).status_code == 422
    with site.context.database.begin() as session:
        session.execute(absence.delete())
    assert other(doctor, task, "question", **asked).status_code == 303


def test_a_task_handed_over_changes_hands_for_good(site: Site, case: str, task: str) -> None:
    doctor, colleague = site.client(site.doctor), site.client(site.colleague)
    assert other(doctor, task, "confier", a=site.nurse.id).status_code == 422
    assert other(doctor, task, "confier", a=site.colleague.id).status_code == 303
    assert row(site, task).assignee == site.colleague.id
    late = post(doctor, f"/taches/{task}", **RIGHT)
    assert late.status_code == 409
    assert "confiée à Dr Anne DEMO-VIGNAL" in late.text
    assert post(colleague, f"/taches/{task}", **RIGHT).status_code == 303
    assert kinds(site, case).count("task_assigned") == 1


def test_a_delegated_task_comes_back_with_the_answer_as_a_draft(site: Site, task: str) -> None:
    doctor, colleague = site.client(site.doctor), site.client(site.colleague)
    assert other(doctor, task, "deleguer", a=site.colleague.id, mots="Vous l’avez vue hier.").status_code == 303
    page = colleague.get(f"/taches/{task}").text
    assert "Vous la préparez pour Dr Claire DEMO-BERTHON" in page
    assert "autre/deleguer" not in page
    assert other(colleague, task, "deleguer", a=site.doctor.id).status_code == 409
    assert post(colleague, f"/taches/{task}", **RIGHT).headers["Location"].endswith("rendue=1")
    assert (row(site, task).state, row(site, task).assignee) == ("open", site.doctor.id)
    mine = doctor.get(f"/taches/{task}").text
    assert 'value="152"' in mine
    assert "Réponse préparée." in mine
    assert post(doctor, f"/taches/{task}", **RIGHT).status_code == 303
    assert row(site, task).completed_by == site.doctor.id


def test_who_gives_a_delegated_task_back_gives_it_to_whom_it_came_from(site: Site, task: str) -> None:
    other(site.client(site.doctor), task, "deleguer", a=site.colleague.id)
    assert post(site.client(site.colleague), f"/taches/{task}/rendre").status_code == 303
    assert row(site, task).assignee == site.doctor.id


def test_what_is_delegated_by_somebody_who_left_is_sent_at_once(site: Site, task: str) -> None:
    other(site.client(site.doctor), task, "deleguer", a=site.colleague.id)
    leave(site, site.doctor)
    assert post(site.client(site.colleague), f"/taches/{task}", **RIGHT).status_code == 303
    assert row(site, task).completed_by == site.colleague.id


def test_nothing_is_given_to_somebody_who_is_away(site: Site, task: str) -> None:
    leave(site, site.colleague)
    doctor = site.client(site.doctor)
    assert "DEMO-VIGNAL" not in doctor.get(f"/taches/{task}/autre/confier").text
    assert other(doctor, task, "confier", a=site.colleague.id).status_code == 422


def test_who_is_away_is_told_how_to_be_back_instead_of_answering(site: Site, task: str) -> None:
    doctor = site.client(site.doctor)
    post(doctor, f"/taches/{task}/prendre")
    leave(site, site.doctor)
    late = post(doctor, f"/taches/{task}", **RIGHT)
    assert late.status_code == 409
    assert "Vous êtes absent jusqu’au" in late.text
    assert "Je suis de retour" in late.text
    assert row(site, task).state == "open"


def test_priority_and_follow_up_are_set_and_the_journal_says_by_whom(site: Site, case: str, task: str) -> None:
    doctor = site.client(site.doctor)
    assert other(doctor, task, "priorite", priorite="p2", relance="1/12/2026").status_code == 303
    assert row(site, task).priority == 70
    assert row(site, task).follow_up_at == datetime(2026, 12, 1, 7, tzinfo=UTC)
    page = doctor.get(f"/taches/{task}").text
    assert "Prioritaire" in page
    assert "À relancer mar. 1er déc." in page
    with site.context.database.read() as session:
        entry = site.context.engine.history(session, case)[-1]
    assert (entry.kind, entry.actor, entry.detail["priority"]) == ("task_planned", site.doctor.id, 70)
    assert "Consultation précoce : priorité ou relance changée" in doctor.get(f"/dossiers/{case}").text
    for wrong in ("31/02/2026", "1/1/99999999999999999999"):
        assert other(doctor, task, "priorite", priorite="p1", relance=wrong).status_code == 422
    assert other(doctor, task, "priorite", priorite="p9").status_code == 422


def test_one_s_own_answer_is_taken_back_and_stands_in_the_form(site: Site) -> None:
    case = site.open_case(in_circle=False)
    task, nurse = site.task(case), site.client(site.nurse)
    post(nurse, f"/taches/{task}", pa_sys="150", pa_dia="90", ordonnance="oui", remarque="Vu ce matin.")
    assert "Reprendre ma réponse" in nurse.get(f"/taches/{task}").text
    assert post(nurse, f"/taches/{task}/reprendre").status_code == 303
    assert row(site, task).state == "open"
    assert "Vu ce matin." in nurse.get(f"/taches/{task}").text
    again = post(nurse, f"/taches/{task}", pa_sys="150", pa_dia="90", ordonnance="oui", remarque="Vu ce matin.")
    assert again.status_code == 303
    assert row(site, task).state == "completed"


def test_an_answer_that_others_rely_on_stands_and_a_correction_can_be_asked_for(site: Site) -> None:
    case = site.open_case()
    task, nurse = site.task(case), site.client(site.nurse)
    post(nurse, f"/taches/{task}", pa_sys="150", pa_dia="90", ordonnance="oui")
    post(site.client(site.doctor), f"/taches/{site.task(case)}/prendre")
    stands = post(nurse, f"/taches/{task}/reprendre").text
    assert "a changé de mains" in stands
    assert "Demander une correction" in stands
    assert other(nurse, task, "correction", mots="La tension était 140.").status_code == 303
    doctor = site.client(site.doctor)
    page = doctor.get(f"/dossiers/{case}").text
    assert "Lucie DEMO-MASSON demande une correction" in page
    (settled,) = {part.split("/faite")[0] for part in page.split(f"/dossiers/{case}/messages/")[1:] if "/faite" in part}
    assert post(doctor, f"/dossiers/{case}/messages/{settled}/faite").status_code == 303
    assert "demande une correction" not in doctor.get(f"/dossiers/{case}").text
    assert "Une correction que vous demandiez est faite." in told(nurse)


def test_the_same_answer_sent_twice_has_one_effect(site: Site, case: str, task: str) -> None:
    doctor = site.client(site.doctor)
    headers, path = {"X-CSRF-Token": doctor.csrf}, f"/api/tasks/{task}/completion"
    answers = {**RIGHT, "pa_sys": 152, "rankin": 2, "information": True}
    first = doctor.post(path, json={"answers": answers}, headers=headers)
    again = doctor.post(path, json={"answers": answers}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    changed = doctor.post(path, json={"answers": {**answers, "pa_sys": 153}}, headers=headers)
    assert changed.status_code == 409
    assert kinds(site, case).count("task_completed") == 2


def test_programs_do_the_same(site: Site, case: str, task: str) -> None:
    doctor = site.client(site.doctor)

    def call(name: str, **body: object):
        return doctor.post(f"/api/tasks/{task}/{name}", json=body, headers={"X-CSRF-Token": doctor.csrf})

    assert [one["name"] for one in doctor.get(f"/api/tasks/{task}/colleagues").json] == ["Dr Anne DEMO-VIGNAL"]
    assert call("plan", urgency="p1").status_code == 204
    assert call("question", to=site.coordinator.id, words="Qui l’accompagne ?").status_code == 204
    assert call("refusal", kind="cannot", reason="ennui").status_code == 422
    assert call("delegation", to=site.colleague.id).status_code == 204
    assert call("handover", to=site.colleague.id).status_code == 409
    assert row(site, task).assignee == site.colleague.id
    assert call("taking-back").status_code == 409


def leave(site: Site, person: Person) -> None:
    now = site.clock.now()
    with site.context.database.begin() as session:
        session.execute(
            insert(absence).values(
                tenant=TENANT, id="absence-essai", person=person.id, since=now - timedelta(hours=1),
                until=now + timedelta(days=3), reason="conges", way="regle", note="",
                planned_until=now + timedelta(days=3), declared_by=person.id, declared_at=now,
            )
        )  # fmt: skip


def test_a_carer_of_the_circle_may_be_given_what_their_role_is_not_asked_for(site: Site, case: str, task: str) -> None:
    with site.context.database.begin() as session:
        patient = session.connection().exec_driver_sql("SELECT patient FROM circle_member").scalar_one()
        advanced = add(session, TENANT, family_name="DEMO-IPA", given_name="Léa", roles=["ipa"])
        circle.add(session, site.clock, TENANT, patient, advanced.id, "ipa", "essai")
    assert other(site.client(site.doctor), task, "confier", a=advanced.id).status_code == 422, "without an account"
    site.let_in(advanced)
    doctor = site.client(site.doctor)
    assert other(doctor, task, "confier", a=advanced.id).status_code == 303
    assert row(site, task).assignee == advanced.id
