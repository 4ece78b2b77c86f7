"""« Relancer », and whom messages do not reach: what the coordination does about it from the cockpit."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from base.ids import new_id
from jalon.app import create_app
from jalon.worker import build_worker
from people.notices import deliveries, preferences
from people.notices.kinds import ASKED_AGAIN
from people.notices.preferences import Preference
from people.notices.rows import tell
from people.notices.tables import notice
from tests.admin.conftest import Browser, Office
from tests.admin.test_cockpit import join, task_of
from tests.support.post_office import open_post_office


def asked_again(office: Office) -> list[str]:
    """Who was reminded by the coordination, the oldest first."""
    query = select(notice.c.person).where(notice.c.kind == ASKED_AGAIN).order_by(notice.c.at, notice.c.id)
    with office.context.database.read() as session:
        return list(session.scalars(query))


def remind(browser: Browser, *tasks: str) -> list[str]:
    """What was refused, task by task."""
    said = browser.send("POST", "/api/cockpit/tasks/remind", 200, json={"tasks": list(tasks)}).json["lines"]
    return [line["refused"] for line in said]


def test_a_late_task_is_reminded_of_from_the_list_and_again_only_some_hours_later(office: Office) -> None:
    case = office.open_case("PAT-UN")
    join(office, case)
    office.clock.advance(timedelta(days=3))
    browser, late = office.browser(office.coordinator), task_of(office, case)
    assert "Relancer</button>" in browser.get("/pilotage/taches/en-retard").text
    said = browser.post("/pilotage/relances/en-retard", 200, tache=late).text
    assert "Relancée : 1 tâche sur 1" in said
    assert asked_again(office) == [office.doctor.id]
    assert "relancé aujourd’hui" in browser.get("/pilotage/taches/en-retard").text
    office.clock.advance(timedelta(hours=3, minutes=59))
    again = office.browser(office.coordinator).post("/pilotage/relances/en-retard", 200, tache=late).text
    assert "Une relance est partie aujourd’hui 10:00. La suivante pourra partir aujourd’hui 14:00." in again
    assert asked_again(office) == [office.doctor.id]
    office.clock.advance(timedelta(minutes=1))
    assert remind(office.browser(office.coordinator), late) == [""]
    assert asked_again(office) == [office.doctor.id] * 2
    office.browser(office.coordinator).post("/pilotage/relances/ailleurs", 404, tache=late)


def test_only_the_coordination_reminds_and_never_of_what_is_answered(office: Office) -> None:
    case = office.open_case()
    asked = task_of(office, case)
    office.browser(office.doctor).send("POST", "/api/cockpit/tasks/remind", 403, json={"tasks": [asked]})
    office.answer(case, rankin=0)
    assert "quelqu’un vient d’y répondre" in remind(office.browser(office.coordinator), asked)[0]
    assert asked_again(office) == []


def test_a_reminder_to_a_whole_role_respects_a_pause_and_says_when_nobody_is_left(office: Office) -> None:
    asked, parts = task_of(office, office.open_case()), office.context
    paused = replace(Preference(), paused_until=office.clock.now() + timedelta(days=2))
    with parts.database.begin() as session:
        preferences.settle(session, parts.clock, "demo", office.doctor.id, paused)
    browser = office.browser(office.coordinator)
    assert remind(browser, asked, "0000000000000000") == [
        "Personne ne peut être relancé. Confiez cette tâche, ou envoyez-la par lien.",
        "Cette tâche n’existe pas, ou plus.",
    ]
    office.clock.advance(timedelta(days=3))
    assert remind(office.browser(office.coordinator), asked) == [""]
    assert asked_again(office) == [office.doctor.id]


@pytest.fixture
def posting(office: Office):
    """The same office, whose messages leave to a post office of the test's own."""
    with open_post_office() as post:
        context = replace(office.context, settings=post.settings(office.context.settings))
        yield replace(office, context=context, app=create_app(context)), post


def test_whom_nothing_reaches_is_shown_with_what_to_do_until_it_is_done(posting) -> None:
    office, post = posting
    parts, mail = office.context, office.doctor.email.lower()

    def work() -> None:
        with parts.database.begin() as session:
            tell(
                session, parts.clock, "demo", office.doctor.id, "mention", case=office.case, about=new_id(), urgent=True
            )
        build_worker(parts).run_once()

    office.case = office.open_case()
    join(office, office.case)
    browser = office.browser(office.coordinator)
    assert "Tous les messages arrivent" in browser.get("/pilotage/messages").text
    post.refusals[mail] = "550 No such user"
    work()
    page = browser.get("/pilotage/messages").text
    assert "Adresse qui renvoie" in page
    assert "L’adresse est refusée (550)." in page
    assert "1 adresse à corriger" in browser.get("/pilotage").text
    (one,) = browser.get("/api/cockpit/undelivered").json["people"]
    assert (one["person"], one["kind"], one["address"]) == (office.doctor.id, "sent_back", mail)
    wrong = browser.post(f"/pilotage/messages/{office.doctor.id}/adresse", 422, courriel="pas une adresse")
    assert "Écrivez une adresse" in wrong.text
    browser.post(f"/pilotage/messages/{office.doctor.id}/adresse", courriel="nouvelle@loire-sucs.test")
    work()
    assert [letter["To"] for letter in post.letters] == ["nouvelle@loire-sucs.test"]
    assert browser.get("/api/cockpit/undelivered").json["people"] == []
    browser.send("PUT", "/api/cockpit/undelivered/0000000000000000/address", 404, json={"email": "a@exemple.fr"})
    office.browser(office.doctor).get("/pilotage/messages", 403)


def test_an_uncertain_message_and_people_without_a_way_are_shown_too(posting) -> None:
    office, post = posting
    parts = office.context
    with parts.database.begin() as session:
        made = deliveries.add(session, parts.clock, "demo", office.doctor.id, "email", office.doctor.email, ())
        deliveries.note(session, parts.clock, "demo", made, {"state": deliveries.UNSURE})
        silent = replace(Preference(), email="never", push="never", sms="never")
        preferences.settle(session, parts.clock, "demo", office.coordinator.id, silent)
        tell(session, parts.clock, "demo", office.coordinator.id, "stopped", urgent=True)
    build_worker(parts).run_once()
    found = office.browser(office.coordinator).get("/api/cockpit/undelivered").json["people"]
    assert {one["person"]: one["kind"] for one in found} == {
        office.doctor.id: "perhaps", office.coordinator.id: "no_way",
    }  # fmt: skip
    assert post.mails == []
    office.clock.advance(timedelta(days=8))
    assert office.browser(office.coordinator).get("/api/cockpit/undelivered").json["people"] == []


def test_an_address_that_works_after_all_is_written_to_again(office: Office) -> None:
    parts, mail = office.context, office.doctor.email
    with parts.database.begin() as session:
        deliveries.mark_bounced(session, parts.clock, "demo", mail.upper(), "Boîte pleine.")
    browser = office.browser(office.coordinator)
    assert "Boîte pleine." in browser.get("/pilotage/messages").text
    browser.post("/pilotage/messages/essayer", adresse=mail)
    assert "Tous les messages arrivent" in browser.get("/pilotage/messages").text
    with parts.database.read() as session:
        assert deliveries.all_bounced(session, "demo") == {}
