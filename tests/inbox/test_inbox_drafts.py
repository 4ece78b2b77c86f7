"""What is typed and not sent: kept, restored, handed over with the task, never lost to a conflict."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from care.case import cases
from care.sharing import circle
from care.tables import circle_member
from inbox.task.tables import draft
from jalon.worker import KEPT_DRAFTS, forget_drafts
from tests.inbox.conftest import TENANT, Site, member

BEGUN = {"pa_sys": "151", "remarque": "Dort mal, a chuté hier."}
WHOLE = {"pa_sys": "150", "pa_dia": "90", "ordonnance": "oui"}


@pytest.fixture
def task(site: Site) -> str:
    """A task that waits for the nurses."""
    return site.task(site.open_case())


def keep(client: FlaskClient, task: str, answers: dict[str, str], **own: object):
    data = {"_csrf": client.csrf, **answers, **{f"_{name}": value for name, value in own.items()}}
    return client.post(f"/taches/{task}/brouillon.json", data=data)


def post(client: FlaskClient, path: str, **data: str):
    return client.post(path, data={"_csrf": client.csrf, **data})


def test_what_is_typed_is_kept_and_stands_in_the_form_the_next_time(site: Site, task: str) -> None:
    kept = keep(site.client(site.nurse), task, BEGUN)
    assert kept.json["words"].startswith("Enregistré à ")
    page = site.client(site.nurse).get(f"/taches/{task}").text
    assert 'value="151"' in page
    assert "Dort mal, a chuté hier." in page
    assert "est repris" in page


def test_a_draft_is_sealed_where_it_is_kept(site: Site, task: str) -> None:
    keep(site.client(site.nurse), task, BEGUN)
    with site.context.database.read() as session:
        (row,) = session.execute(draft.select()).all()
    assert row.person == site.nurse.id
    assert "chuté".encode() not in row.content


def test_of_two_devices_the_later_word_wins_and_says_so(site: Site, task: str) -> None:
    desk, phone = site.client(site.nurse), site.client(site.nurse)
    first = keep(desk, task, BEGUN, appareil="bureau", revision=0).json
    assert "autre appareil" not in first["words"]
    later = keep(phone, task, {"pa_sys": "162"}, appareil="telephone", revision=0).json
    assert "Vous écriviez aussi sur un autre appareil" in later["words"]
    assert later["revision"] == first["revision"] + 1
    assert 'value="162"' in desk.get(f"/taches/{task}").text
    again = keep(phone, task, {"pa_sys": "163"}, appareil="telephone", revision=later["revision"]).json
    assert "autre appareil" not in again["words"]


def test_an_answer_ends_its_draft(site: Site, task: str) -> None:
    nurse = site.client(site.nurse)
    keep(nurse, task, BEGUN)
    assert post(nurse, f"/taches/{task}", **WHOLE).status_code == 303
    assert drafts(site) == []


def test_one_can_begin_again_from_what_the_case_knows(site: Site, task: str) -> None:
    nurse = site.client(site.nurse)
    keep(nurse, task, BEGUN)
    post(nurse, f"/taches/{task}/brouillon/effacer")
    assert "chuté" not in nurse.get(f"/taches/{task}").text


def test_a_draft_goes_with_the_task_to_a_colleague_who_takes_it_over(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    task, doctor, colleague = site.task(case), site.client(site.doctor), site.client(site.colleague)
    keep(doctor, task, {"pa_sys": "171", "molecule": "apixaban"})
    assert post(colleague, f"/taches/{task}/brouillon/reprendre", de=site.doctor.id).status_code == 403
    given = post(doctor, f"/taches/{task}/autre/confier", a=site.colleague.id, mots="Merci.")
    assert given.status_code == 303, given.text
    page = colleague.get(f"/taches/{task}").text
    assert "Brouillon de Dr Claire DEMO-BERTHON" in page
    assert 'value="171"' not in page
    post(colleague, f"/taches/{task}/brouillon/reprendre", de=site.doctor.id)
    assert 'value="171"' in colleague.get(f"/taches/{task}").text
    assert [row.person for row in drafts(site)] == [site.colleague.id]


def test_of_a_draft_taken_over_one_gets_what_one_s_role_may_see(site: Site) -> None:
    """The physiotherapist of the circle sees how the person gets about, not their blood pressure."""
    case = site.open_case()
    site.visit(case)
    with site.context.database.begin() as session:
        patient = cases.case(session, case).patient
        physio = member(session, "DEMO-KINE", "Hugo", "", "70", "kinesitherapeute")
        circle.add(session, site.clock, TENANT, patient, physio.id, "kinesitherapeute", "essai")
    site.let_in(physio)
    task, doctor, colleague = site.task(case), site.client(site.doctor), site.client(physio)
    keep(doctor, task, {"pa_sys": "171", "molecule": "apixaban", "rankin": "3"})
    assert post(doctor, f"/taches/{task}/autre/confier", a=physio.id).status_code == 303
    assert "2 réponses ne vous sont pas montrées (santé)." in colleague.get(f"/taches/{task}").text
    assert post(colleague, f"/taches/{task}/brouillon/reprendre", de=site.doctor.id).status_code == 303
    assert colleague.get(f"/api/tasks/{task}/draft").json["answers"] == {"rankin": "3"}
    page = colleague.get(f"/taches/{task}").text
    assert "171" not in page
    assert "apixaban" not in page
    assert {row.person for row in drafts(site)} == {site.doctor.id, physio.id}, "what is unseen is not lost"


def test_of_a_draft_that_is_all_outside_one_s_role_nothing_is_taken_over(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    with site.context.database.begin() as session:
        patient = cases.case(session, case).patient
        physio = member(session, "DEMO-KINE", "Hugo", "", "70", "kinesitherapeute")
        circle.add(session, site.clock, TENANT, patient, physio.id, "kinesitherapeute", "essai")
    site.let_in(physio)
    task, doctor, colleague = site.task(case), site.client(site.doctor), site.client(physio)
    keep(doctor, task, {"pa_sys": "171"})
    post(doctor, f"/taches/{task}/autre/confier", a=physio.id)
    keep(colleague, task, {"rankin": "2"})
    refused = post(colleague, f"/taches/{task}/brouillon/reprendre", de=site.doctor.id)
    assert refused.status_code == 403
    assert colleague.get(f"/api/tasks/{task}/draft").json["answers"] == {"rankin": "2"}


def test_a_slow_answer_becomes_a_comment_in_the_words_of_the_form(site: Site) -> None:
    case = site.open_case()
    task = site.task(case)
    site.visit(case)
    nurse = site.client(site.nurse)
    late = post(nurse, f"/taches/{task}", pa_sys="140", ordonnance="oui", remarque="Sa fille l’aide.")
    assert late.status_code == 409
    assert "Joindre en commentaire" in late.text
    assert "Votre brouillon" in nurse.get(f"/taches/{task}").text
    assert post(nurse, f"/taches/{task}/joindre").status_code == 303
    thread = site.client(site.doctor).get(f"/dossiers/{case}").text
    assert "Sa fille l’aide." in thread
    assert "Ordonnance comprise : Oui" in thread
    assert drafts(site) == []


def test_a_draft_too_long_is_refused_in_words(site: Site, task: str) -> None:
    said = keep(site.client(site.nurse), task, {"remarque": "x" * 250_000})
    assert said.status_code == 413
    assert said.json["code"] == "draft-too-large"


def test_a_draft_that_nobody_touches_for_months_is_forgotten(site: Site, task: str) -> None:
    keep(site.client(site.nurse), task, BEGUN)
    assert forget_drafts(site.context) == 0
    site.clock.advance(KEPT_DRAFTS + timedelta(minutes=1))
    assert forget_drafts(site.context) == 1
    assert drafts(site) == []


def test_nobody_keeps_a_draft_of_what_they_may_not_answer(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    assert keep(site.client(site.colleague), site.task(case), BEGUN).status_code == 403


def test_whoever_is_refused_meanwhile_loses_nothing_and_learns_whom_to_call(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    task, doctor = site.task(case), site.client(site.doctor)
    with site.context.database.begin() as session:
        session.execute(update(circle_member).values(person=site.colleague.id))
    refused = post(doctor, f"/taches/{task}", pa_sys="149")
    assert refused.status_code == 403
    assert "Votre saisie est gardée en brouillon" in refused.text
    assert "Sophie DEMO-VIALLET" in refused.text
    assert "PAT-TROIS" not in refused.text
    assert [row.person for row in drafts(site)] == [site.doctor.id]


def test_programs_keep_read_and_forget_drafts_too(site: Site, task: str) -> None:
    client = site.client(site.nurse)
    headers, path = {"X-CSRF-Token": client.csrf}, f"/api/tasks/{task}/draft"
    assert client.get(path).status_code == 404
    kept = client.put(path, json={"answers": {"pa_sys": 151}}, headers=headers)
    assert kept.json["revision"] == 1
    site.clock.advance(timedelta(minutes=1))
    assert client.get(path).json["answers"] == {"pa_sys": "151"}
    assert client.delete(path, headers=headers).status_code == 204
    assert client.get(path).status_code == 404


def drafts(site: Site):
    with site.context.database.read() as session:
        return session.execute(draft.select()).all()
