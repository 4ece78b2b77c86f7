"""Notices leave once, together, at the hour that each person chose, and never to whom they are not for any more."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from engine.tables import task as tasks
from people.notices import deliveries, kinds, preferences
from people.rosters.tables import absence, stand_in
from tests.inbox.conftest import TENANT
from tests.inbox.notices.conftest import Town


def urgent(town: Town, task: str) -> None:
    with town.site.context.database.begin() as session:
        session.execute(update(tasks).where(tasks.c.id == task).values(priority=90))


def away(town: Town, person, *, replaced_by=None) -> None:
    now, id = town.site.clock.now(), "absence000000001"
    with town.site.context.database.begin() as session:
        session.execute(insert(absence).values(
            tenant=TENANT, id=id, person=person.id, since=now, until=now + timedelta(days=3), reason="conges",
            way="remplacant", note="", planned_until=now + timedelta(days=3), declared_by=person.id, declared_at=now,
        ))  # fmt: skip
        if replaced_by is not None:
            own = {"stand_in": replaced_by.id, "person": person.id, "absence": id}
            session.execute(insert(stand_in).values(tenant=TENANT, since=now, until=now + timedelta(days=3), **own))


def test_what_opens_today_leaves_together_at_the_next_digest(town: Town) -> None:
    for name in ("PAT-UN", "PAT-DEUX", "PAT-TROIS"):
        town.site.open_case(name)
    town.work()
    assert town.office.mails == []
    assert [state for _, state, _ in town.notices(town.site.nurse)] == ["ready"] * 3
    town.site.clock.advance(timedelta(hours=3))
    town.work()
    (mail,) = town.office.letters
    assert mail["To"] == town.site.nurse.email
    assert mail["Subject"] == "Jalon : 3 tâches vous attendent"
    assert "Vous avez 3 tâches à faire." in mail.get_body().get_content()
    town.work()
    assert len(town.office.mails) == 1
    assert [(one.channel, one.state) for one in town.deliveries(town.site.nurse)] == [("email", "sent")]


def test_what_is_urgent_leaves_at_once_even_at_night_by_every_way(town: Town) -> None:
    nurse = town.site.nurse
    town.subscribe(nurse)
    town.phone(nurse, "06 39 98 11 22")
    town.site.clock.advance(timedelta(hours=13))
    task = town.site.task(town.site.open_case())
    urgent(town, task)
    town.work()
    assert [letter["Importance"] for letter in town.office.letters] == ["high"]
    assert [one["to"] for one in town.office.texts()] == ["+33639981122"]
    assert [one["url"] for one in town.office.pushed()] == [f"/taches/{task}"]
    headers = next(headers for path, headers, _ in town.office.calls if path.startswith("/push/"))
    assert (headers["urgency"], headers["content-encoding"]) == ("high", "aes128gcm")


def test_what_is_not_urgent_waits_for_the_end_of_the_quiet_hours(town: Town) -> None:
    town.settle(town.site.nurse, digest_hours="22:00")
    town.site.open_case()
    town.site.clock.advance(timedelta(hours=12, minutes=1))
    town.work()
    assert town.office.mails == []
    town.site.clock.advance(timedelta(hours=9, minutes=58))
    town.work()
    assert town.office.mails == []
    town.site.clock.advance(timedelta(minutes=2))
    town.work()
    assert len(town.office.mails) == 1


def test_a_pause_holds_all_but_what_is_urgent_and_asks_others(town: Town) -> None:
    nurse, clock = town.site.nurse, town.site.clock
    town.settle(
        nurse, paused_until=clock.now() + timedelta(days=2), digest_hours="", quiet_from="0:00", quiet_to="0:00"
    )
    with town.site.context.database.read() as session:
        assert not preferences.may_solicit(session, clock, TENANT, nurse.id)
        assert preferences.may_solicit(session, clock, TENANT, town.site.doctor.id)
    town.site.open_case()
    town.tell(nurse, kinds.MENTION, case=town.site.open_case("PAT-DEUX"))
    town.work()
    assert town.office.mails == []
    assert kinds.WAITING not in {kind for kind, _, _ in town.notices(nurse)}


def test_the_load_of_a_week_is_counted(town: Town) -> None:
    nurse = town.site.nurse
    town.settle(nurse, weekly_cap=2)
    for number in range(4):
        town.site.open_case(f"PAT-{number}")
        town.work()
    assert len(town.notices(nurse)) == 2
    town.site.clock.advance(timedelta(days=8))
    with town.site.context.database.read() as session:
        assert preferences.may_solicit(session, town.site.clock, TENANT, nurse.id)


def test_what_was_answered_meanwhile_is_not_announced(town: Town) -> None:
    case = town.site.open_case()
    town.work()
    town.site.visit(case)
    town.site.clock.advance(timedelta(hours=3))
    town.work()
    assert town.notices(town.site.nurse)[0] == ("waiting", "withdrawn", "answered")
    told = {mail["To"] for mail in town.office.letters}
    assert told == {town.site.doctor.email, town.site.coordinator.email}, "what comes next is late already"


def test_who_may_not_open_the_case_any_more_is_not_told_of_it(town: Town) -> None:
    town.at_once(town.site.doctor, town.site.colleague)
    case = town.site.open_case()
    town.tell(town.site.doctor, kinds.MENTION, case=case)
    town.tell(town.site.colleague, kinds.MENTION, case=case)
    town.work()
    assert ("mention", "withdrawn", "hidden") in town.notices(town.site.colleague)
    assert ("mention", "told", "") in town.notices(town.site.doctor)


def test_whoever_is_away_is_told_nothing_and_their_stand_in_is(town: Town) -> None:
    doctor, colleague, case = town.site.doctor, town.site.colleague, town.site.open_case()
    town.at_once(doctor, colleague)
    away(town, doctor, replaced_by=colleague)
    town.tell(doctor, kinds.MENTION, case=case)
    town.work()
    assert town.notices(doctor) == [("mention", "withdrawn", "passed_on")]
    assert {mail["To"] for mail in town.office.letters} == {colleague.email}
    said = town.office.letters[0].get_body().get_content()
    assert "Vous remplacez Dr DEMO-BERTHON jusqu’au ven. 27 nov." in said


def test_an_address_that_is_refused_for_good_is_written_to_no_more(town: Town) -> None:
    nurse = town.site.nurse
    town.at_once(nurse)
    town.office.refusals[nurse.email] = "550 No such user"
    town.site.open_case("PAT-UN")
    town.work()
    assert [(one.state, one.reason) for one in town.deliveries(nurse)] == [("refused", "L’adresse est refusée (550).")]
    town.office.refusals.clear()
    town.site.open_case("PAT-DEUX")
    town.work()
    assert town.office.mails == []
    assert [state for _, state, _ in town.notices(nurse)] == ["told", "shown"]
    assert "renvoie les messages" in town.site.client(nurse).get("/notifications").text
    assert nurse.email in town.site.client(town.site.coordinator).get("/notifications").text


def test_what_is_refused_for_now_is_tried_again(town: Town) -> None:
    nurse = town.site.nurse
    town.at_once(nurse)
    town.office.refusals[nurse.email] = "451 Later"
    town.site.open_case()
    town.work()
    assert [(one.state, one.attempts) for one in town.deliveries(nurse)] == [("queued", 1)]
    town.office.refusals.clear()
    town.site.clock.advance(timedelta(minutes=1))
    town.work()
    assert [(one.state, one.attempts) for one in town.deliveries(nurse)] == [("sent", 2)]
    assert len(town.office.mails) == 1


def test_a_browser_that_is_gone_is_forgotten(town: Town) -> None:
    nurse = town.site.nurse
    town.at_once(nurse)
    town.subscribe(nurse)
    town.office.answers = [410]
    town.site.open_case()
    town.work()
    assert {(one.channel, one.state) for one in town.deliveries(nurse)} == {("push", "refused"), ("email", "sent")}
    assert "Aucun appareil ne reçoit de message." in town.site.client(nurse).get("/notifications").text


@pytest.mark.parametrize(("deaths", "mails", "state"), [(1, 1, "sent"), (2, 0, "unsure")])
def test_a_message_whose_worker_died_is_handed_over_once_more_and_never_a_third_time(
    town: Town, deaths: int, mails: int, state: str
) -> None:
    nurse = town.site.nurse
    with town.site.context.database.begin() as session:
        made = deliveries.add(session, town.site.clock, TENANT, nurse.id, "email", nurse.email, ())
        deliveries.note(session, town.site.clock, TENANT, made, {"begun": deaths})
        letter = town.site.context.vault.seal(
            '{"subject":"s","lines":["l"],"url":"u"}', f"notice_delivery.letter:{made}"
        )
        deliveries.note(session, town.site.clock, TENANT, made, {"letter": letter})
        town.site.context.queue.enqueue(session, "notices.deliver", {"delivery": made})
    town.work()
    assert len(town.office.mails) == mails
    assert [(one.state, one.letter) for one in town.deliveries(nurse)] == [(state, None)]
