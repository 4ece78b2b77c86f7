"""A forgotten password: one link by mail, asked alike for every address; the second factor is asked all the same."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from base.settings import Settings
from jalon.app import create_app
from jalon.worker import build_worker
from people import persons
from people.sign_in import accounts, passwords
from people.tables import sign_in_event
from tests.support.contexts import make_context
from tests.support.keys import SECRETS
from tests.support.post_office import open_post_office
from tests.support.web import application

LOGIN, PASSWORD, OTHER = "sophie@loire-sucs.test", "sentier-balise-43", "quatre balises au vent"
SEALED = {word: passwords.seal(word) for word in (PASSWORD, OTHER)}


class House:
    """The application with Sophie's account, one without a password, and a post office of its own."""

    def __init__(self, database, clock, office):
        settings = office.settings(Settings.load({**SECRETS, "JALON_SECOND_FACTOR": "optional"}))
        self.clock, self.office = clock, office
        self.context = make_context(settings, database, clock)
        self.app = application(self.context)
        with database.begin() as session:
            self.sophie = persons.add(session, "demo", family_name="DEMO-VIALLET", given_name="Sophie")
            paul = persons.add(session, "demo", family_name="DEMO-ROUX", given_name="Paul")
            accounts.open_account(session, clock, "demo", self.sophie.id, LOGIN, PASSWORD)
            accounts.open_without_password(session, clock, "demo", paul.id, "paul@loire-sucs.test")

    def ask(self, login=LOGIN, address="127.0.0.1"):
        browser = self.app.test_client()
        browser.environ_base["REMOTE_ADDR"] = address
        answer = browser.post("/mot-de-passe", data={"login": login})
        build_worker(self.context).run_once()
        return answer.status_code, answer.headers["location"], browser.get(answer.headers["location"]).text

    def links(self):
        return [found[0] for mail in self.office.letters if (found := re.findall(r"/mot-de-passe/[\w-]+", text(mail)))]

    def enter(self, password):
        browser = self.app.test_client()
        return browser, browser.post("/connexion", data={"login": LOGIN, "password": password})

    def events(self):
        with self.context.database.read() as session:
            wanted = select(sign_in_event.c.kind).where(sign_in_event.c.person == self.sophie.id)
            return set(session.scalars(wanted))


def text(mail):
    return mail.get_body().get_content()


def choose(browser, link, password=OTHER, again=None):
    return browser.post(link, data={"password": password, "again": again or password})


@pytest.fixture
def house(database, clock, monkeypatch):
    seal = passwords.seal
    monkeypatch.setattr(passwords, "seal", lambda password: SEALED.get(password) or seal(password))
    with open_post_office() as office:
        yield House(database, clock, office)


def test_a_link_sets_a_new_password_once_and_ends_every_session(house):
    inside, _ = house.enter(PASSWORD)
    assert inside.get("/api/session").status_code == 200
    assert house.ask(" SOPHIE@loire-sucs.test ")[0] == 303
    (mail,), (link,) = house.office.letters, house.links()
    assert mail["To"] == LOGIN
    assert mail["Subject"] == "Jalon : choisir un nouveau mot de passe"
    guest = house.app.test_client()
    assert LOGIN in guest.get(link).text
    assert guest.head(link).status_code == 200
    differing = choose(guest, link, OTHER, "autre chose encore")
    assert (differing.status_code, "pas les mêmes" in differing.text) == (422, True)
    short = choose(guest, link, "court")
    assert (short.status_code, "au moins 12" in short.text) == (422, True)
    assert choose(guest, link).headers["location"] == "/connexion?dit=mot-de-passe"
    assert inside.get("/api/session").status_code == 401
    assert house.enter(PASSWORD)[1].status_code == 401
    assert house.enter(OTHER)[1].headers["location"] == "/taches"
    assert (guest.get(link).status_code, choose(guest, link).status_code) == (404, 404)
    assert {"password_forgotten", "password_renewed"} <= house.events()
    build_worker(house.context).run_once()
    assert house.office.letters[-1]["Subject"] == "Jalon : votre mot de passe a changé"


def test_the_answer_is_the_same_whether_the_address_opens_an_account_or_not(house, capsys):
    asked = (LOGIN, "paul@loire-sucs.test", "personne@loire-sucs.test", "", "x" * 300)
    said = {login: house.ask(login) for login in asked}
    assert len(set(said.values())) == 1
    assert [mail["To"] for mail in house.office.letters] == [LOGIN]
    assert not any(one in "".join(capsys.readouterr()) for one in (LOGIN, "personne@", *house.links()))


def test_a_link_dies_after_half_an_hour_and_with_the_password_that_was_forgotten(house):
    house.ask()
    house.ask()
    first, second = house.links()
    guest = house.app.test_client()
    assert choose(guest, second).status_code == 303
    assert guest.get(first).status_code == 404
    house.ask()
    house.clock.advance(timedelta(minutes=31))
    assert choose(guest, house.links()[-1], PASSWORD).status_code == 404
    assert house.enter(OTHER)[1].status_code == 303


def test_who_asks_too_often_gets_the_same_answer_and_no_more_mail(house):
    said = {house.ask() for _ in range(5)}
    assert (len(said), len(house.office.mails)) == (1, 3)
    crowd = house.app.test_client()
    crowd.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    for number in range(30):
        crowd.post("/mot-de-passe", data={"login": f"{number}@loire-sucs.test"})
    house.clock.advance(timedelta(minutes=14))
    assert house.ask(LOGIN, "192.0.2.9") in said
    assert len(house.office.mails) == 3
    house.clock.advance(timedelta(minutes=16))
    house.ask()
    assert len(house.office.mails) == 4


def test_a_new_password_waives_no_second_factor_and_opens_what_wrong_ones_had_closed(house):
    inside, _ = house.enter(PASSWORD)
    csrf = inside.get("/api/session").json["csrf"]
    totp = pyotp.TOTP(re.search(r"secret=([A-Z2-7]+)", inside.get("/compte/telephone").text)[1])
    inside.post("/compte/telephone", data={"_csrf": csrf, "code": totp.at(house.clock.now())})
    for _ in range(5):
        house.enter("faux mot de passe")
    assert "Trop d’essais" in house.enter(PASSWORD)[1].text
    house.ask()
    choose(house.app.test_client(), house.links()[0])
    browser, answer = house.enter(OTHER)
    assert answer.headers["location"] == "/connexion/code"
    assert browser.get("/api/session").status_code == 401


def test_programs_ask_and_renew_too(house):
    browser = house.app.test_client()
    assert browser.post("/api/password/links", json={"login": LOGIN}).status_code == 202
    assert browser.post("/api/password/links", json={"login": "personne@loire-sucs.test"}).status_code == 202
    build_worker(house.context).run_once()
    token = house.links()[0].rpartition("/")[2]
    assert browser.put("/api/password", json={"token": token, "password": "court"}).status_code == 422
    assert browser.put("/api/password", json={"token": token, "password": OTHER}).status_code == 204
    over = browser.put("/api/password", json={"token": token, "password": OTHER})
    assert (over.status_code, over.json["code"]) == (404, "password-link-over")


def test_where_no_mail_leaves_the_page_says_whom_to_ask(house):
    context = replace(house.context, settings=replace(house.context.settings, smtp_host=""))
    page = create_app(context).test_client().get("/mot-de-passe")
    assert "n’envoie pas de courriel" in page.text
    assert "Recevoir un lien" not in page.text
