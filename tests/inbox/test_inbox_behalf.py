"""Who answers for whom is said: by a substitute, by a secretary, by whoever had it delegated; and what comes back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from admin.chronicle import Event, Glossary, actors, tell
from care.case import cases
from care.sharing import circle
from engine.tables import task as tasks
from pathways import standing_in
from people import persons
from people.notices.tables import notice
from people.persons import Person
from people.rosters import absences, delegates
from people.rosters.absences import Wish
from tests.inbox.conftest import TENANT, Site
from tests.inbox.test_inbox_outcomes import RIGHT, other, post
from tests.support import choosing

FOR = "Dr Anne DEMO-VIGNAL pour Dr Claire DEMO-BERTHON"


def replace_doctor(site: Site, *, days: int = 3) -> None:
    """The doctor leaves now; the colleague stands in."""
    now = site.clock.now()
    wish = Wish(site.doctor.id, now, now + timedelta(days=days), "conges", absences.SUBSTITUTE, site.colleague.id)
    parts = site.context
    with parts.database.begin() as session:
        absences.declare(session, parts.clock, parts.calendar, TENANT, wish, site.doctor)
    standing_in.sweep(parts)


def told(site: Site, person: str) -> list[str]:
    with site.context.database.read() as session:
        return list(session.scalars(select(notice.c.kind).where(notice.c.person == person).order_by(notice.c.at)))


def journal(site: Site, case: str, kind: str) -> tuple[str, object]:
    """Who did the last thing of that kind, and for whom."""
    with site.context.database.read() as session:
        entries = site.context.engine.history(session, case)
    entry = [entry for entry in entries if entry.kind == kind][-1]
    return entry.actor, entry.detail.get("behalf")


def chronicle(site: Site, case: str) -> list[Event]:
    """The journal as those read it who follow the cases of all."""
    with site.context.database.read() as session:
        entries = site.context.engine.history(session, case)
        names = {key: one.display for key, one in persons.persons(session, actors(entries)).items()}
    return tell(entries, Glossary({}, names), clinical=False)


def stand_by(site: Site, task: str) -> None:
    """The doctor has the task in hand, and the nurse answers for her."""
    post(site.client(site.doctor), f"/taches/{task}/prendre")
    with site.context.database.begin() as session:
        delegates.grant(session, site.clock, TENANT, site.doctor.id, site.nurse.id, site.doctor)


def assert_replays(site: Site, case: str) -> None:
    """The journal alone leads to where the case stands."""
    with site.context.database.read() as session:
        replay = site.context.engine.replay(session, case)
        list(replay.inputs())
        assert replay.difference is None
        assert site.context.engine.unlike(session, replay) is None


@pytest.mark.parametrize("taken", [False, True], ids=["offered", "in hand"])
def test_a_substitute_answers_for_the_absent_and_the_page_the_history_and_the_journal_say_so(
    site: Site, case: str, task: str, taken: bool
) -> None:
    if taken:
        post(site.client(site.doctor), f"/taches/{task}/prendre")
    replace_doctor(site)
    colleague = site.client(site.colleague)
    assert "vous répondez pour Dr Claire DEMO-BERTHON." in colleague.get(f"/taches/{task}").text
    assert post(colleague, f"/taches/{task}", **RIGHT).status_code == 303
    assert journal(site, case, "task_completed") == (site.colleague.id, site.doctor.id)
    assert [event.words for event in chronicle(site, case) if FOR in event.words] != []
    assert colleague.get(f"/dossiers/{case}").text.count(FOR) >= 2, "in the history, and over the answers"
    assert_replays(site, case)


def test_who_takes_a_task_for_the_absent_takes_it_for_them(site: Site, case: str, task: str) -> None:
    replace_doctor(site)
    post(site.client(site.colleague), f"/taches/{task}/prendre")
    assert journal(site, case, "task_assigned") == (site.colleague.id, site.doctor.id)
    post(site.client(site.colleague), f"/taches/{task}", **RIGHT)
    assert journal(site, case, "task_completed") == (site.colleague.id, site.doctor.id)


def history_over_rest(site: Site, person: Person, case: str) -> list[tuple[str, str]]:
    found = site.client(person).get(f"/api/cases/{case}").json["history"]
    return [(one["what"].replace("\u00a0", " "), one["detail"]) for one in found]


def remarks(site: Site, person: Person, case: str) -> list[str]:
    return [one["text"] for one in site.client(person).get(f"/api/cases/{case}/comments").json["comments"]]


def test_a_substitute_refuses_for_the_absent(site: Site, case: str, task: str) -> None:
    replace_doctor(site)
    colleague = site.client(site.colleague)
    assert other(colleague, task, "je-ne-peux-pas", raison="complet").status_code == 303
    assert journal(site, case, "task_declined") == (site.colleague.id, site.doctor.id)
    assert ("Consultation précoce : refusée", FOR) in history_over_rest(site, site.colleague, case)
    assert FOR in colleague.get(f"/dossiers/{case}").text
    assert [event.words for event in chronicle(site, case) if event.title.startswith("Refusé")] == [f"{FOR}."]
    assert remarks(site, site.colleague, case)[-1].startswith("Pour Dr Claire DEMO-BERTHON. Je ne peux pas.")
    assert_replays(site, case)


def test_a_secretary_hands_over_for_the_doctor(site: Site, case: str, task: str) -> None:
    stand_by(site, task)
    assert other(site.client(site.nurse), task, "confier", a=site.colleague.id, mots="Merci.").status_code == 303
    assert journal(site, case, "task_assigned") == (site.nurse.id, site.doctor.id)
    said = "Lucie DEMO-MASSON pour Dr Claire DEMO-BERTHON"
    assert ("Consultation précoce : prise", said) in history_over_rest(site, site.doctor, case)
    assert next(event.words for event in chronicle(site, case)) == f"{said}."
    told = remarks(site, site.doctor, case)[-1]
    assert told == "Pour Dr Claire DEMO-BERTHON. Confiée à Dr Anne DEMO-VIGNAL. Merci."


def test_a_secretary_delegates_for_the_doctor_and_has_it_back_for_them(site: Site, case: str, task: str) -> None:
    stand_by(site, task)
    nurse = site.client(site.nurse)
    assert other(nurse, task, "deleguer", a=site.colleague.id).status_code == 303
    assert journal(site, case, "task_assigned") == (site.nurse.id, site.doctor.id)
    assert remarks(site, site.doctor, case)[-1].startswith("Pour Dr Claire DEMO-BERTHON. À préparer par Dr Anne")
    assert post(nurse, f"/taches/{task}/recuperer").status_code == 303
    assert journal(site, case, "task_assigned") == (site.nurse.id, site.doctor.id)
    assert post(nurse, f"/taches/{task}/rendre").status_code == 303
    assert journal(site, case, "task_assigned") == (site.nurse.id, site.doctor.id)
    assert_replays(site, case)


def test_a_secretary_asks_and_plans_for_the_doctor(site: Site, case: str, task: str) -> None:
    stand_by(site, task)
    nurse = site.client(site.nurse)
    assert other(nurse, task, "question", a=site.coordinator.id, mots="Un taxi est-il prévu ?").status_code == 303
    assert remarks(site, site.doctor, case)[-1] == "Pour Dr Claire DEMO-BERTHON. Un taxi est-il prévu ?"
    assert other(nurse, task, "question", a=site.coordinator.id, mots=" ").status_code == 422
    assert other(nurse, task, "priorite", priorite="p2", relance="1/12/2026").status_code == 303
    assert journal(site, case, "task_planned") == (site.nurse.id, site.doctor.id)
    said = "Lucie DEMO-MASSON pour Dr Claire DEMO-BERTHON"
    assert ("Consultation précoce : priorité ou relance changée", said) in history_over_rest(site, site.doctor, case)
    assert_replays(site, case)


def test_who_plans_and_asks_for_themselves_does_so_for_nobody(site: Site, case: str, task: str) -> None:
    doctor = site.client(site.doctor)
    assert other(doctor, task, "question", a=site.coordinator.id, mots="Un taxi ?").status_code == 303
    assert remarks(site, site.doctor, case)[-1] == "Un taxi ?"
    assert other(doctor, task, "priorite", priorite="p2").status_code == 303
    assert journal(site, case, "task_planned") == (site.doctor.id, None)


@pytest.mark.parametrize("taken", [False, True], ids=["offered", "in hand"])
def test_a_substitute_chooses_for_the_absent(site: Site, taken: bool) -> None:
    """Another nurse stands in for the one of the circle, who is away."""
    case, now = choosing.open_case(site.context), site.clock.now()
    task = site.task(case)
    with site.context.database.begin() as session:
        patient = cases.case(session, case).patient
        circle.add(session, site.clock, TENANT, patient, site.nurse.id, "ide_liberale", "essai")
        named = {"family_name": "DEMO-SABY", "given_name": "Inès", "email": "ines@loire-sucs.test"}
        other_nurse = persons.add(session, TENANT, **named, roles=["ide_liberale"])
    if taken:
        post(site.client(site.nurse), f"/taches/{task}/prendre")
    wish = Wish(site.nurse.id, now, now + timedelta(days=3), "conges", absences.SUBSTITUTE, other_nurse.id)
    with site.context.database.begin() as session:
        absences.declare(session, site.clock, site.context.calendar, TENANT, wish, site.nurse)
    standing_in.sweep(site.context)
    browser = site.client(other_nurse)
    assert post(browser, f"/taches/{task}/choix", element="appel", vu="0").status_code == 303
    assert journal(site, case, "activity_chosen") == (other_nurse.id, site.nurse.id)
    assert_replays(site, case)


def test_a_secretary_chooses_for_the_nurse_who_has_the_task_in_hand(site: Site) -> None:
    case = choosing.open_case(site.context)
    task = site.task(case)
    post(site.client(site.nurse), f"/taches/{task}/prendre")
    assert post(site.client(site.colleague), f"/taches/{task}/choix", element="appel", vu="0").status_code == 403
    with site.context.database.begin() as session:
        delegates.grant(session, site.clock, TENANT, site.nurse.id, site.colleague.id, site.nurse)
    assert post(site.client(site.colleague), f"/taches/{task}/choix", element="appel", vu="0").status_code == 303
    assert journal(site, case, "activity_chosen") == (site.colleague.id, site.nurse.id)


def test_an_answer_given_for_another_is_taken_back_for_them(site: Site, case: str, task: str) -> None:
    stand_by(site, task)
    nurse = site.client(site.nurse)
    assert post(nurse, f"/taches/{task}", **RIGHT).status_code == 303
    assert post(nurse, f"/taches/{task}/reprendre").status_code == 303
    assert journal(site, case, "answer_taken_back") == (site.nurse.id, site.doctor.id)
    assert "Lucie DEMO-MASSON pour Dr Claire DEMO-BERTHON" in [
        detail for what, detail in history_over_rest(site, site.doctor, case) if what.endswith("réponse reprise")
    ]
    assert_replays(site, case)


def test_who_refuses_for_themselves_refuses_for_nobody(site: Site, case: str, task: str) -> None:
    post(site.client(site.doctor), f"/taches/{task}/prendre")
    other(site.client(site.doctor), task, "pas-concerne", raison="autre")
    assert journal(site, case, "task_declined") == (site.doctor.id, None)
    assert journal(site, case, "task_assigned") == (site.doctor.id, None)


def test_a_secretary_answers_for_the_doctor_who_has_the_task_in_hand(site: Site, case: str, task: str) -> None:
    stand_by(site, task)
    nurse = site.client(site.nurse)
    assert "vous répondez pour Dr Claire DEMO-BERTHON." in nurse.get(f"/taches/{task}").text
    assert post(nurse, f"/taches/{task}", **RIGHT).status_code == 303
    assert journal(site, case, "task_completed") == (site.nurse.id, site.doctor.id)


def test_who_answers_for_themselves_answers_for_nobody(site: Site, case: str, task: str) -> None:
    doctor = site.client(site.doctor)
    assert "vous répondez pour" not in doctor.get(f"/taches/{task}").text
    post(doctor, f"/taches/{task}", **RIGHT)
    assert journal(site, case, "task_completed") == (site.doctor.id, None)
    assert " pour Dr" not in doctor.get(f"/dossiers/{case}").text


def test_who_delegated_is_told_when_it_comes_back_with_or_without_an_answer(site: Site, task: str) -> None:
    doctor, colleague = site.client(site.doctor), site.client(site.colleague)
    other(doctor, task, "deleguer", a=site.colleague.id)
    assert post(colleague, f"/taches/{task}/rendre").status_code == 303
    assert told(site, site.doctor.id) == ["returned"]
    assert "Rendue sans réponse." in doctor.get(f"/taches/{task}").text
    other(doctor, task, "deleguer", a=site.colleague.id)
    site.clock.advance(timedelta(minutes=1))
    post(colleague, f"/taches/{task}", **RIGHT)
    assert told(site, site.doctor.id) == ["returned", "returned"]


def test_who_delegated_and_left_is_told_that_it_was_sent_for_them(site: Site, case: str, task: str) -> None:
    other(site.client(site.doctor), task, "deleguer", a=site.colleague.id)
    now = site.clock.now()
    with site.context.database.begin() as session:
        wish = Wish(site.doctor.id, now, now + timedelta(days=2))
        absences.declare(session, site.clock, site.context.calendar, TENANT, wish, site.doctor)
    assert post(site.client(site.colleague), f"/taches/{task}", **RIGHT).status_code == 303
    assert told(site, site.doctor.id) == ["sent_for"]
    assert journal(site, case, "task_completed") == (site.colleague.id, site.doctor.id)


def test_what_was_delegated_is_had_back_by_whom_delegated_it_alone(site: Site, case: str, task: str) -> None:
    doctor, colleague = site.client(site.doctor), site.client(site.colleague)
    other(doctor, task, "deleguer", a=site.colleague.id)
    page = doctor.get(f"/taches/{task}").text
    assert "Dr Anne DEMO-VIGNAL prépare la réponse" in page
    assert post(colleague, f"/taches/{task}/recuperer").status_code == 409
    assert post(doctor, f"/taches/{task}/recuperer").status_code == 303
    with site.context.database.read() as session:
        assert session.scalars(select(tasks.c.assignee).where(tasks.c.id == task)).one() == site.doctor.id
    assert "prépare la réponse" not in doctor.get(f"/taches/{task}").text
    assert post(colleague, f"/taches/{task}", **RIGHT).status_code in (403, 409)
    again = doctor.post(f"/api/tasks/{task}/recall", headers={"X-CSRF-Token": doctor.csrf})
    assert (again.status_code, again.json["code"]) == (409, "not-delegated")


def test_who_had_a_task_by_name_alone_still_finds_it_while_another_prepares_it(site: Site) -> None:
    """Outside the circle only the delegation itself leads back to the task."""
    case = site.open_case()
    site.visit(case)
    task, doctor, colleague = site.task(case), site.client(site.doctor), site.client(site.colleague)
    other(doctor, task, "confier", a=site.colleague.id)
    other(colleague, task, "deleguer", a=site.doctor.id)
    assert "Dr Claire DEMO-BERTHON prépare la réponse" in colleague.get(f"/taches/{task}").text
    assert post(colleague, f"/taches/{task}/recuperer").status_code == 303
    assert site.client(site.nurse).get(f"/taches/{task}").status_code == 403
