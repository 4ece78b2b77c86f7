"""Local accounts, from the invitation to « Mon compte »: codes, charter, devices, roles, and what is refused."""

import re
from datetime import timedelta

import pyotp
import pytest

from base.settings import Settings
from people import persons
from people.sign_in import accounts, passwords
from tests.support.contexts import make_context
from tests.support.keys import SECRETS
from tests.support.web import application

LOGIN, PASSWORD = "sophie@loire-sucs.test", "sentier-balise-43"
SEALED = passwords.seal(PASSWORD)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
CHARTER = "Charte de la CPTS\n\nJe ne lis que les dossiers que je soigne.\n\nJe réponds, ou je rends la tâche.\n"


class Office:
    """The application with one account in it."""

    def __init__(self, database, clock, **settings):
        self.clock = clock
        self.context = make_context(Settings.load({**SECRETS, **settings}), database, clock)
        self.app = application(self.context)
        with self.context.database.begin() as session:
            names = {"family_name": "DEMO-VIALLET", "given_name": "Sophie"}
            self.sophie = persons.add(session, "demo", **names, roles=["coordinateur", "ide_liberale"])
            accounts.open_account(session, clock, "demo", self.sophie.id, LOGIN, PASSWORD)

    def browser(self, agent=FIREFOX):
        made = self.app.test_client()
        made.environ_base["HTTP_USER_AGENT"] = agent
        return made

    def enter(self, browser, password=PASSWORD):
        return browser.post("/connexion", data={"login": LOGIN, "password": password})

    def inside(self, agent=FIREFOX):
        browser = self.browser(agent)
        assert self.enter(browser).headers["location"] == "/taches"
        return browser

    def set_codes(self, browser):
        """Relate a telephone; its codes, and those of recovery."""
        page = browser.get("/compte/telephone").text
        totp = pyotp.TOTP(re.search(r"secret=([A-Z2-7]+)", page)[1])
        shown = press(browser, "/compte/telephone", code=self.code(totp)).text
        return totp, re.findall(r"<li>([0-9a-z-]{19})</li>", shown)

    def code(self, totp):
        return totp.at(self.clock.now())


def press(browser, address, **form):
    return browser.post(address, data={"_csrf": browser.get("/api/session").json["csrf"], **form})


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    seal = passwords.seal
    monkeypatch.setattr(passwords, "seal", lambda password: SEALED if password == PASSWORD else seal(password))


@pytest.fixture
def office(database, clock):
    return Office(database, clock, JALON_SECOND_FACTOR="optional")


def test_a_code_is_asked_after_the_password_and_opens_once(office):
    browser = office.inside()
    totp, recovery = office.set_codes(browser)
    assert len(set(recovery)) == 10
    other = office.browser()
    assert office.enter(other).headers["location"] == "/connexion/code"
    assert other.get("/api/session").status_code == 401
    used = other.post("/connexion/code", data={"code": office.code(totp)})
    assert (used.status_code, "il a déjà servi" in used.text) == (401, True)
    office.clock.advance(timedelta(seconds=30))
    assert other.post("/connexion/code", data={"code": office.code(totp)}).headers["location"] == "/taches"
    assert other.get("/api/session").json["way"] == "code"


def test_a_code_of_the_half_minute_before_or_after_is_taken_and_no_further_one(office):
    totp, _ = office.set_codes(office.inside())
    office.clock.advance(timedelta(minutes=5))
    now = office.clock.now()
    browser = office.browser()
    office.enter(browser)
    for seconds, taken in ((-60, False), (60, False), (-30, True)):
        code = totp.at(now + timedelta(seconds=seconds))
        assert (browser.post("/connexion/code", data={"code": code}).status_code == 303) is taken, seconds
    office.enter(browser)
    assert browser.post("/connexion/code", data={"code": totp.at(now + timedelta(seconds=30))}).status_code == 303


def test_a_recovery_code_opens_once_and_new_ones_replace_the_old(office):
    browser = office.inside()
    _, recovery = office.set_codes(browser)
    other = office.browser()
    office.enter(other)
    typed = {"code": recovery[0].upper().replace("-", " ")}
    assert other.post("/connexion/code", data=typed).status_code == 303
    office.enter(other)
    assert other.post("/connexion/code", data=typed).status_code == 401
    assert "Il vous reste 9 codes" in browser.get("/compte").text
    press(browser, "/compte/secours")
    assert other.post("/connexion/code", data={"code": recovery[1]}).status_code == 401


def test_five_wrong_codes_close_the_codes_for_fifteen_minutes(office):
    totp, _ = office.set_codes(office.inside())
    office.clock.advance(timedelta(minutes=1))
    browser = office.browser()
    office.enter(browser)
    said = [browser.post("/connexion/code", data={"code": "000000"}).text for _ in range(6)]
    assert "Il reste 4 essais" in said[0]
    assert "réessayez dans 15 minutes" in said[5]
    assert browser.post("/connexion/code", data={"code": office.code(totp)}).status_code == 401
    office.clock.advance(timedelta(minutes=16))
    office.enter(browser)
    assert browser.post("/connexion/code", data={"code": office.code(totp)}).status_code == 303


def test_where_a_second_factor_is_required_nobody_comes_in_by_a_password_alone(database, clock):
    office = Office(database, clock, JALON_SECOND_FACTOR="overseers")
    browser = office.browser()
    assert office.enter(browser).headers["location"] == "/connexion/telephone"
    page = browser.get("/connexion/telephone").text
    assert "data:image/svg+xml" in page
    totp = pyotp.TOTP(re.search(r"secret=([A-Z2-7]+)", page)[1])
    assert browser.post("/connexion/telephone", data={"code": "123456"}).status_code == 401
    assert browser.get("/api/session").status_code == 401
    shown = browser.post("/connexion/telephone", data={"code": office.code(totp)})
    assert len(re.findall(r"<li>[0-9a-z-]{19}</li>", shown.text)) == 10
    assert browser.get("/api/session").json["way"] == "code"


def test_the_charter_comes_before_the_first_page_and_again_when_it_changes(database, clock, tmp_path):
    path = tmp_path / "charte.txt"
    path.write_text(CHARTER, "utf-8")
    office = Office(database, clock, JALON_SECOND_FACTOR="optional", JALON_CHARTER_FILE=str(path))
    browser = office.browser()
    assert office.enter(browser).headers["location"] == "/connexion/charte"
    page = browser.get("/connexion/charte").text
    assert "Je réponds, ou je rends la tâche." in page
    version = re.search(r'name="version" value="(\w+)"', page)[1]
    assert browser.post("/connexion/charte", data={"version": "another"}).status_code == 422
    assert browser.post("/connexion/charte", data={"version": version}).headers["location"] == "/taches"
    assert "Charte de la CPTS, acceptée" in browser.get("/compte").text
    assert office.enter(browser).headers["location"] == "/taches"
    path.write_text(CHARTER + "\nEt je le dis.\n", "utf-8")
    asked = browser.post("/api/session", json={"login": LOGIN, "password": PASSWORD})
    assert (asked.status_code, asked.json["need"]) == (202, "charter")
    answer = {"step": asked.json["step"], "version": asked.json["charter"]}
    assert browser.post("/api/session/charter", json=answer).status_code == 201
    assert browser.post("/api/session/charter", json=answer).status_code == 401


def test_the_devices_are_listed_and_signed_out(office):
    desk, phone, third = office.inside(), office.inside(IPHONE), office.inside()
    page = desk.get("/compte").text
    assert "Firefox sur Windows" in page
    assert "Safari sur iPhone" in page
    (telephone,) = [one for one in desk.get("/api/sessions").json["sessions"] if "iPhone" in one["device"]]
    assert press(desk, f"/compte/appareils/{telephone['id']}/deconnecter").status_code == 303
    assert phone.get("/api/session").status_code == 401
    assert press(desk, f"/compte/appareils/{telephone['id']}/deconnecter").status_code == 404
    press(desk, "/compte/appareils/deconnecter")
    assert third.get("/api/session").status_code == 401
    assert len(desk.get("/api/sessions").json["sessions"]) == 1
    assert "Tous les autres appareils déconnectés" in desk.get("/compte").text


def test_nobody_signs_out_the_device_of_another(office):
    with office.context.database.begin() as session:
        paul = persons.add(session, "demo", family_name="DEMO-ROUX", given_name="Paul")
        accounts.open_account(session, office.clock, "demo", paul.id, "paul@loire-sucs.test", PASSWORD)
    sophie, stranger = office.inside(), office.browser()
    stranger.post("/connexion", data={"login": "paul@loire-sucs.test", "password": PASSWORD})
    (hers,) = sophie.get("/api/sessions").json["sessions"]
    assert press(stranger, f"/compte/appareils/{hers['id']}/deconnecter").status_code == 404
    assert sophie.get("/api/session").status_code == 200
    assert stranger.get("/comptes").status_code == 403


def test_a_new_password_needs_the_old_one_and_signs_the_others_out(office):
    browser, other = office.inside(), office.inside()
    wrong = press(browser, "/compte/mot-de-passe", current="autre chose", new="une phrase bien longue")
    assert (wrong.status_code, "pas votre mot de passe actuel" in wrong.text) == (422, True)
    short = press(browser, "/compte/mot-de-passe", current=PASSWORD, new="court")
    assert (short.status_code, "au moins 12" in short.text) == (422, True)
    assert press(browser, "/compte/mot-de-passe", current=PASSWORD, new="une phrase bien longue").status_code == 303
    assert other.get("/api/session").status_code == 401
    assert office.enter(office.browser()).status_code == 401
    assert office.enter(office.browser(), "une phrase bien longue").status_code == 303


def test_what_touches_the_ways_in_wants_a_recent_sign_in(office):
    browser = office.inside()
    office.clock.advance(timedelta(minutes=11))
    asked = browser.get("/compte/telephone")
    assert asked.headers["location"] == "/connexion?suite=/compte/telephone&confirmer=1"
    page = browser.get(asked.headers["location"])
    assert "Confirmez que c’est bien vous" in page.text
    form = {"login": LOGIN, "password": PASSWORD, "suite": "/compte/telephone", "confirmer": "1"}
    assert browser.post("/connexion", data=form).headers["location"] == "/compte/telephone"
    assert browser.get("/compte/telephone").status_code == 200


def test_a_person_acts_in_one_of_their_roles(office):
    browser = office.inside()
    assert browser.get("/suivi").status_code == 200
    assert press(browser, "/compte/role", role="ide_liberale", suite="/dossiers").headers["location"] == "/dossiers"
    assert browser.get("/api/session").json["roles"] == ["ide_liberale"]
    assert browser.get("/suivi").status_code == 403
    assert press(browser, "/compte/role", role="admin").status_code == 422
    token = {"X-CSRF-Token": browser.get("/api/session").json["csrf"]}
    assert browser.patch("/api/session", json={"role": ""}, headers=token).json["roles"] == [
        "coordinateur", "ide_liberale",
    ]  # fmt: skip
    assert browser.get("/suivi").status_code == 200


def test_an_invitation_opens_one_account_once(office):
    browser = office.inside()
    form = {"family_name": "DEMO-PETIT", "given_name": "Léa", "email": "lea@loire-sucs.test", "roles": "secretaire"}
    assert press(browser, "/comptes/invitations", **form | {"roles": "admin"}).status_code == 422
    page = press(browser, "/comptes/invitations", **form).text
    link = re.search(r"/invitation/[\w-]+", page)[0]
    assert "lea@loire-sucs.test" in browser.get("/comptes").text
    guest = office.browser()
    assert "Bienvenue, Léa" in guest.get(link).text
    differing = {"password": PASSWORD, "again": "autre chose encore"}
    assert guest.post(link, data=differing).status_code == 422
    assert guest.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert guest.get(link).status_code == 404
    assert guest.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 404
    opened = guest.post("/connexion", data={"login": "lea@loire-sucs.test", "password": PASSWORD})
    assert opened.status_code == 303
    assert guest.get("/api/session").json["roles"] == ["secretaire"]


def test_too_many_wrong_passwords_from_one_address_close_it(office):
    browser = office.browser()
    for n in range(30):
        browser.post("/connexion", data={"login": f"{n}@loire-sucs.test", "password": "faux"})
    assert "Trop d’essais" in office.enter(browser).text
    elsewhere = office.browser()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert office.enter(elsewhere).status_code == 303


def test_a_step_of_another_browser_or_of_long_ago_begins_again(office):
    office.set_codes(office.inside())
    browser = office.browser()
    office.enter(browser)
    assert "trop attendu" in office.browser().get("/connexion/code", follow_redirects=True).text
    office.clock.advance(timedelta(minutes=11))
    over = browser.post("/connexion/code", data={"code": "123456"})
    assert over.headers["location"] == "/connexion?dit=trop-long"
