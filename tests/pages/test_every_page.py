"""Every page of the product: accessible, no wider than the screen, in French, without an error."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.demo import Demo, choose
from tests.support.browser import DESK, PHONE, assert_accessible, assert_fits, page_of, picture, resize, shoot
from tests.support.french import assert_french, english

pytestmark = pytest.mark.pages
Walk = Callable[[Page, Demo], object]
Seats = Callable[[str], Page]
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((DESK, "light"), (PHONE, "dark"))
EARLY = "Consultation précoce"
CONSENT = {"reponse": "oui", "mode": "oral", "information_remise": True}


@dataclass(frozen=True)
class Place:
    """A page: who goes there, and how."""

    name: str
    login: str
    walk: Walk


def at(address: str) -> Walk:
    return lambda page, _demo: page.goto(address)


def task(login: str, title: str) -> Walk:
    return lambda page, demo: page.goto(demo.address(login, title))


def invalid_task(page: Page, demo: Demo) -> None:
    page.goto(demo.address("medecin", EARLY))
    choose(page, "La consultation a-t-elle eu lieu ?", "Oui")
    page.get_by_label("PA systolique").fill("3000")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#a-revoir")).to_be_focused()


def traced_task(page: Page, demo: Demo) -> None:
    page.goto(demo.address("medecin", EARLY))
    page.locator("summary", has_text="Tracé").click()


def taking_menu(page: Page, demo: Demo) -> None:
    page.goto(demo.address("medecin", EARLY))
    page.get_by_text("Autre réponse").click()


def case(page: Page, demo: Demo) -> None:
    page.goto("/dossiers/" + demo.task("medecin", EARLY)["case"])


def of_case(part: str) -> Walk:
    return lambda page, demo: page.goto(f"/dossiers/{demo.task('medecin', EARLY)['case']}/{part}")


def colleague(page: Page, _demo: Demo) -> None:
    page.goto("/annuaire?q=vignal")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("VIGNAL")


def followed(page: Page, demo: Demo) -> None:
    page.goto("/suivi/" + demo.task("medecin", EARLY)["case"])


def finished(page: Page, _demo: Demo) -> None:
    page.goto("/suivi?etat=termines")
    page.locator("tbody a").first.click()
    page.wait_for_selector("[data-viewer][data-ready]")


def version(page: Page, demo: Demo) -> None:
    """Of a case that has just begun, when its pathway gets another version."""
    demo.republish("post-avc", name="Bilan de mobilité", anew="Premier bilan de mobilité")
    followed(page, demo)
    page.get_by_role("link", name="Passer à la version").click()
    expect(page.get_by_role("heading", name="Ce qui change")).to_be_visible()


def failed(page: Page, demo: Demo) -> None:
    demo.fail()
    page.goto("/travaux-en-echec")


def watched(page: Page, demo: Demo) -> None:
    """By whoever protects the data: a case that a physiotherapist opened in an emergency, without name or reason."""
    row, kine = demo.task("medecin", EARLY), demo.visitor("kine")
    csrf = kine.client.get("/api/session").json()["csrf"]
    said = {"vital": False, "reason": "Chute à domicile, je dois connaître ses traitements."}
    opened = kine.client.post(f"/api/cases/{row['case']}/emergency", json=said, headers={"X-CSRF-Token": csrf})
    assert opened.status_code < 300, opened.text
    page.goto("/acces-en-urgence")
    expect(page.locator("tbody tr")).to_contain_text("Thomas DEMO-ROCHE")
    for hidden in (row["patient"]["name"], "Chute", row["case"]):
        expect(page.locator("main")).not_to_contain_text(hidden)
    for closed in ("dossiers", "suivi"):
        assert demo.visitor("dpo").client.get(f"/{closed}/{row['case']}").status_code == 403


def numbered(page: Page, demo: Demo) -> None:
    """By whoever protects the data: who looked at the cases of somebody of whom only the number is shown."""
    row, keeper = demo.task("medecin", EARLY), demo.visitor("coordinatrice")
    csrf = keeper.client.get("/api/session").json()["csrf"]
    asked = keeper.client.post(
        "/api/patients/search", json={"q": row["patient"]["name"]}, headers={"X-CSRF-Token": csrf}
    )
    page.goto("/effacements")
    page.get_by_label("Numéro d’une identité").fill(asked.json()["patients"][0]["id"])
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.get_by_role("heading", name="Qui a consulté")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(row["patient"]["name"].split()[0])


def studio(key: str) -> Walk:
    def walk(page: Page, _demo: Demo) -> None:
        page.goto(f"/atelier/{key}")
        page.wait_for_selector("[data-modeler][data-ready]")

    return walk


PLACES = (
    Place("taches", "medecin", at("/taches")),
    Place("taches-coordination", "coordinatrice", at("/taches?liste=roles")),
    Place("taches-retard", "medecin", at("/taches?liste=retard")),
    Place("taches-faites", "medecin", at("/taches?liste=faites")),
    Place("taches-suivies", "medecin", at("/taches?liste=suivies")),
    Place("taches-filtrees", "medecin", at("/taches?urgence=p2&tri=patient")),
    Place("raccourcis", "medecin", at("/compte/raccourcis")),
    Place("notifications", "medecin", at("/notifications")),
    Place("hors-ligne", "medecin", at("/hors-ligne")),
    Place("taches-rien", "hopital", at("/taches")),
    Place("taches-cherchees-en-vain", "medecin", at("/taches?q=Dunieres")),
    Place("tache", "medecin", task("medecin", EARLY)),
    Place("tache-tracee", "medecin", traced_task),
    Place("tache-menu", "medecin", taking_menu),
    Place("tache-a-revoir", "medecin", invalid_task),
    Place("tache-rendez-vous", "medecin", task("medecin", "Fixer le rendez-vous")),
    Place("tache-consentement", "coordinatrice", task("coordinatrice", "Recueillir le consentement")),
    Place("tache-visite", "infirmiere", task("infirmiere", "Visite infirmière")),
    Place("tache-conciliation", "pharmacienne", task("pharmacienne", "Conciliation médicamenteuse")),
    Place("dossiers", "medecin", at("/dossiers")),
    Place("disponibilites", "medecin", at("/disponibilites")),
    Place("disponibilites-coordination", "coordinatrice", at("/disponibilites")),
    Place("gardes", "medecin", at("/gardes")),
    Place("gardes-coordination", "coordinatrice", at("/gardes")),
    Place("gardes-organiser", "coordinatrice", at("/gardes/organiser")),
    Place("ouvrir", "medecin", at("/dossiers/ouvrir")),
    Place("ouvrir-post-avc", "medecin", at("/dossiers/ouvrir/post-avc")),
    Place("dossiers-termines", "coordinatrice", at("/dossiers?liste=termines")),
    Place("dossier", "medecin", case),
    Place("atelier", "responsable", at("/atelier")),
    Place("atelier-parcours", "responsable", studio("post-avc")),
    Place("atelier-delais", "responsable", at("/atelier/sortie-hospitalisation/delais")),
    Place("atelier-version", "responsable", at("/atelier/post-avc/versions/1")),
    Place("atelier-changements", "responsable", at("/atelier/post-avc/changements")),
    Place("atelier-appele", "responsable", studio("identite-consentement")),
    Place("patients", "coordinatrice", at("/patients")),
    Place("doublons", "coordinatrice", at("/patients/doublons")),
    Place("pilotage", "coordinatrice", at("/pilotage")),
    Place("pilotage-en-retard", "coordinatrice", at("/pilotage/taches/en-retard")),
    Place("charge", "coordinatrice", at("/pilotage/charge")),
    Place("pilotage-messages", "coordinatrice", at("/pilotage/messages")),
    Place("file-active", "coordinatrice", at("/file-active/post-avc")),
    Place("suivi", "responsable", at("/suivi")),
    Place("suivi-dossier", "responsable", followed),
    Place("suivi-termine", "responsable", finished),
    Place("suivi-version", "responsable", version),
    Place("travaux-en-echec", "coordinatrice", failed),
    Place("annuaire", "medecin", at("/annuaire")),
    Place("annuaire-personne", "medecin", colleague),
    Place("annuaire-depart", "coordinatrice", colleague),
    Place("annuaire-imports", "coordinatrice", at("/annuaire/imports")),
    Place("annuaire-groupes", "coordinatrice", at("/annuaire/groupes")),
    Place("annuaire-structures", "coordinatrice", at("/annuaire/structures")),
    Place("comptes", "coordinatrice", at("/comptes")),
    Place("mon-compte", "medecin", at("/compte")),
    Place("plus", "responsable", at("/plus")),
    Place("urgences", "coordinatrice", at("/acces-en-urgence")),
    Place("protection-effacements", "dpo", at("/effacements")),
    Place("protection-numero", "dpo", numbered),
    Place("protection-urgences", "dpo", watched),
    Place("protection-annuaire", "dpo", at("/annuaire")),
    Place("protection-plus", "dpo", at("/plus")),
    Place("liens", "medecin", at("/liens")),
    Place("cercle", "medecin", of_case("cercle")),
    Place("accord", "medecin", of_case("accord")),
    Place("opposition", "medecin", of_case("opposition")),
    Place("consultations", "medecin", of_case("consultations")),
    Place("refuse-403", "kine", at("/atelier")),
    Place("inconnu-404", "medecin", at("/taches/0000000000000000")),
)


@pytest.fixture(scope="module")
def seats(chromium: Browser, demo: Demo) -> Iterator[Seats]:
    """One browser session for each person, opened when somebody first goes there as them."""
    with contextlib.ExitStack() as closing:
        yield functools.cache(lambda login: closing.enter_context(demo.page(chromium, login)))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_is_accessible_and_fits(seats: Seats, demo: Demo, place: Place) -> None:
    page = seats(place.login)
    place.walk(page, demo)
    examine(page, place.name)


def test_the_search_for_english_finds_it_and_leaves_french_alone() -> None:
    assert english("Please save your task : la file active est libre.") == ["please", "save", "your", "task"]
    assert english("Votre tâche est enregistrée, et notée. Consultez la liste, le dossier, les options.") == []


def test_the_door_is_accessible_and_fits(chromium: Browser, demo: Demo) -> None:
    with page_of(chromium, demo.url) as page:
        page.goto("/")
        expect(page).to_have_title("Connexion · Jalon")
        examine(page, "connexion")
        page.get_by_label("Adresse").fill("inconnue@loire-sucs.test")
        page.get_by_label("Mot de passe").fill("faux")
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("alert")).to_contain_text("Adresse ou mot de passe inconnu")
        examine(page, "connexion-refusee")
        page.get_by_role("link", name="Mot de passe oublié").click()
        examine(page, "mot-de-passe-oublie-sans-courriel")


def test_a_task_that_a_colleague_answered_meanwhile_keeps_what_was_typed(seats: Seats, demo: Demo) -> None:
    """Two coordinators' windows on one task: the second to send is told, and loses nothing."""
    row = demo.task("coordinatrice", "Recueillir le consentement")
    page = seats("coordinatrice")
    page.goto(f"/taches/{row['id']}")
    page.get_by_label("Commentaire").fill("Sa fille sera présente.")
    demo.visitor("coordinatrice").answer(row["id"], CONSENT)
    choose(page, "La personne accepte-t-elle le partage", "Oui")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#conflit")).to_be_focused()
    expect(page.locator("#conflit")).to_contain_text("Sophie DEMO-VIALLET a répondu")
    expect(page.get_by_label("Commentaire")).to_have_value("Sa fille sera présente.")
    examine(page, "tache-conflit")
    page.goto(f"/taches/{row['id']}")
    expect(page.locator(".notice:not([hidden])").first).to_contain_text("a répondu")
    examine(page, "tache-repondue")


def examine(page: Page, name: str) -> None:
    """French, fit and accessibility of a page as it stands: light on the desk, dark on the telephone."""
    assert_french(page)
    try:
        for width, scheme in LOOKS:
            resize(page, width)
            page.emulate_media(color_scheme=scheme)
            shoot(page, name)
            assert_fits(page)
            assert_accessible(page)
    except AssertionError:
        picture(page, f"{name}-refusee")
        raise
    finally:
        resize(page, DESK)
        page.emulate_media(color_scheme="light")
