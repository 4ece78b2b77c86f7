"""Whatever is told by whatever way: nothing of the patient, of their health or of what people wrote ever leaves."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from care.sharing import consents
from care.sharing.visibility import START
from inbox.notices import wording
from people.notices import rows
from people.notices.kinds import KINDS, QUESTION, THANKS
from tests.inbox.conftest import PASSWORD, TENANT, Site
from tests.inbox.notices.conftest import Town
from tests.inbox.test_answer_links import Sent, post_link
from tests.support import witness

NAME, WORDS = "PAT-ZZIDENTITEZZ", "ZZECHANGEZZ"
PLANTED = (
    NAME, "ZZIDENTITEZZ", "Dominique", "639981234", "Beauzac", "Sucs", WORDS, "Suites d’essai", "Visite",
    "Consultation", "opposition", "opposé", "patient",
)  # fmt: skip


def told_of_everything(town: Town, case: str, task: str) -> None:
    """Every kind, for the person to whom it may be told."""
    site = town.site
    for kind in KINDS:
        person = site.coordinator if kind in ("overdue", "emergency") else site.doctor
        due = site.clock.now() + timedelta(hours=6)
        town.tell(
            person, kind, task=task, case=case, about=f"{task}:{kind}", other=site.colleague.id, due=due, urgent=True
        )


def test_no_way_carries_a_planted_word(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    site = town.site
    town.at_once(site.doctor, site.coordinator, site.nurse)
    for person in (site.doctor, site.coordinator):
        town.phone(person, "0639980000")
    town.subscribe(site.doctor)
    case = site.open_case(NAME)
    site.visit(case)
    task = site.task(case)
    doctor = site.client(site.doctor)
    ask = {"_csrf": doctor.csrf, "a": site.coordinator.id, "mots": f"{WORDS} {NAME}"}
    assert doctor.post(f"/taches/{task}/autre/question", data=ask).status_code == 303
    town.work()
    site.clock.advance(timedelta(minutes=1))
    told_of_everything(town, case, task)
    town.work()
    carried = town.office.everything()
    assert "Jalon" in carried
    assert len(town.office.pushed()) >= 1
    assert len(town.office.texts()) >= 2
    assert "1 accès" in carried or "Un accès exceptionnel" in carried
    log = "".join(capsys.readouterr())
    assert {word for word in PLANTED if word in carried} == set()
    assert {word for word in (*PLANTED[:6], PASSWORD) if word in log} == set()
    states = {state for person in (site.doctor, site.coordinator) for _, state, _ in town.notices(person)}
    assert states <= {"told", "withdrawn"}


def test_each_kind_by_itself_says_only_that_something_waits(town: Town) -> None:
    """Word by word: the sentence of each kind, put together for a real task of a real patient."""
    site = town.site
    case = site.open_case(NAME)
    site.visit(case)
    told_of_everything(town, case, site.task(case))
    with site.context.database.read() as session:
        for person in (site.doctor, site.coordinator):
            for one in rows.waiting(session, TENANT, person.id):
                alone = wording.message(session, site.context, [one])
                said = " ".join((alone.subject, *alone.lines, alone.url))
                assert {word for word in PLANTED if word in said} == set(), one.kind
                assert len(alone.lines) == 1
                assert len(said) < 160, "one SMS"


def test_the_page_names_the_task_and_the_patient_only_to_whom_the_guard_lets_know_them(town: Town) -> None:
    site = town.site
    case = site.open_case(NAME)
    site.visit(case)
    task = site.task(case)
    told_of_everything(town, case, task)
    site.clock.advance(timedelta(minutes=1))  # the page shows the last twelve
    town.tell(site.doctor, QUESTION, task=task, case=case, about=f"{task}:again", other=site.colleague.id)
    town.tell(site.colleague, THANKS, task=task, case=case)
    lines = {one["said"]: one for one in site.client(site.doctor).get("/api/notices").json["notices"]}
    assert {one["patient"] for one in lines.values()} == {f"{NAME} Dominique"}
    assert {one["title"] for one in lines.values()} == {"Consultation précoce"}
    assert lines["Une question vous est posée."]["url"] == f"/dossiers/{case}#echanges"
    late = site.client(site.coordinator).get("/notifications").text
    assert f"<b>{NAME} Dominique</b>\u00a0: Consultation précoce, Suites d’essai" in late
    assert f'href="/dossiers/{case}#echanges"' in late
    stranger = site.client(site.colleague).get("/notifications").text
    assert "Pourvu, merci." in stranger
    assert not {word for word in (NAME, "Consultation", case, task) if word in stranger}


def test_no_message_calendar_or_stream_carries_a_planted_word_and_a_link_only_those_of_its_lane(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of a case in which every word is planted: mail, push, SMS, agenda, news, and the page behind an answer link."""
    site, office = town.site, town.office
    case = witness.plant(site.context, nurse=site.nurse, doctor=site.doctor, coordinator=site.coordinator)
    town.at_once(site.doctor, site.coordinator)
    town.phone(site.doctor, "0639980000")
    town.subscribe(site.doctor)
    told_of_everything(town, case.id, case.task)
    town.work()
    doctor = site.client(site.doctor)
    assert_tells_only_that_it_waits(site, doctor, case.task)
    sent = link_for_a_pharmacist(town, case)
    assert sent.ask().status_code == 303
    town.work()
    (code,) = re.findall(r"\b\d{6}\b", office.texts()[-1]["text"])
    assert sent.post("ouvrir", code=code).status_code == 303
    page = sent.browser.get(f"{sent.path}/demande").get_data()
    lane = START["pharmacien_officine"]
    assert witness.found(page) == {witness.NAME} | {witness.ANSWERS[one] for one in lane}
    again = sent.post("demande", rep_social="x").get_data()
    assert witness.found(again) <= witness.found(page)
    assert not witness.linked(page + again)
    kinds = (len(office.letters), len(office.texts()), len(office.pushed()))
    assert min(kinds) > 0, "each way was tried"
    assert not witness.found(office.everything().encode() + b"".join(office.mails))
    assert not witness.found("".join(capfd.readouterr()).encode()), "the log"


def assert_tells_only_that_it_waits(site: Site, doctor: FlaskClient, task: str) -> None:
    """The agenda and the stream of news name the task to whom it is for, by its number alone."""
    made = doctor.post("/api/calendars", json={"kind": "tasks"}, headers={"X-CSRF-Token": doctor.csrf})
    agenda = site.app.test_client().get(urlsplit(made.json["url"]).path).get_data()
    stream = doctor.get("/taches/flux?liste=roles", buffered=False)
    looks = stream.iter_encoded()
    news = next(looks) + next(looks)
    stream.close()
    for told in (agenda, news):
        assert task.encode() in told
        assert not witness.found(told)


def link_for_a_pharmacist(town: Town, case: witness.Case) -> Sent:
    """The patient agreed; the task is offered to pharmacists too, and one without an account is asked."""
    site = town.site
    with site.context.database.begin() as session:
        said = {"case": case.id, "patient": case.patient, "mode": "oral", "recorded_by": site.doctor.id}
        consents.record(session, site.clock, TENANT, **said)
        site.context.engine.offer(session, task=case.task, role="pharmacien_officine", actor=site.doctor.id)
    return post_link(site, case.id, site.doctor, role="pharmacien_officine", profession="21")
