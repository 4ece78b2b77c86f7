"""What time and others bring: reminders at 50 % and 80 %, what is late, « pourvu, merci », duties during an absence."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from base.errors import Conflict
from care.case import cases
from care.sharing.consents import Reach
from engine.tables import task as tasks
from inbox.desk import Desk
from inbox.task import drafts
from pathways import oppositions, stuck
from people.notices import kinds
from people.notices.tables import notice
from people.persons import Person
from people.rosters import absences, duty
from people.rosters.absences import Wish
from people.rosters.duty import Turn
from people.tables import person as people
from tests.inbox.conftest import FILES, TENANT, member
from tests.inbox.notices.conftest import Town


def give_delay(town: Town, task: str, hours: int) -> None:
    """The task is due that many hours after it opened."""
    due = town.site.clock.now() + timedelta(hours=hours)
    with town.site.context.database.begin() as session:
        session.execute(update(tasks).where(tasks.c.id == task).values(due_at=due))


def subjects(town: Town, to: str) -> list[str]:
    return [str(mail["Subject"]) for mail in town.office.letters if mail["To"] == to]


def body(town: Town) -> str:
    return str(town.office.letters[-1].get_body().get_content())


def another_nurse(town: Town) -> Person:
    with town.site.context.database.begin() as session:
        added = member(session, "DEMO-ROUX", "Paul", "", "60", "ide_liberale")
    town.site.let_in(added)
    return added


def pass_time(town: Town, hours: float) -> None:
    town.site.clock.advance(timedelta(hours=hours))
    town.work()


def test_a_task_is_reminded_of_at_half_and_four_fifths_of_its_delay_then_the_coordination_is_told(town: Town) -> None:
    """Ten hours from ten in the morning: at three in the afternoon, at six, and late at eight."""
    site = town.site
    town.at_once(site.nurse, site.coordinator)
    give_delay(town, site.task(site.open_case()), 10)
    nurse, coordination = site.nurse.email, site.coordinator.email
    town.work()
    assert subjects(town, nurse) == ["Jalon : une tâche vous attend"]
    pass_time(town, 4.9)
    assert len(town.office.mails) == 1
    pass_time(town, 0.1)
    assert subjects(town, nurse)[1:] == ["Jalon : rappel : une tâche arrive à échéance"]
    assert "Rappel : une tâche arrive à échéance dans 5 h." in body(town)
    pass_time(town, 2.9)
    assert len(town.office.mails) == 2
    pass_time(town, 0.1)
    assert "Rappel : une tâche arrive à échéance dans 2 h." in body(town)
    assert subjects(town, coordination) == []
    pass_time(town, 2)
    assert subjects(town, coordination) == ["Jalon : une tâche est en retard"]
    pass_time(town, 24)
    assert (len(subjects(town, nurse)), len(subjects(town, coordination))) == (3, 1)


def test_of_reminders_that_were_missed_only_the_last_leaves_and_none_of_what_is_answered(town: Town) -> None:
    site = town.site
    town.at_once(site.nurse, site.coordinator)
    slept, answered = site.open_case("PAT-UN"), site.open_case("PAT-DEUX")
    late = site.task(slept)
    for case in (slept, answered):
        give_delay(town, site.task(case), 10)
    town.work()
    site.visit(answered)
    pass_time(town, 7.5)
    assert [kind for kind, *_ in town.notices(site.nurse)].count(kinds.REMINDER) == 1
    pass_time(town, 30)
    with site.context.database.read() as session:
        of_late = (notice.c.task == late, notice.c.person == site.coordinator.id)
        assert list(session.scalars(select(notice.c.kind).where(*of_late))) == [kinds.OVERDUE]


def test_a_deadline_that_a_pathway_puts_off_puts_its_reminders_off(town: Town) -> None:
    site = town.site
    town.at_once(site.nurse)
    task = site.task(site.open_case())
    give_delay(town, task, 10)
    town.work()
    site.clock.advance(timedelta(hours=4))
    give_delay(town, task, 40)
    pass_time(town, 2)
    assert kinds.REMINDER not in [kind for kind, *_ in town.notices(site.nurse)]
    pass_time(town, 17)
    assert [kind for kind, *_ in town.notices(site.nurse)].count(kinds.REMINDER) == 1


def test_a_task_that_was_late_before_any_worker_saw_it_is_told_to_those_it_waits_for_and_to_the_coordination(
    town: Town,
) -> None:
    """It opened three days before the worker looks, and was due the first evening."""
    site = town.site
    town.at_once(site.nurse, site.coordinator)
    give_delay(town, site.task(site.open_case()), 10)
    site.clock.advance(timedelta(days=3))
    for _ in range(2):
        town.work()
    assert subjects(town, site.nurse.email) == ["Jalon : une tâche vous attend"]
    assert subjects(town, site.coordinator.email) == ["Jalon : une tâche est en retard"]


def test_who_was_told_of_a_task_that_a_colleague_answered_is_thanked_in_the_next_digest(town: Town) -> None:
    site = town.site
    town.at_once(site.doctor, site.colleague)
    case = site.open_case(in_circle=False)
    site.visit(case)
    town.work()
    assert {mail["To"] for mail in town.office.letters} == {site.doctor.email, site.colleague.email}
    town.settle(site.colleague, digest_hours="18:00")
    with site.context.database.begin() as session:
        site.context.engine.complete(session, task=site.task(case), variables={}, actor=site.doctor.id)
    town.work()
    assert ("thanks", "ready", "") in town.notices(site.colleague)
    assert kinds.THANKS not in [kind for kind, *_ in town.notices(site.doctor)]
    town.tell(site.colleague, kinds.STOPPED)
    pass_time(town, 7)
    (mail,) = [mail for mail in town.office.letters if mail["To"] == site.colleague.email][1:]
    assert "Pourvu, merci. Un membre de l’équipe a répondu." in mail.get_body().get_content()


def test_thanks_alone_make_no_mail_but_stand_on_the_page(town: Town) -> None:
    """Two nurses are told of a visit; one answers, and nothing else is asked of the other."""
    site, other = town.site, another_nurse(town)
    town.at_once(site.nurse, other)
    case = site.open_case()
    town.work()
    assert subjects(town, other.email) == ["Jalon : une tâche vous attend"]
    site.visit(case)
    for _ in range(3):
        pass_time(town, 8)
    assert town.notices(other) == [("waiting", "told", ""), ("thanks", "shown", "")]
    assert len(subjects(town, other.email)) == 1
    assert "Pourvu, merci." in site.client(other).get("/notifications").text
    assert kinds.THANKS not in [kind for kind, *_ in town.notices(site.nurse)]


def test_who_was_not_told_of_a_task_is_not_thanked_for_it(town: Town) -> None:
    """Their digest had not left yet: nothing was asked of them."""
    site, other = town.site, another_nurse(town)
    case = site.open_case()
    town.work()
    assert town.notices(other) == [("waiting", "ready", "")]
    site.visit(case)
    pass_time(town, 5)
    assert town.notices(other) == [("waiting", "withdrawn", "answered")]


def deploy_with_a_date_that_is_none(town: Town) -> None:
    """The consultation is due at what the nurse answers to something else: the case gets stuck there."""
    files = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*") if path.is_file()}
    told = files["suites.bpmn"].replace(b"=now() + duration(&#34;PT3H&#34;)", b"=ordonnance")
    with town.site.context.database.begin() as session:
        town.site.definition = town.site.context.engine.deploy(session, {**files, "suites.bpmn": told})


def test_the_coordination_is_told_of_a_stuck_case_by_step_and_pathway_and_led_to_where_it_is_mended(town: Town) -> None:
    """Once for each incident; not any more once it is mended; the patient as the guard lets, and on the page alone."""
    site, engine = town.site, town.site.context.engine
    town.at_once(site.coordinator)
    deploy_with_a_date_that_is_none(town)
    case = site.open_case("PAT-BLOQUE")
    site.visit(case)
    for _ in range(2):
        town.work()
    assert subjects(town, site.coordinator.email) == ["Jalon : un dossier est bloqué"]
    assert f"/suivi/{case}" in body(town)
    assert not {word for word in ("PAT-BLOQUE", "Suites", "Consultation") if word in body(town)}
    coordinator = site.client(site.coordinator)
    (told,) = coordinator.get("/api/notices").json["notices"]
    assert (told["title"], told["pathway"], told["url"]) == ("Consultation précoce", "Suites d’essai", f"/suivi/{case}")
    assert told["patient"] == "PAT-BLOQUE Dominique"
    with site.context.database.begin() as session:
        (stop,) = engine.look(session, case).incidents
        engine.mend(
            session,
            run=case,
            variables={"ordonnance": "2027-01-04T09:00:00Z"},
            actor=site.coordinator.id,
            incident=stop.id,
        )
        engine.retry(session, incident=stop.id, actor=site.coordinator.id)
    (over,) = coordinator.get("/api/notices").json["notices"]
    assert (over["is_over"], over["url"]) == (True, "")


def test_who_had_begun_a_task_that_the_pathway_went_on_without_is_told_once_and_led_to_their_draft(town: Town) -> None:
    site = town.site
    case = site.open_case("PAT-PARTI")
    waits, nurse = site.task(case), site.client(site.nurse)
    with site.context.database.begin() as session:
        drafts.keep(Desk(session, site.context, site.nurse, only_reads=False), waits, {"remarque": "Vue ce matin"})
        site.context.engine.cancel(session, run=case, actor="system:essai", reason="Sans suite")
    for _ in range(2):
        town.work()
    (told,) = [one for one in nurse.get("/api/notices").json["notices"] if one["said"].endswith("annulée.")]
    assert (told["url"], told["why"]) == (f"/taches/{waits}", "Sans suite")
    assert "Joindre en commentaire" in nurse.get(told["url"]).text
    assert [kind for kind, *_ in town.notices(site.nurse)].count(kinds.STOPPED) == 1


def coordinates(town: Town, *, active: bool) -> None:
    with town.site.context.database.begin() as session:
        session.execute(update(people).where(people.c.id == town.site.coordinator.id).values(active=active))


def test_what_got_stuck_while_nobody_worked_or_coordinated_is_told_as_one_message_to_whoever_is_there_first(
    town: Town,
) -> None:
    """Two cases are stuck for a week before a worker looks, and a coordinator has yet to be found."""
    site, parts = town.site, town.site.context
    town.at_once(site.coordinator)
    deploy_with_a_date_that_is_none(town)
    stuck_cases = {site.open_case(name) for name in ("PAT-UN", "PAT-DEUX")}
    for case in stuck_cases:
        site.visit(case)
    site.clock.advance(timedelta(days=7))
    sweep = stuck.Sweep(parts)
    coordinates(town, active=False)
    assert sweep() == 0
    coordinates(town, active=True)
    site.clock.advance(timedelta(days=1))
    assert sweep() == len(stuck_cases)
    for _ in range(2):
        town.work()
    told = [str(mail.get_body().get_content()) for mail in town.office.letters if mail["To"] == site.coordinator.email]
    assert ["2 dossiers sont bloqués." in one for one in told] == [True]


def test_who_had_a_task_that_an_opposition_stops_learns_which_and_no_longer_whose(town: Town) -> None:
    site = town.site
    case = site.open_case("PAT-OPPOSE")
    with site.context.database.begin() as session:
        mine = {"task": site.task(case), "before": None, "after": site.nurse.id, "actor": site.nurse.id}
        site.context.engine.assign(session, **mine)
        patient = cases.case(session, case).patient
        oppositions.oppose(session, site.context, patient, Reach(), by=site.doctor, mode="oral")
    (told,) = site.client(site.nurse).get("/api/notices").json["notices"]
    assert told["said"] == "Une tâche qui vous attendait est annulée."
    assert (told["title"], told["pathway"], told["patient"]) == ("Visite infirmière", "Suites d’essai", "")
    assert told["url"] == "/notifications"


def on_duty(town: Town, hours: int = 34) -> duty.Shift:
    """The doctor is on duty tomorrow evening."""
    parts, site = town.site.context, town.site
    since = site.clock.now() + timedelta(hours=hours)
    with parts.database.begin() as session:
        duty.write_sector(session, TENANT, site.coordinator, "sucs", "Sucs", ["Beauzac"])
        turn = Turn("sucs", duty.EFFECTION, since, since + timedelta(hours=12), site.doctor.id)
        return duty.write(session, parts.clock, parts.calendar, TENANT, turn, site.doctor)


def leave(town: Town) -> absences.Absence:
    parts, now = town.site.context, town.site.clock.now()
    wish = Wish(town.site.doctor.id, now + timedelta(days=1), now + timedelta(days=4))
    with parts.database.begin() as session:
        return absences.declare(session, parts.clock, parts.calendar, TENANT, wish, town.site.doctor)


def test_a_duty_that_falls_into_an_absence_declared_later_is_told_once_and_shown(town: Town) -> None:
    site = town.site
    town.at_once(site.doctor, site.coordinator)
    shift, gone = on_duty(town), leave(town)
    for _ in range(2):
        town.work()
    for who in (site.doctor, site.coordinator):
        assert subjects(town, who.email) == ["Jalon : une garde tombe pendant une absence"]
    assert "/gardes" in body(town)
    doctor = site.client(site.doctor)
    assert "Garde mer. 25 nov. de 20:00 à 08:00" in doctor.get("/disponibilites").text
    assert "Pendant votre absence" in doctor.get("/gardes").text
    assert doctor.get("/api/duty?since=2026-11-25").json["missed"] == [shift.id]
    (known,) = doctor.get("/api/absences").json["absences"]
    assert (known["id"], known["missed_shifts"]) == (gone.id, [shift.id])
    assert "Garde mer. 25 nov." in site.client(site.coordinator).get("/disponibilites").text


def test_no_duty_is_taken_during_an_absence_and_a_warning_ends_with_it(town: Town) -> None:
    site, parts = town.site, town.site.context
    gone = leave(town)
    with pytest.raises(Conflict, match="est absent"):
        on_duty(town)
    with parts.database.begin() as session:
        absences.end(session, parts.clock, TENANT, gone.id, site.doctor)
    shift = on_duty(town)
    leave(town)
    town.work()
    assert [state for _, state, _ in town.notices(site.coordinator)] == ["ready"]
    with parts.database.begin() as session:
        duty.remove(session, site.clock, TENANT, shift.id, site.coordinator)
    pass_time(town, 6)
    assert town.notices(site.coordinator) == [("off_duty", "withdrawn", "answered")]
    assert town.office.mails == []


def test_what_waits_is_told_of_no_more_often_for_being_swept_twice(town: Town) -> None:
    """Another worker, which has seen nothing yet, tells nobody anew."""
    site = town.site
    town.at_once(site.doctor, site.colleague)
    case = site.open_case(in_circle=False)
    site.visit(case)
    town.work()
    with site.context.database.begin() as session:
        site.context.engine.complete(session, task=site.task(case), variables={}, actor=site.doctor.id)
    for _ in range(3):
        town.work()
    with site.context.database.read() as session:
        told = session.execute(select(notice.c.person, notice.c.kind, notice.c.about)).all()
    assert len(told) == len(set(told))
    assert [one.person for one in told if one.kind == kinds.THANKS] == [site.colleague.id]
