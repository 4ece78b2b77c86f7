"""The patient's rights through the doors: the circle, what the patient wants, who looked, access in an emergency."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from care.case import cases
from care.sharing import break_glass, circle
from inbox.desk import Desk
from inbox.task import drafts
from pathways import sharing
from people import persons
from people.directory import words
from people.notices import rows
from people.notices.rows import Notice
from people.persons import Person
from people.tables import person_role
from tests.inbox.conftest import TENANT, Site

ALL = {"portee": "all", "destinataires": "all", "finalite": "soins", "mode": "oral", "preuve": "Dit au téléphone."}


def post(client: FlaskClient, address: str, **boxes: str) -> tuple[int, str]:
    answer = client.post(address, data={**boxes, "_csrf": client.csrf})
    return answer.status_code, answer.text


def patient_of(site: Site, case: str) -> str:
    with site.context.database.read() as session:
        return cases.case(session, case).patient


def newcomer(site: Site, role: str, name: str = "DEMO-FAURE") -> Person:
    with site.context.database.begin() as session:
        mail = f"{role}.{name}@loire-sucs.test".lower()
        return persons.add(
            session, TENANT, family_name=name, given_name="Luc", profession_code="10", email=mail, roles=[role]
        )


def test_a_member_is_found_in_the_directory_added_and_ended_and_all_of_it_stays_written(site: Site) -> None:
    case, doctor = site.open_case(), site.client(site.doctor)
    address = f"/dossiers/{case}/cercle"
    with site.context.database.begin() as session:
        words.index(session, TENANT, site.nurse.id, ["DEMO-MASSON Lucie"])
    assert "DEMO-MASSON" in doctor.get(f"{address}?q=masson").text
    status, page = post(doctor, address, personne=site.nurse.id, role="ide_liberale", q="masson")
    assert (status, "Dites à quel titre" in page) == (422, True)
    for _ in range(2):
        boxes = {"personne": site.nurse.id, "role": "ide_liberale", "titre": "reconnu_patient"}
        assert post(doctor, address, **boxes)[0] == 303
        with site.context.database.read() as session:
            (member,) = (one for one in circle.members(session, patient_of(site, case)) if one.person == site.nurse.id)
        assert (member.ground, member.invited_by) == ("reconnu_patient", site.doctor.id)
        assert post(doctor, f"{address}/{member.id}/fin")[0] == 303
    with site.context.database.read() as session:
        left = circle.former(session, patient_of(site, case))
    assert [(one.person, one.ended_by) for one in left] == [(site.nurse.id, site.doctor.id)] * 2
    assert "Anciens membres (2)" in doctor.get(address).text


def test_a_structure_joins_the_circle_and_nobody_sees_more_for_it(site: Site) -> None:
    case, doctor = site.open_case(), site.client(site.doctor)
    boxes = {"structure": "SSIAD des Sucs", "role": "ide_liberale", "titre": "organisation_formelle"}
    assert post(doctor, f"/dossiers/{case}/cercle", **boxes)[0] == 303
    page = doctor.get(f"/dossiers/{case}/cercle").text
    assert "SSIAD des Sucs" in page
    assert "Une structure inscrite n’ouvre le dossier à personne." in page
    assert site.client(site.colleague).get(f"/dossiers/{case}").status_code == 403


def test_somebody_outside_the_circle_neither_reads_nor_keeps_it(site: Site) -> None:
    case, other = site.open_case(), site.client(site.colleague)
    for place in ("cercle", "accord", "opposition", "consultations"):
        assert other.get(f"/dossiers/{case}/{place}").status_code == 403
    assert post(other, f"/dossiers/{case}/opposition", **ALL, confirme="oui")[0] == 403


def test_an_opposition_shows_what_it_stops_then_stops_it_for_all(site: Site) -> None:
    case, doctor, nurse = site.open_case(), site.client(site.doctor), site.client(site.nurse)
    task = site.task(case)
    assert task in nurse.get("/taches?liste=roles").text
    status, foreseen = post(doctor, f"/dossiers/{case}/opposition", **ALL)
    assert (status, "Ce qui va s’arrêter" in foreseen, "Visite" in foreseen) == (200, True, True)
    with site.context.database.begin() as session:
        drafts.keep(Desk(session, site.context, site.nurse, only_reads=False), task, {"constat": "Vue ce matin"})
    assert task in nurse.get("/taches?liste=roles").text, "nothing is recorded before it is confirmed"
    status, stopped = post(doctor, f"/dossiers/{case}/opposition", **ALL, confirme="oui")
    assert (status, "Opposition notée" in stopped) == (200, True)
    assert task not in nurse.get("/taches?liste=roles").text
    assert nurse.get(f"/taches/{task}").status_code == 403
    assert "Une tâche qui vous attendait est annulée" in nurse.get("/notifications").text
    refusal = doctor.get(f"/dossiers/{case}")
    assert (refusal.status_code, "PAT-TROIS" in refusal.text) == (403, False)
    coordinator = site.client(site.coordinator)
    assert "s’est opposée au partage" in coordinator.get(f"/dossiers/{case}/cercle").text
    with site.context.database.read() as session:
        closed = cases.case(session, case)
    assert (closed.is_open, closed.outcome) == (False, "La personne s’est opposée au partage.")


def test_an_opposition_towards_one_person_closes_the_case_to_them_alone(site: Site) -> None:
    case, doctor = site.open_case(), site.client(site.doctor)
    boxes = {"personne": site.colleague.id, "role": "medecin_traitant", "titre": "meme_structure"}
    assert post(doctor, f"/dossiers/{case}/cercle", **boxes)[0] == 303
    colleague = site.client(site.colleague)
    assert colleague.get(f"/dossiers/{case}").status_code == 200
    towards = {**ALL, "destinataires": "person", "destinataire": site.colleague.id, "confirme": "oui"}
    assert post(doctor, f"/dossiers/{case}/opposition", **towards)[0] == 200
    assert colleague.get(f"/dossiers/{case}").status_code == 403
    assert doctor.get(f"/dossiers/{case}").status_code == 200
    page = doctor.get(f"/dossiers/{case}/cercle").text
    row = page.split(f"/dossiers/{case}/droits/opposition/")[1].split("/")[0]
    assert post(doctor, f"/dossiers/{case}/droits/opposition/{row}/fin")[0] == 303
    assert colleague.get(f"/dossiers/{case}").status_code == 200


def test_a_consent_that_names_a_person_opens_the_case_to_them_until_it_is_withdrawn(site: Site) -> None:
    case, doctor, colleague = site.open_case(), site.client(site.doctor), site.client(site.colleague)
    named = {**ALL, "portee": "case", "destinataires": "person", "destinataire": site.colleague.id}
    assert post(doctor, f"/dossiers/{case}/accord", **{**named, "mode": ""})[0] == 422
    assert post(doctor, f"/dossiers/{case}/accord", **named)[0] == 303
    assert colleague.get(f"/dossiers/{case}").status_code == 200
    page = doctor.get(f"/dossiers/{case}/cercle").text
    assert "Dit au téléphone." in page
    row = page.split(f"/dossiers/{case}/droits/consent/")[1].split("/")[0]
    assert post(doctor, f"/dossiers/{case}/droits/consent/{row}/fin")[0] == 303
    assert colleague.get(f"/dossiers/{case}").status_code == 403


def test_an_emergency_opens_the_case_for_four_hours_with_a_reason_and_the_coordination_sees_it(site: Site) -> None:
    case, other = site.open_case(), site.client(site.colleague)
    refusal = other.get(f"/dossiers/{case}").text
    assert f"/dossiers/{case}/urgence" in refusal
    asked = other.get(f"/dossiers/{case}/urgence").text
    assert "PAT-TROIS" not in refusal + asked
    assert post(other, f"/dossiers/{case}/urgence", motif="vite")[0] == 422
    assert post(other, f"/dossiers/{case}/urgence", motif="Malaise à son domicile, seule.")[0] == 303
    assert "PAT-TROIS" in other.get(f"/dossiers/{case}").text
    coordinator = site.client(site.coordinator)
    listed = coordinator.get("/acces-en-urgence").text
    assert "Malaise à son domicile, seule." in listed
    access = listed.split("/acces-en-urgence/")[1].split("/")[0]
    assert post(coordinator, f"/acces-en-urgence/{access}/vu")[0] == 303
    assert post(coordinator, f"/acces-en-urgence/{access}/informe")[0] == 303
    assert "Vu par" in coordinator.get("/acces-en-urgence").text
    assert other.get("/acces-en-urgence").status_code == 403
    site.clock.advance(timedelta(hours=break_glass.HOURS, minutes=1))
    assert site.client(site.colleague).get(f"/dossiers/{case}").status_code == 403


def test_an_emergency_is_told_to_the_coordination_and_to_data_protection_who_sees_no_name(site: Site) -> None:
    case, other, dpo = site.open_case(), site.client(site.colleague), newcomer(site, "dpo", "DEMO-GIRAUD")
    assert post(other, f"/dossiers/{case}/urgence", motif="Malaise à son domicile, seule.")[0] == 303
    told = {one.id: [note.kind for note in latest(site, one)] for one in (site.coordinator, dpo, site.doctor)}
    assert told == {site.coordinator.id: ["emergency"], dpo.id: ["emergency"], site.doctor.id: []}
    watcher = site.client(dpo)
    for answer in (watcher.get("/acces-en-urgence"), watcher.get("/api/emergencies")):
        assert site.colleague.display in answer.get_data(as_text=True)
        assert not {word for word in ("PAT-TROIS", "Malaise") if word in answer.get_data(as_text=True)}
    found = watcher.get("/api/emergencies").json["accesses"][0]
    access, number = found["id"], found["patient_id"]
    assert f'href="/patients/{number}"' in watcher.get("/acces-en-urgence").text
    seen = watcher.get(f"/patients/{number}").text
    assert (site.colleague.display in seen, "PAT-TROIS" in seen) == (True, False)
    assert post(watcher, f"/acces-en-urgence/{access}/vu")[0] == 403
    assert watcher.get(f"/dossiers/{case}").status_code == 403


def test_nobody_is_the_only_one_to_look_at_their_own_emergency(site: Site) -> None:
    """The only coordinator is a carer too: the clinical lead is told instead."""
    case, lead = site.open_case(), newcomer(site, "coordonnateur_medical", "DEMO-LEBRUN")
    with site.context.database.begin() as session:
        session.execute(insert(person_role).values(tenant=TENANT, person=site.coordinator.id, role="ide_liberale"))
        both = persons.person(session, site.coordinator.id)
    with site.context.database.begin() as session:
        sharing.open_in_emergency(session, site.context, both, case, "Malaise à son domicile.", vital=False)
    assert [len(latest(site, one)) for one in (both, lead)] == [0, 1]


def test_who_acts_in_one_role_sees_no_case_by_the_circle_of_another(site: Site) -> None:
    """On the pages, in the lists and to begin another case; and all of it again in the role that counts."""
    case = site.open_case()
    with site.context.database.begin() as session:
        session.execute(insert(person_role).values(tenant=TENANT, person=site.doctor.id, role="pharmacien_officine"))
    doctor = site.client(site.doctor)
    seen = {}
    for role in ("pharmacien_officine", "medecin_traitant", ""):
        assert post(doctor, "/compte/role", role=role)[0] == 303
        listed = any(one["id"] == case for one in doctor.get("/api/cases").json["cases"])
        opened = doctor.get(f"/dossiers/{case}").status_code == 200
        circle_read = doctor.get(f"/fhir/CareTeam/{patient_of(site, case)}").status_code == 200
        seen[role] = {listed, opened, circle_read}
    assert seen == {"pharmacien_officine": {False}, "medecin_traitant": {True}, "": {True}}


def latest(site: Site, person: Person) -> list[Notice]:
    with site.context.database.read() as session:
        return rows.latest(session, TENANT, person.id)


def test_who_opens_a_case_in_an_emergency_has_just_signed_in(site: Site) -> None:
    case, other = site.open_case(), site.client(site.colleague)
    site.clock.advance(timedelta(minutes=11))
    asked = other.get(f"/dossiers/{case}/urgence")
    assert (asked.status_code, "confirmer=1" in asked.location) == (303, True), "asked before anything is written"
    assert post(other, f"/dossiers/{case}/urgence", motif="Malaise à son domicile, seule.")[0] == 303
    reason = {"reason": "Malaise à son domicile, seule."}
    token = {"X-CSRF-Token": other.csrf}
    answer = other.post(f"/api/cases/{case}/emergency", json=reason, headers=token)
    assert (answer.status_code, answer.json["code"]) == (401, "recent-sign-in-required")
    assert other.get(f"/dossiers/{case}").status_code == 403
    assert site.client(site.colleague).get(f"/dossiers/{case}/urgence").status_code == 200


def test_an_emergency_is_for_carers_and_never_lifts_an_opposition(site: Site) -> None:
    case, doctor = site.open_case(), site.client(site.doctor)
    clerk = site.client(newcomer(site, "secretaire"))
    assert post(clerk, f"/dossiers/{case}/urgence", motif="On me le demande au téléphone.")[0] == 403
    post(doctor, f"/dossiers/{case}/opposition", **ALL, confirme="oui")
    for more in ({}, {"vitale": "oui"}):
        status, page = post(doctor, f"/dossiers/{case}/urgence", motif="Arrêt cardiaque à domicile.", **more)
        assert (status, "opposée" in page) == (403, True), "the table's first rule answers before the second"


def test_the_patient_may_be_told_who_looked_in_which_role_and_by_what_right(site: Site) -> None:
    case, doctor = site.open_case(), site.client(site.doctor)
    doctor.get(f"/dossiers/{case}")
    other = site.client(site.colleague)
    post(other, f"/dossiers/{case}/urgence", motif="Malaise à son domicile, seule.")
    other.get(f"/dossiers/{case}")
    page = doctor.get(f"/dossiers/{case}/consultations").text
    assert all(words in page for words in ("DEMO-BERTHON", "DEMO-VIGNAL", "Accès en urgence", "Médecin traitant"))
    only = doctor.get(f"/dossiers/{case}/consultations?par={site.colleague.id}").text
    assert '<th scope="row" class="full">Dr Claire' not in only
    assert "Aucune consultation" in doctor.get(f"/dossiers/{case}/consultations?du=01/01/2030").text
    assert doctor.get(f"/dossiers/{case}/consultations?du=hier").status_code == 422


@pytest.mark.parametrize("place", ["cercle", "accord", "opposition", "consultations", "urgence"])
def test_a_case_of_nobody_is_not_found(site: Site, place: str) -> None:
    assert site.client(site.doctor).get(f"/dossiers/0000000000000000/{place}").status_code == 404


def test_the_rights_are_kept_over_rest_as_on_the_pages(site: Site) -> None:
    case, doctor, other = site.open_case(), site.client(site.doctor), site.client(site.colleague)
    place, shown = f"/api/cases/{case}", {"X-CSRF-Token": doctor.csrf}
    wrong = {"person": site.nurse.id, "role": "medecin_traitant", "ground": "reconnu_patient"}
    assert doctor.post(f"{place}/circle", json=wrong, headers=shown).status_code == 422
    joined = {"person": site.nurse.id, "role": "ide_liberale", "ground": "reconnu_patient"}
    assert doctor.post(f"{place}/circle", json=joined, headers=shown).status_code == 204
    names = [one["name"] for one in doctor.get(f"{place}/circle").json["members"]]
    assert names == ["Dr Claire DEMO-BERTHON", "Lucie DEMO-MASSON"]
    assert other.get(f"{place}/circle").status_code == 403
    reason = {"reason": "Malaise à son domicile, seule."}
    assert other.post(f"{place}/emergency", json=reason, headers={"X-CSRF-Token": other.csrf}).status_code == 201
    assert other.get(f"{place}/circle").status_code == 200
    assert {one["what"] for one in doctor.get(f"{place}/looks").json} >= {"Accès en urgence", "Le cercle de soins"}
    stopped = doctor.post(f"{place}/oppositions", json={"mode": "oral"}, headers=shown).json
    assert stopped == [{"case": case, "tasks": ["Visite infirmière"]}]
    assert other.get(f"{place}/circle").status_code == doctor.get(f"{place}/circle").status_code == 403
    coordinator = site.client(site.coordinator)
    assert [one["holds"] for one in coordinator.get(f"{place}/consents").json] == [True]
