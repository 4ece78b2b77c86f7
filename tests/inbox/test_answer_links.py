"""Answering without an account: a link serves once, on one device, after a code; all else is refused and logged."""

import html
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DatabaseError

from base import migrations
from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from care.case import cases
from care.guard import visible_tasks
from care.sharing import circle, consents
from care.sharing.consents import Reach
from engine.tables import task as tasks
from inbox.desk import Desk
from inbox.links import messages, sending, tokens
from inbox.links.sending import Wanted
from inbox.links.tables import answer_link, answer_link_event, answer_message
from people import persons
from people.directory import profiles
from people.persons import Person
from people.sign_in import enrolments
from people.sign_in.accounts import of_person
from tests.conftest import NOON
from tests.inbox.conftest import TENANT, Site, make_site
from tests.support.patience import PATIENCE

OVER = "Ce lien n’ouvre plus rien : il a déjà servi ou il a expiré."
PLANTED = ("PAT-TROIS", "Dominique", "Visite", "Beauzac", "Suites")
SOMEBODY = {
    "nom": "DEMO-FABRE", "prenom": "Hugo", "profession": "60", "courriel": "hugo@exemple.fr",
    "telephone": "06 39 98 12 14", "role": "ide_liberale", "envoi": "mail",
}  # fmt: skip
RIGHT = {"pa_sys": "158", "pa_dia": "92", "ordonnance": "oui"}
GUESS = "A" * 43 + "." + "B" * 43


@dataclass
class Sent:
    """A link that was sent, the case it opens and its recipient's browser."""

    site: Site
    case: str
    task: str
    path: str
    browser: FlaskClient
    id: str

    def code(self) -> str:
        """What the recipient reads on the telephone."""
        with self.site.context.database.read() as session:
            found = messages.of_link(session, self.site.context, self.id)
        return re.search(r"\b\d{6}\b", next(one.words for one in found if one.kind == messages.CODE))[0]

    def post(self, view: str, browser: FlaskClient | None = None, **data: str):
        """A form of the pages that this browser sees."""
        used = browser or self.browser
        cookie = used.get_cookie("jalon_lien")
        key, token = self.site.context.settings.secret_key, self.path.rpartition("/")[2]
        mark = tokens.page_mark(key, token, cookie.value if cookie else "")
        return used.post(f"{self.path}/{view}", data={"_csrf": mark, **data})

    def ask(self, browser: FlaskClient | None = None):
        return self.post("code", browser)

    def unlock(self) -> None:
        assert self.ask().status_code == 303
        assert self.post("ouvrir", code=self.code()).status_code == 303

    def reasons(self) -> list[str]:
        """Why it was refused, the first time first."""
        query = select(answer_link_event.c.reason).where(answer_link_event.c.kind == "refused")
        with self.site.context.database.read() as session:
            return list(session.scalars(query.order_by(answer_link_event.c.at, answer_link_event.c.id)))


@pytest.fixture
def site(settings: Settings, database: Database, clock: ManualClock, quick_passwords: None) -> Site:
    """The CPTS as a demonstration: what would be sent can be looked at."""
    return make_site(replace(settings, demo=True), database, clock)


@pytest.fixture
def sent(site: Site) -> Sent:
    return send(site)


def send(site: Site, **changed: str) -> Sent:
    """The doctor's patient agreed; the nurse's visit goes to a nurse without an account."""
    case = site.open_case()
    with site.context.database.begin() as session:
        patient = cases.case(session, case).patient
        consents.record(
            session, site.clock, TENANT, case=case, patient=patient, mode="oral", recorded_by=site.doctor.id
        )
    return post_link(site, case, **changed)


def post_link(site: Site, case: str, sender: Person | None = None, **changed: str) -> Sent:
    """Beneath the doors: to sign in takes a while."""
    task, typed = site.task(case), {**SOMEBODY, **changed}
    with site.context.database.begin() as session:
        desk = Desk(session, site.context, sender or site.nurse, only_reads=False)
        wanted = Wanted("", *(typed[name] for name in SOMEBODY))
        made = sending.send(desk, sending.task_to_send(desk, task, hold=True), wanted, "http://localhost")
    path = made.url.removeprefix("http://localhost")
    return Sent(site, case, task, path, site.app.test_client(), made.link.id)


def state(site: Site, task: str) -> str:
    with site.context.database.read() as session:
        return str(session.scalar(select(tasks.c.state).where(tasks.c.id == task)))


def is_over(answer) -> bool:
    return answer.status_code == 410 and OVER in answer.text and not any(word in answer.text for word in PLANTED)


def test_a_link_a_code_and_an_answer_complete_the_task_in_the_name_of_who_answered(sent: Sent) -> None:
    first = sent.browser.get(sent.path)
    assert first.status_code == 200
    assert "06 39 98 •• 14" in first.text
    sent.unlock()
    page = sent.browser.get(f"{sent.path}/demande")
    assert ("PAT-TROIS" in page.text, "PA systolique" in page.text, "tabbar" in page.text) == (True, True, False)
    wrong = sent.post("demande", **{**RIGHT, "pa_sys": "9000"})
    assert (wrong.status_code, "9000" in wrong.text, state(sent.site, sent.task)) == (422, True, "open")
    done = sent.post("demande", **RIGHT)
    assert done.headers["Location"].endswith("/merci")
    assert "Votre réponse est au dossier" in sent.browser.get(f"{sent.path}/merci").text
    with sent.site.context.database.read() as session:
        row = session.execute(select(tasks).where(tasks.c.id == sent.task)).one()
        who = persons.persons(session, {row.completed_by})[row.completed_by]
        members = circle.members(session, cases.case(session, sent.case).patient)
        kept = session.execute(select(answer_link)).one()
    assert (row.state, who.display, who.active) == ("completed", "Hugo DEMO-FABRE", False)
    assert [(one.person, one.role, one.ground) for one in members if one.ground] == [
        (who.id, "ide_liberale", circle.BY_LINK)
    ]
    assert sent.path.rpartition("/")[2] not in repr(kept), "only the token's hash is kept"
    assert is_over(sent.browser.get(sent.path))
    assert is_over(sent.browser.get(f"{sent.path}/demande"))
    assert sent.reasons() == ["used", "used"]


def test_nothing_of_the_patient_is_on_a_page_before_the_code_nor_in_a_message(sent: Sent) -> None:
    sent.ask()
    pages = [sent.browser.get(sent.path), sent.post("ouvrir", code="000000x"), sent.browser.get(f"{sent.path}/demande")]
    with sent.site.context.database.read() as session:
        told = messages.of_link(session, sent.site.context, sent.id)
    assert {one.kind: one.way for one in told} == {"link": "mail", "code": "sms"}
    for text in (*(page.text for page in pages), *(one.body for one in told), sent.path):
        assert not any(word in text for word in PLANTED)


def test_whatever_follows_addresses_uses_nothing_up(sent: Sent) -> None:
    scanner = sent.site.app.test_client()
    for _ in range(3):
        assert scanner.head(sent.path).status_code == 200
        assert scanner.get(sent.path).status_code == 200
        assert scanner.get(f"{sent.path}/demande").status_code == 303
    with sent.site.context.database.read() as session:
        link = session.execute(select(answer_link)).one()
        codes = session.execute(select(answer_message).where(answer_message.c.kind == "code")).all()
    assert (link.codes, link.tries, link.unlocked_at, codes) == (0, 0, None, [])
    assert scanner.post(f"{sent.path}/code").status_code == 403, "a page of ours must have been seen"
    sent.unlock()


def test_a_link_that_is_forwarded_after_its_code_is_refused_and_logged(sent: Sent) -> None:
    sent.unlock()
    other = sent.site.app.test_client()
    assert is_over(other.get(f"{sent.path}/demande"))
    assert is_over(sent.ask(other))
    assert sent.reasons() == ["forwarded", "forwarded"]
    assert sent.browser.get(f"{sent.path}/demande").status_code == 200, "its own device goes on"
    assert sent.post("demande", **RIGHT).status_code == 303


def test_a_code_typed_on_another_device_than_it_was_asked_on_opens_nothing(sent: Sent) -> None:
    sent.ask()
    code, other = sent.code(), sent.site.app.test_client()
    assert is_over(sent.post("ouvrir", other, code=code))
    assert state(sent.site, sent.task) == "open"


def test_five_wrong_codes_lock_the_link_even_for_the_right_one(sent: Sent) -> None:
    sent.ask()
    code = sent.code()
    wrong = [f"{(int(code) + n) % 10**6:06}" for n in range(1, 6)]
    answers = [sent.post("ouvrir", code=one) for one in wrong]
    assert [one.status_code for one in answers] == [422, 422, 422, 422, 410]
    assert "Il reste 1 essai." in answers[3].text
    assert is_over(sent.post("ouvrir", code=code))
    assert is_over(sent.ask())
    assert "locked" in sent.reasons()


def test_a_code_serves_once_and_ten_minutes_and_only_the_last_one(sent: Sent) -> None:
    sent.ask()
    first = sent.code()
    sent.post("code", _encore="1")
    last = sent.code()
    assert first == last or sent.post("ouvrir", code=first).status_code == 422
    sent.site.clock.advance(timedelta(minutes=10))
    page = sent.browser.get(sent.path).text
    assert "Recevoir le code" in page
    assert sent.post("ouvrir", code=last).status_code == 422
    assert sent.browser.get(f"{sent.path}/demande").status_code == 303


def test_after_a_quarter_of_an_hour_the_same_device_needs_a_new_code(sent: Sent) -> None:
    sent.unlock()
    sent.site.clock.advance(timedelta(minutes=15))
    assert sent.browser.get(f"{sent.path}/demande").status_code == 303
    sent.unlock()
    assert sent.browser.get(f"{sent.path}/demande").status_code == 200


def test_no_more_than_five_codes_are_sent(sent: Sent) -> None:
    assert [sent.post("code", _encore="1").status_code for _ in range(6)] == [303] * 5 + [410]


def test_guessed_links_look_like_used_ones_and_are_counted_by_where_they_come_from(sent: Sent) -> None:
    sent.unlock()
    sent.post("demande", **RIGHT)
    used, guessed = sent.site.app.test_client().get(sent.path), sent.site.app.test_client().get(f"/repondre/{GUESS}")
    assert (used.status_code, used.text) == (guessed.status_code, guessed.text)
    typed = {"nom": "DEMO-ROUX", "courriel": "roux@exemple.fr", "role": "medecin_traitant"}
    other = post_link(sent.site, sent.case, sent.site.doctor, **typed)
    assert other.browser.get(other.path).status_code == 200
    for n in range(20):
        assert is_over(other.browser.get(f"/repondre/{GUESS}{n}"))
    assert is_over(other.browser.get(other.path)), "whoever guesses sees nothing more for a while"
    assert other.reasons().count("guessed") == 20, "once it is closed, guesses write nothing"
    sent.site.clock.advance(timedelta(minutes=16))
    assert other.browser.get(other.path).status_code == 200


def test_a_link_expires_and_can_be_taken_back(site: Site) -> None:
    late, back = send(site), None
    site.clock.advance(timedelta(hours=48))
    assert is_over(late.browser.get(late.path))
    back = send(site)
    nurse = site.client(site.nurse)
    assert nurse.post(f"/liens/{back.id}/retirer", data={"_csrf": nurse.csrf}).status_code == 303
    assert is_over(back.browser.get(back.path))
    assert nurse.post(f"/liens/{back.id}/retirer", data={"_csrf": nurse.csrf}).status_code == 409
    other = site.client(site.colleague)
    assert other.post(f"/liens/{back.id}/retirer", data={"_csrf": other.csrf}).status_code == 403
    assert late.reasons() == ["expired", "revoked"]


def test_a_link_moved_to_another_task_in_the_database_opens_nothing(sent: Sent) -> None:
    elsewhere = sent.site.task(sent.site.open_case("PAT-QUATRE"))
    with sent.site.context.database.begin() as session:
        session.execute(update(answer_link).values(task=elsewhere))
    assert is_over(sent.browser.get(sent.path))
    assert sent.reasons() == ["forged"]


def test_two_who_send_at_once_answer_once(sent: Sent) -> None:
    sent.unlock()
    page = sent.browser.get(f"{sent.path}/demande").text
    mark = re.search(r'name="_csrf" value="(\w+)"', page)[1]
    cookie = sent.browser.get_cookie("jalon_lien").value
    start, answers = Barrier(2), []

    def answer() -> None:
        twin = sent.site.app.test_client()
        twin.set_cookie("jalon_lien", cookie)
        start.wait(PATIENCE)
        answers.append(twin.post(f"{sent.path}/demande", data={"_csrf": mark, **RIGHT}).status_code)

    threads = [Thread(target=answer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert set(answers) <= {303, 410}
    assert 303 in answers
    with sent.site.context.database.read() as session:
        history = sent.site.context.engine.history(session, sent.case)
        logged = list(session.scalars(select(answer_link_event.c.kind)))
    assert [entry.kind for entry in history].count("task_completed") == 1
    assert logged.count("answered") == 1


def test_what_was_answered_meanwhile_is_asked_no_more_even_while_one_types(sent: Sent) -> None:
    sent.unlock()
    mark = re.search(r'name="_csrf" value="(\w+)"', sent.browser.get(f"{sent.path}/demande").text)[1]
    sent.site.visit(sent.case)
    assert is_over(sent.browser.post(f"{sent.path}/demande", data={"_csrf": mark, **RIGHT}))
    assert is_over(sent.browser.get(f"{sent.path}/demande"))
    assert sent.reasons() == ["done"] * 2 or sent.reasons() == ["expired"] * 2


def test_after_an_opposition_a_link_shows_nothing(site: Site) -> None:
    sent = send(site)
    sent.unlock()
    with site.context.database.begin() as session:
        patient = cases.case(session, sent.case).patient
        consents.oppose(session, site.clock, TENANT, patient, reach=Reach(audience="category", recipient="sante"))
    for view in ("", "/demande"):
        assert is_over(sent.browser.get(f"{sent.path}{view}"))
    assert sent.reasons() == ["closed", "closed"]


def test_a_sender_chooses_in_the_directory_sends_and_sees_where_it_stands(sent: Sent) -> None:
    site, nurse = sent.site, sent.site.client(sent.site.nurse)
    with site.context.database.begin() as session:
        known = persons.add(
            session, TENANT, family_name="DEMO-MOREL", given_name="Zoé", email="zoe@exemple.fr", phone="0639981215"
        )
        profiles.index_missing(session, TENANT)
    path = f"/taches/{sent.task}/lien"
    assert f"/taches/{sent.task}/lien" in nurse.get(f"/taches/{sent.task}").text
    assert f"personne={known.id}" in nurse.get(f"{path}?q=morel").text
    chosen = html.unescape(nurse.get(f"{path}?personne={known.id}").text)
    assert 'value="zoe@exemple.fr"' in chosen
    typed = {**SOMEBODY, "personne": known.id, "courriel": "zoe@exemple.fr", "envoi": "sms"}
    answer = nurse.post(path, data={"_csrf": nurse.csrf, **typed})
    assert answer.status_code == 303
    shown = html.unescape(nurse.get(answer.headers["Location"]).text)
    assert ("Zoé DEMO-MOREL" in shown, "SMS à +33639981214" in shown, "Hugo DEMO-FABRE" in shown) == (True, True, True)
    url = re.search(r"SMS à \+33639981214.*?(/repondre/[\w.-]+)", shown, re.DOTALL)[1]
    assert "z•••@exemple.fr" in site.app.test_client().get(url).text
    of_nurse = {**SOMEBODY, "personne": site.nurse.id}
    assert site.client(site.doctor).get(path).status_code == 403
    assert nurse.post(path, data={"_csrf": nurse.csrf, **of_nurse}).status_code == 409


def test_without_consent_nothing_is_sent_outside_the_team_and_the_page_leads_to_it(site: Site) -> None:
    case, nurse = site.open_case(), site.client(site.nurse)
    task = site.task(case)
    answer = nurse.post(f"/taches/{task}/lien", data={"_csrf": nurse.csrf, **SOMEBODY})
    assert (answer.status_code, f"/dossiers/{case}/accord" in answer.text) == (403, True)
    wrong = nurse.post(
        f"/taches/{task}/lien", data={"_csrf": nurse.csrf, **SOMEBODY, "telephone": "04 65", "role": "x"}
    )
    assert wrong.status_code == 422
    assert "numéro de mobile" in wrong.text
    assert "en quelle qualité" in wrong.text
    with site.context.database.read() as session:
        assert session.execute(select(answer_link)).all() == []
    assert site.client(site.doctor).get(f"/taches/{task}/lien").status_code == 403, "the task is not the doctor's"


def test_declining_takes_one_tap_and_leaves_the_task_to_the_others(sent: Sent) -> None:
    sent.unlock()
    assert sent.post("refus", refus="inconnu").status_code == 422
    assert sent.post("refus", refus="cannot-complet").status_code == 303
    assert "un collègue prend la suite" in sent.browser.get(f"{sent.path}/merci").text
    assert state(sent.site, sent.task) == "open"
    nurse = sent.site.client(sent.site.nurse)
    shown = nurse.get(f"/taches/{sent.task}/lien").text
    assert "A décliné" in shown
    assert nurse.get(f"/taches/{sent.task}").status_code == 200
    assert is_over(sent.browser.get(sent.path))


def test_a_task_in_the_senders_hands_is_answered_in_the_recipients_name(site: Site) -> None:
    sent = send(site)
    nurse = site.client(site.nurse)
    assert nurse.post(f"/taches/{sent.task}/prendre", data={"_csrf": nurse.csrf}).status_code == 303
    sent.unlock()
    assert sent.post("demande", **RIGHT).status_code == 303
    with site.context.database.read() as session:
        row = session.execute(select(tasks).where(tasks.c.id == sent.task)).one()
    assert (row.state, row.completed_by == site.nurse.id) == ("completed", False)


def test_nothing_waits_for_who_answered_by_link(sent: Sent) -> None:
    sent.unlock()
    sent.post("demande", **RIGHT)
    site = sent.site
    with site.context.database.begin() as session:
        patient = cases.case(session, sent.case).patient
        assert circle.holders(session, patient, "ide_liberale") == []
        condition = visible_tasks(
            site.nurse, tenant=TENANT, case_column=tasks.c.run, role_column=tasks.c.role,
            assignee_column=tasks.c.assignee,
        )  # fmt: skip
        session.execute(
            update(tasks).where(tasks.c.run == sent.case, tasks.c.state == "open").values(role="ide_liberale")
        )
        seen = session.scalars(select(tasks.c.id).where(condition, tasks.c.state == "open"), {"now": site.clock.now()})
        assert len(list(seen)) == 1


def test_who_looked_and_who_was_refused_is_told_to_the_sender_the_coordination_and_the_patient(sent: Sent) -> None:
    sent.unlock()
    sent.browser.get(f"{sent.path}/demande")
    other = sent.site.app.test_client()
    other.get(f"{sent.path}/demande")
    for person, address in (
        (sent.site.nurse, "/liens"), (sent.site.coordinator, "/liens"),
        (sent.site.doctor, f"/dossiers/{sent.case}/consultations"),
    ):  # fmt: skip
        page = sent.site.client(person).get(address).text
        assert "Hugo DEMO-FABRE" in page
        assert "un autre appareil s’en servait" in page
    looks = sent.site.client(sent.site.doctor).get(f"/dossiers/{sent.case}/consultations").text
    assert "Demande par lien" in looks
    assert "Hugo DEMO-FABRE" not in sent.site.client(sent.site.colleague).get("/liens").text


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_the_log_is_only_ever_added_to(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}" if server == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url, synchronous="OFF")
    migrations.upgrade(database)
    with database.begin() as session:
        session.execute(insert(answer_link_event).values(tenant=TENANT, id="1", at=NOON, kind="refused", reason="used"))
    for change in ("UPDATE answer_link_event SET reason = 'x'", "DELETE FROM answer_link_event"):
        with pytest.raises(DatabaseError, match="append-only"), database.begin() as session:
            session.connection().exec_driver_sql(change)
    database.dispose()


def test_an_account_is_opened_from_the_thanks_to_the_very_address_of_the_link(sent: Sent) -> None:
    sent.unlock()
    sent.post("demande", **RIGHT)
    page = sent.browser.get(f"{sent.path}/merci").text
    mark = re.search(r'name="_csrf" value="(\w+)"', page)[1]
    assert sent.browser.post(f"{sent.path}/compte", data={"_csrf": mark}).status_code == 303
    with sent.site.context.database.read() as session:
        told = messages.of_link(session, sent.site.context, sent.id)
    (invited,) = [one for one in told if one.kind == messages.ACCOUNT]
    assert invited.address == "hugo@exemple.fr"
    path = invited.url.partition("/invitation/")[2]
    password = "un sentier de crête 2026"
    opened = sent.browser.post(f"/invitation/{path}", data={"password": password, "again": password})
    assert opened.status_code == 303
    with sent.site.context.database.read() as session:
        recipient = session.scalar(select(answer_link.c.recipient))
        assert of_person(session, recipient) is None, "it opens once the coordination has let them in"
        assert [one.roles for one in enrolments.waiting(session, TENANT)] == [["ide_liberale"]]
    with sent.site.context.database.begin() as session:
        coordinator = sent.site.coordinator.id
        enrolments.grant(session, sent.site.clock, TENANT, recipient, ["ide_liberale"], coordinator)
        assert of_person(session, recipient).login == "hugo@exemple.fr"


def test_a_link_is_sent_read_and_taken_back_through_rest(site: Site) -> None:
    task, client = site.task(site.open_case()), site.client(site.nurse)
    headers, address = {"X-CSRF-Token": client.csrf}, f"/api/tasks/{task}/links"
    hugo = {"family_name": "DEMO-FABRE", "given_name": "Hugo", "profession": "60", "mail": "hugo@exemple.fr"}
    hugo |= {"phone": "06 39 98 12 14", "role": "ide_liberale", "way": "mail"}
    wrong = client.post(address, json={**hugo, "phone": "04", "way": "pigeon"}, headers=headers)
    assert (wrong.status_code, wrong.json["fields"].keys()) == (422, {"phone", "way"})
    asked = client.post(address, json=hugo, headers=headers)
    assert (asked.status_code, asked.json["code"]) == (403, "consent-needed")
    with site.context.database.begin() as session:
        case = session.scalar(select(tasks.c.run).where(tasks.c.id == task))
        patient = cases.case(session, case).patient
        consents.record(
            session, site.clock, TENANT, case=case, patient=patient, mode="oral", recorded_by=site.doctor.id
        )
    made = client.post(address, json=hugo, headers=headers)
    assert (made.status_code, made.json["to"], made.json["state"]) == (201, "Hugo DEMO-FABRE", "Envoyé")
    assert "/repondre/" not in made.text, "the address is its recipient's alone"
    assert client.get(address).json == client.get("/api/links").json == {"links": [made.json]}
    assert site.client(site.doctor).get("/api/links").json == {"links": []}
    link = f"/api/links/{made.json['id']}"
    doctor = site.client(site.doctor)
    assert doctor.delete(link, headers={"X-CSRF-Token": doctor.csrf}).status_code == 403
    assert client.delete(link, headers=headers).status_code == 204
    assert client.delete(link, headers=headers).status_code == 409
    assert [one["state"] for one in client.get("/api/links").json["links"]] == ["Retiré"]
