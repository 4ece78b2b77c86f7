"""Signing in by Pro Santé Connect: the whole way there and back, and everything that must be refused on it."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from base.settings import Settings
from people import persons
from people.sign_in.openid import REFUSED, SILENT
from people.sign_in.pro_sante_connect import NO_PRACTICE
from people.tables import enrolment, person
from tests.support.contexts import make_context
from tests.support.keys import SECRETS
from tests.support.provider import FOREIGN_KEY, claims, providing
from tests.support.web import application

RPPS = "99999000018"
FORGED = (
    {"nonce": "of another sign-in"}, {"iss": "http://127.0.0.1:9"}, {"aud": "another"}, {"aud": ["jalon-essai", "x"]},
    {"exp": 1}, {"exp": "soon"}, {"iat": 4_000_000_000}, {"acr": "eidas0"},
)  # fmt: skip


class Door:
    """The application, its provider, and one browser."""

    def __init__(self, database, clock, provider, **more):
        environ = {**SECRETS, **provider.settings, **more}
        self.context = make_context(Settings.load(environ), database, clock)
        self.clock, self.provider = clock, provider
        self.app = application(self.context)
        self.browser = self.app.test_client()

    def add(self, *roles, rpps=RPPS):
        with self.context.database.begin() as session:
            names = {"family_name": "DEMO-FAURE", "given_name": "Paul", "title": "Dr", "profession_code": "10"}
            return persons.add(session, "demo", **names, rpps=rpps, roles=roles)

    def back(self, suite=""):
        """Off to the provider, where the person proves who they are: the address that brings them back."""
        away = self.browser.get("/connexion/psc", query_string={"suite": suite} if suite else None)
        assert away.status_code == 302
        returned = urlsplit(self.provider.approve(away.headers["location"]))
        return f"{returned.path}?{returned.query}"

    def enter(self, suite=""):
        return self.browser.get(self.back(suite))

    @property
    def me(self):
        return self.browser.get("/api/session").json


@pytest.fixture
def provider(clock):
    with providing(clock) as running:
        yield running


@pytest.fixture
def door(database, clock, provider):
    return Door(database, clock, provider)


def test_a_professional_who_is_known_by_rpps_comes_in(door):
    paul = door.add("medecin_traitant")
    answer = door.enter("/dossiers")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dossiers")
    assert (door.me["person"], door.me["way"], door.me["situation"]) == (
        paul.id,
        "psc",
        "Médecin, Cabinet 1 (430000001)",
    )


def test_the_first_page_offers_it_before_the_local_account(door):
    page = door.browser.get("/connexion").text
    assert page.index("Continuer avec Pro Santé Connect") < page.index("ou avec un compte Jalon")


def test_somebody_unknown_waits_for_the_coordination_then_comes_in(door):
    page = door.enter()
    assert page.status_code == 401
    assert "Votre demande d’accès est chez la coordination" in page.text
    assert "demande d’accès est chez" in door.enter().text
    with door.context.database.begin() as session:
        asked = session.execute(select(enrolment.c.person, enrolment.c.roles)).one()
        assert asked.roles == '["medecin_traitant","medecin_effecteur"]'
    coordinator = door.add("coordinateur", rpps="99999000026")
    overseer = Door(door.context.database, door.clock, door.provider)
    door.provider.userinfo = claims("899999000026")
    overseer.enter()
    assert overseer.me["person"] == coordinator.id
    token = overseer.me["csrf"]
    assert "Dr Paul DEMO-FAURE" in overseer.browser.get("/comptes").text
    form = {"_csrf": token, "roles": ["medecin_traitant"]}
    assert overseer.browser.post(f"/comptes/{asked.person}/accepter", data=form).status_code == 303
    assert overseer.browser.post(f"/comptes/{asked.person}/accepter", data=form).status_code == 409
    door.provider.userinfo = claims()
    assert door.enter().status_code == 303
    assert door.me["roles"] == ["medecin_traitant"]


def test_the_setting_lets_professionals_in_at_once_but_nobody_without_a_role(database, clock, provider):
    door = Door(database, clock, provider, JALON_PSC_ENROLMENT="immediate")
    provider.userinfo = claims("899999000034", profession="60", speciality="SI01")
    assert door.enter().status_code == 303
    assert door.me["roles"] == ["ipa"]
    provider.userinfo = claims("899999000042", profession="86", speciality="")
    assert door.enter().status_code == 401


def test_a_doctor_of_the_regulation_gets_its_role_too(database, clock, provider):
    door = Door(database, clock, provider, JALON_PSC_ENROLMENT="immediate")
    provider.userinfo = claims(speciality="SM59", Acces_Regulation_Medicale="VRAI")
    door.enter()
    assert door.me["roles"] == ["medecin_effecteur", "medecin_regulateur"]


def test_who_practises_in_several_places_chooses_one_and_may_change(door):
    door.add("medecin_traitant")
    door.provider.userinfo = claims(places=2)
    answer = door.enter("/dossiers")
    assert answer.headers["location"] == "/connexion/situation?suite=/dossiers"
    assert door.browser.get("/api/session").status_code == 401
    page = door.browser.get(answer.headers["location"]).text
    assert "Cabinet 1" in page
    assert "Cabinet 2" in page
    assert door.browser.post("/connexion/situation", data={"situation": "Cabinet 9"}).status_code == 422
    chosen = {"situation": "Médecin, Cabinet 2 (430000002)", "suite": "/dossiers"}
    assert door.browser.post("/connexion/situation", data=chosen).headers["location"] == "/dossiers"
    assert door.me["situation"] == chosen["situation"]
    other = {"situation": "Médecin, Cabinet 1 (430000001)", "_csrf": door.me["csrf"]}
    door.browser.post("/compte/situation", data=other)
    assert door.me["situation"] == other["situation"]


def test_a_token_that_is_not_for_this_sign_in_is_refused(door):
    door.add("medecin_traitant")
    for forged in FORGED:
        door.provider.forged = forged
        page = door.enter()
        assert (page.status_code, REFUSED in page.text) == (401, True), forged
    assert door.browser.get("/api/session").status_code == 401
    door.provider.forged = {}
    assert door.enter().status_code == 303


def test_a_token_of_another_key_is_refused(door):
    door.add("medecin_traitant")
    door.provider.key = FOREIGN_KEY
    assert REFUSED in door.enter().text


def test_another_state_another_browser_or_no_code_is_refused(door):
    door.add("medecin_traitant")
    back = door.back()
    assert door.app.test_client().get(back).status_code == 401
    assert door.browser.get(back.replace("state=", "state=x")).status_code == 401
    assert door.browser.get(back.replace("code=", "error=access_denied&c=")).status_code == 401
    assert door.browser.get(back).status_code == 303


def test_a_code_opens_once(door):
    door.add("medecin_traitant")
    back = door.back()
    assert door.browser.get(back).status_code == 303
    assert door.browser.get(back).status_code == 401
    again = parse_qs(urlsplit(back).query)["code"][0]
    fresh = parse_qs(urlsplit(door.back()).query)["state"][0]
    replayed = door.browser.get("/connexion/psc/retour", query_string={"code": again, "state": fresh})
    assert replayed.status_code == 401


def test_a_sign_in_that_waited_too_long_is_over(door):
    door.add("medecin_traitant")
    back = door.back()
    door.clock.advance(timedelta(minutes=11))
    assert door.browser.get(back).status_code == 401


def test_who_has_no_practice_or_another_subject_is_refused_in_words(door):
    door.provider.userinfo = claims() | {"SubjectRefPro": {"exercices": []}}
    assert NO_PRACTICE in door.enter().text
    door.provider.userinfo = claims() | {"SubjectNameID": ""}
    assert "identifiant national" in door.enter().text


def test_when_the_provider_is_down_the_local_account_stays_open(database, clock, provider):
    down = replace(provider, url="http://127.0.0.1:9")
    door = Door(database, clock, down)
    page = door.browser.get("/connexion/psc")
    assert page.status_code == 503
    assert SILENT in page.text
    assert "Mot de passe" in page.text


def test_the_identity_of_somebody_who_left_opens_nothing(door):
    door.add("medecin_traitant")
    with door.context.database.begin() as session:
        session.execute(update(person).values(active=False))
    assert "Votre accès est fermé" in door.enter().text


def test_leaving_offers_to_leave_the_provider_too(door):
    door.add("medecin_traitant")
    door.enter()
    door.browser.post("/deconnexion", data={"_csrf": door.me["csrf"]})
    assert "Quitter Pro Santé Connect" in door.browser.get("/connexion").text
    out = door.browser.get("/connexion/psc/sortie")
    asked = parse_qs(urlsplit(out.headers["location"]).query)
    assert out.headers["location"].startswith(f"{door.provider.url}/logout?")
    assert asked["id_token_hint"][0].count(".") == 2
    assert "Quitter Pro Santé Connect" not in door.browser.get("/connexion").text


def test_without_its_address_it_is_not_offered(database, clock, settings):
    browser = application(make_context(settings, database, clock)).test_client()
    assert "Pro Santé Connect" not in browser.get("/connexion").text
    assert browser.get("/connexion/psc").status_code == 404
