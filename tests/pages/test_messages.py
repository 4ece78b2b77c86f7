"""What leaves and how people say they want it, before a real browser: a forgotten password, a device that subscribes,
choices, and whom messages do not reach.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inbox.notices import push
from jalon.demo import sign_ins
from jalon.worker import build_worker
from pathways.context import Context, build
from people.notices import deliveries, kinds
from people.notices.rows import tell
from people.persons import holding
from tests.pages.demo import NOW
from tests.support.browser import DESK, PHONE, assert_accessible, assert_fits, page_of, shoot
from tests.support.french import assert_french
from tests.support.post_office import PostOffice, open_post_office
from tests.support.server import Server, running

pytestmark = pytest.mark.pages
LOGIN, COORDINATOR = "medecin@loire-sucs.test", "coordinatrice@loire-sucs.test"
NURSE, OTHER = "infirmiere@loire-sucs.test", "quatre balises au vent"
BOUNCED, REFUSED = "medecin2@loire-sucs.test", "L’adresse est refusée (550)."
SUBSCRIBED = "PushManager.prototype.subscribe = async () => ({toJSON: () => (%s)});"
"""In place of the browser's maker, whom no test asks: what the browser would be given, of the test's own keys."""


@dataclass
class Place:
    """The demo, whose messages arrive at a post office of the test's own."""

    server: Server
    office: PostOffice
    context: Context

    def work(self) -> None:
        build_worker(self.context).run_once()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("messages") / "demo"
    shutil.copytree(template, folder)
    with open_post_office() as office:
        more = {
            "JALON_SMTP_HOST": "127.0.0.1", "JALON_SMTP_PORT": str(office.smtp_port), "JALON_SMTP_SECURITY": "none",
            "JALON_SMTP_FROM": "jalon@exemple.test", "JALON_VAPID_PRIVATE_KEY": push.make_key(),
            "JALON_VAPID_CONTACT": "mailto:jalon@exemple.test",
        }  # fmt: skip
        server = Server(folder, f"sqlite:///{folder / 'jalon.db'}", NOW, command=("serve",), more=more)
        with running(server):
            context = build(server.settings)
            yield Place(server, office, context)
            context.database.dispose()


def look_at(page: Page, name: str) -> None:
    """In both widths; once more in the dark."""
    for width, height in ((PHONE, 844), (DESK, 800)):
        page.set_viewport_size({"width": width, "height": height})
        shoot(page, name)
        assert_fits(page)
        assert_french(page)
        assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page)
    page.emulate_media(color_scheme="light")


def sign_in(page: Page, login: str, password: str = sign_ins.PASSWORD) -> None:
    page.goto("/connexion")
    page.get_by_label("Adresse").fill(login)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(re.compile("/taches"))


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(chromium: Browser, place: Place) -> None:
    with page_of(chromium, place.server.url) as page:
        page.goto("/connexion")
        page.get_by_role("link", name="Mot de passe oublié").click()
        look_at(page, "mot-de-passe-oublie")
        page.get_by_label("Adresse").fill(NURSE)
        page.get_by_role("button", name="Recevoir un lien").click()
        expect(page.get_by_role("status")).to_contain_text("C’est demandé")
        look_at(page, "mot-de-passe-demande")
        place.work()
        (mail,) = [one for one in place.office.letters if one["To"] == NURSE]
        page.goto(re.search(r"http://\S+/mot-de-passe/\S+", mail.get_body().get_content())[0])
        look_at(page, "mot-de-passe-nouveau")
        page.get_by_label("Nouveau mot de passe").fill(OTHER)
        page.get_by_label("Le même").fill(OTHER)
        page.get_by_role("button", name="Garder ce mot de passe").click()
        expect(page.get_by_role("status")).to_contain_text("Votre mot de passe est changé.")
        sign_in(page, NURSE, OTHER)


def test_a_device_subscribes_by_its_button_and_takes_messages_until_it_is_removed(
    chromium: Browser, place: Place
) -> None:
    given = place.office.subscription()
    keys = {name: given[name] for name in ("p256dh", "auth")}
    with page_of(chromium, place.server.url) as page:
        page.context.grant_permissions(["notifications"])
        page.add_init_script(SUBSCRIBED % json.dumps({"endpoint": given["endpoint"], "keys": keys}))
        sign_in(page, LOGIN)
        page.goto("/notifications")
        page.get_by_role("button", name="Recevoir les messages sur cet appareil").click()
        expect(page.locator(".notice--done")).to_contain_text("Cet appareil recevra les messages.")
        page.get_by_role("group", name="Courriel").get_by_label("Jamais").check()
        page.get_by_label("Heures du courrier groupé").fill("7h30, 25h")
        page.get_by_role("button", name="Garder mes choix").click()
        expect(page.get_by_role("alert")).to_contain_text("Vos choix ne sont pas encore gardés.")
        page.get_by_label("Heures du courrier groupé").fill("7h30")
        page.get_by_role("button", name="Garder mes choix").click()
        expect(page.get_by_label("Heures du courrier groupé")).to_have_value("07:30")
        send(place, "medecin_traitant", LOGIN)
        assert [one["body"] for one in place.office.pushed()] == ["Vous remplacez un collègue."]
        assert [mail["To"] for mail in place.office.letters if mail["To"] == LOGIN] == []
        page.get_by_role("button", name="Retirer").click()
        expect(page.get_by_text("Aucun appareil ne reçoit de message.")).to_be_visible()


def test_whom_messages_do_not_reach_is_shown_to_the_coordination(chromium: Browser, place: Place) -> None:
    with place.context.database.begin() as session:
        deliveries.mark_bounced(session, place.context.clock, "demo", BOUNCED, REFUSED)
    with page_of(chromium, place.server.url) as page:
        sign_in(page, COORDINATOR)
        page.goto("/pilotage")
        page.get_by_role("link", name="Messages non remis").click()
        page.locator("summary", has_text="Corriger l’adresse").click()
        look_at(page, "pilotage-messages")
        page.get_by_label("Courriel").fill("pas une adresse")
        page.get_by_role("button", name="Garder cette adresse").click()
        expect(page.get_by_role("alert")).to_contain_text("Écrivez une adresse")
        page.get_by_label("Courriel").fill("nouvelle@loire-sucs.test")
        page.get_by_role("button", name="Garder cette adresse").click()
        expect(page.locator(".notice--done")).to_contain_text("La nouvelle adresse est gardée.")
        expect(page.get_by_text(REFUSED)).to_have_count(0)


def send(place: Place, role: str, login: str) -> None:
    """Something urgent for whoever of that role signs in so."""
    parts = place.context
    with parts.database.begin() as session:
        who = next(one for one in holding(session, parts.tenant, role) if one.email == login)
        tell(session, parts.clock, parts.tenant, who.id, kinds.STANDS_IN, about="essai", urgent=True)
    place.work()
