"""The ways in before a real browser, whose own authenticator makes and shows passkeys; each page is looked at too."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from base.clock import FileClock
from jalon.demo import sign_ins
from tests.pages.demo import NOW
from tests.support.browser import DESK, PHONE, assert_accessible, assert_fits, page_of, shoot
from tests.support.server import Server, running

pytestmark = pytest.mark.pages
CHARTER = "Charte de la CPTS\n\nJe ne lis que les dossiers que je soigne.\n\nJe réponds, ou je rends la tâche.\n"
LOGIN = "coordinatrice@loire-sucs.test"
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, template: Path) -> Iterator[Server]:
    """The demo under a name, for passkeys hold to names; with a charter."""
    folder = tmp_path / "demo"
    shutil.copytree(template, folder)
    charter = folder / "charte.txt"
    charter.write_text(CHARTER, "utf-8")
    server = Server(
        folder, f"sqlite:///{folder / 'jalon.db'}", NOW, command=("up",), more={"JALON_CHARTER_FILE": str(charter)}
    )
    server.environ["JALON_PUBLIC_URL"] = f"http://localhost:{server.port}"
    with running(server):
        yield server


def look_at(page: Page, name: str) -> None:
    """The page in both widths, and once more in the dark."""
    for width, height in ((PHONE, 844), (DESK, 800)):
        page.set_viewport_size({"width": width, "height": height})
        shoot(page, name)
        assert_fits(page)
        assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page)
    page.emulate_media(color_scheme="light")


def sign_in(page: Page) -> None:
    page.goto("/connexion")
    page.get_by_label("Adresse").fill(LOGIN)
    page.get_by_label("Mot de passe").fill(sign_ins.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def leave(page: Page) -> None:
    page.goto("/compte")
    page.get_by_role("button", name="Se déconnecter").locator("visible=true").click()
    expect(page).to_have_title("Connexion · Jalon")


def code(secret: str, clock: FileClock) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def test_a_charter_a_passkey_a_telephone_and_an_invitation(chromium: Browser, server: Server) -> None:
    with page_of(chromium, server.environ["JALON_PUBLIC_URL"]) as page:
        cdp = page.context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        key = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]

        sign_in(page)
        expect(page.get_by_role("heading", name="Charte de la CPTS")).to_be_visible()
        look_at(page, "charte")
        page.get_by_role("button", name="J’accepte cette charte").click()
        expect(page).to_have_url(re.compile("/taches"))

        page.goto("/compte")
        page.get_by_label("Nom de la nouvelle clé").fill("ordinateur du bureau")
        page.get_by_role("button", name="Ajouter une clé d’accès").click()
        expect(page.get_by_role("status").filter(has_text="Votre clé d’accès est ajoutée")).to_be_visible()
        expect(page.get_by_text("ordinateur du bureau", exact=False).first).to_be_visible()
        page.get_by_label("Nom de la nouvelle clé").fill("la même")
        page.get_by_role("button", name="Ajouter une clé d’accès").click()
        expect(page.get_by_role("alert").filter(has_text="a déjà une clé d’accès")).to_be_visible()

        page.get_by_role("link", name="Relier un téléphone").click()
        secret = page.locator(".mono").first.text_content() or ""
        page.get_by_text("Ou recopiez la clé").click()
        look_at(page, "telephone")
        page.get_by_label("Code à 6 chiffres").fill(code(secret.replace(" ", ""), server.clock))
        page.get_by_role("button", name="Relier ce téléphone").click()
        expect(page.locator(".codes li")).to_have_count(10)
        look_at(page, "codes-de-secours")
        page.goto("/compte")
        look_at(page, "compte")

        leave(page)
        look_at(page, "connexion-cle")
        sign_in(page)
        expect(page.get_by_role("heading", name="Encore un pas")).to_be_visible()
        look_at(page, "second-facteur")
        page.get_by_role("button", name="Utiliser une clé d’accès").click()
        expect(page).to_have_url(re.compile("/taches"))
        leave(page)
        page.get_by_role("button", name="Utiliser une clé d’accès").click()
        expect(page).to_have_url(re.compile("/taches"))
        (credential,) = cdp.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
        assert credential["isResidentCredential"]
        assert credential["signCount"] >= 3

        leave(page)
        cdp.send("WebAuthn.removeCredential", {"authenticatorId": key, "credentialId": credential["credentialId"]})
        cdp.send(
            "WebAuthn.addCredential", {"authenticatorId": key, "credential": {**credential, "signCount": 1}}
        )  # a copy of the key, as it was before
        page.get_by_role("button", name="Utiliser une clé d’accès").click()
        expect(page.get_by_role("alert").filter(has_text="semble avoir été copiée")).to_be_visible()

        sign_in(page)
        server.clock.set(NOW.replace(hour=10, minute=2))
        page.get_by_label("Code à 6 chiffres").fill(code(secret.replace(" ", ""), server.clock))
        page.get_by_role("button", name="Continuer").click()
        expect(page).to_have_url(re.compile("/taches"))
        page.goto("/compte")
        expect(page.get_by_text("elle semble avoir été copiée")).to_be_visible()
        page.get_by_role("button", name="Retirer la clé ordinateur du bureau").click()
        expect(page.get_by_text("n’ouvre plus votre compte")).to_be_visible()

        page.goto("/comptes")
        page.get_by_label("Nom", exact=True).fill("DEMO-PETIT")
        page.get_by_label("Prénom").fill("Léa")
        page.get_by_label("Adresse de messagerie").fill("lea@loire-sucs.test")
        page.get_by_label("Secrétaire").check()
        page.get_by_role("button", name="Créer le lien d’invitation").click()
        link = page.locator(".handed").text_content() or ""
        look_at(page, "comptes")
        page.context.clear_cookies()
        page.goto(link)
        look_at(page, "invitation")
