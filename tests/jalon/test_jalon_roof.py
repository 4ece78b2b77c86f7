"""What every page does whichever door it belongs to: headers, errors, origins, static files."""

import json
import re
from datetime import timedelta

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from jalon.app import create_app
from jalon.responder import TEXTS, problem
from tests.inbox.conftest import Site, make_site


@pytest.fixture
def site(settings, database, clock, quick_passwords) -> Site:
    return make_site(settings, database, clock)


def test_every_page_forbids_foreign_and_inline_code(site: Site) -> None:
    policy = site.client().get("/connexion").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_only_pages_with_a_drawing_allow_style_attributes(site: Site) -> None:
    case = site.open_case()
    client = site.client(site.doctor)
    assert "style-src-attr 'unsafe-inline'" in client.get(f"/dossiers/{case}").headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/dossiers").headers["Content-Security-Policy"]


def test_no_page_holds_code_or_style_of_its_own(site: Site) -> None:
    case = site.open_case()
    client = site.client(site.doctor)
    for address in ("/connexion", "/taches", "/dossiers", f"/dossiers/{case}", "/nulle-part"):
        page = client.get(address, follow_redirects=True).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page), address


def test_a_page_is_never_kept_and_a_marked_file_for_ever(site: Site) -> None:
    client = site.client()
    page = client.get("/connexion")
    assert page.headers["Cache-Control"] == "no-store"
    sheet = re.search(r'href="(/static/jalon\.css\?v=[0-9a-f]{12})"', page.text)[1]
    with client.get(sheet) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_unknown_page_is_said_in_french_and_an_unknown_address_as_a_problem(site: Site) -> None:
    client = site.client()
    page = client.get("/nulle-part")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Cette page n’existe pas" in page.text
    problem = client.get("/api/nulle-part")
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
    assert problem.json["code"] == "not-found"


def test_a_wrong_method_names_the_right_ones(site: Site) -> None:
    for address in ("/taches", "/api/tasks"):
        answer = site.client().delete(address)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


def test_too_large_a_body_is_refused(site: Site) -> None:
    answer = site.client().post("/api/session", data=b" " * (7 * 1024 * 1024), content_type="application/json")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_an_unforeseen_error_gives_a_mark_and_no_trace(site: Site) -> None:
    def broken() -> str:
        raise ValueError("PAT-SECRET Marcel")

    app = create_app(site.context)
    app.add_url_rule("/cassee", "broken", broken)
    app.add_url_rule("/api/cassee", "broken_too", broken)
    with structlog.testing.capture_logs() as events:
        page = app.test_client().get("/cassee")
        problem = app.test_client().get("/api/cassee")
    assert page.status_code == problem.status_code == 500
    mark = re.search(r"R-[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)[0]
    assert problem.json["incident"].startswith("R-")
    assert events[0]["incident"] == mark
    for shown in (page.text, problem.text, str(events)):
        assert "PAT-SECRET" not in shown
        assert "Traceback" not in shown


def test_a_database_without_room_or_gone_for_a_moment_asks_to_come_again(site: Site) -> None:
    lost = {
        "sqlite": ("PRAGMA max_page_count = 1", "CREATE TABLE big AS SELECT zeroblob(1000000)"),
        "postgresql": ("SELECT pg_terminate_backend(pg_backend_pid())",),
    }

    def write() -> str:
        with site.context.database.begin() as session:
            for statement in lost[session.connection().dialect.name]:
                session.execute(text(statement))
        return "written"

    app = create_app(site.context)
    app.add_url_rule("/ecrire", "write", write, methods=["GET"])
    app.add_url_rule("/api/ecrire", "write_too", write, methods=["GET"])
    with structlog.testing.capture_logs() as events:
        page = app.test_client().get("/ecrire")
        problem = app.test_client().get("/api/ecrire")
    assert page.status_code == problem.status_code == 503
    assert page.headers["Retry-After"] == problem.headers["Retry-After"] == "30"
    assert "Réessayez dans une minute" in page.text
    assert problem.json["code"] == "unavailable"
    assert {event["code"] for event in events} <= {"SQLITE_FULL", "57P01"}


def test_a_change_from_another_site_is_refused(site: Site) -> None:
    client = site.client()
    data = {"login": "x", "password": "y"}
    assert client.post("/connexion", data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/connexion", data=data, headers={"Origin": "https://ailleurs.test"}).status_code == 403
    assert client.post("/connexion", data=data, headers={"Origin": "http://localhost"}).status_code == 401


def test_a_change_without_the_token_of_the_session_is_refused(site: Site) -> None:
    task = site.task(site.open_case())
    nurse = site.client(site.nurse)
    assert nurse.post(f"/taches/{task}/prendre").status_code == 403
    assert nurse.post(f"/taches/{task}/prendre", data={"_csrf": "faux"}).status_code == 403
    assert nurse.post(f"/taches/{task}/prendre", data={"_csrf": nurse.csrf}).status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(site: Site) -> None:
    site.client(site.nurse)
    answer = site.client().post("/connexion", data={"login": site.nurse.email, "password": "sentier-balise-43"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_in_leads_on_to_our_own_pages_only(site: Site) -> None:
    site.client(site.nurse)
    right = {"login": site.nurse.email, "password": "sentier-balise-43"}
    for wanted in ("/dossiers", "https://ailleurs.test/", "//ailleurs.test", ""):
        reached = wanted if wanted == "/dossiers" else "/taches"
        assert site.client().post("/connexion", data={**right, "suite": wanted}).headers["Location"] == reached


def test_a_wrong_password_says_how_many_tries_are_left(site: Site) -> None:
    answer = site.client().post("/connexion", data={"login": site.nurse.email, "password": "non"})
    assert answer.status_code == 401
    assert "Adresse ou mot de passe inconnu. Il reste 4 essais." in answer.text
    assert f'value="{site.nurse.email}"' in answer.text


def test_after_signing_out_the_cookie_opens_nothing(site: Site) -> None:
    nurse = site.client(site.nurse)
    kept = nurse.get_cookie("jalon_session").value
    assert nurse.post("/deconnexion", data={"_csrf": nurse.csrf}).status_code == 303
    thief = site.client()
    thief.set_cookie("jalon_session", kept)
    assert thief.get("/taches").headers["Location"].startswith("/connexion")


def test_health_answers_with_the_clocks_time(site: Site) -> None:
    assert site.client().get("/health").json == {"status": "ok", "time": site.clock.now().isoformat()}


def test_an_answer_from_before_a_new_session_is_shown_again_and_not_sent(site: Site) -> None:
    case = site.open_case()
    task, nurse = site.task(case), site.client(site.nurse)
    typed = {"_csrf": "d’avant", "pa_sys": "150", "pa_dia": "90", "ordonnance": "oui", "remarque": "à garder"}
    answer = nurse.post(f"/taches/{task}", data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "Vous aviez été déconnecté entre-temps" in answer.text
    assert "à garder" in answer.text
    assert nurse.csrf in answer.text
    assert site.task(case) == task


def test_a_dead_session_leaves_what_was_typed_on_the_page(site: Site) -> None:
    task = site.task(site.open_case())
    answer = site.client().post(f"/taches/{task}", data={"pa_sys": "150"}, headers={"HX-Request": "true"})
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (401, False)


def test_the_rail_leads_each_where_their_roles_open(site: Site) -> None:
    doctor, coordinator = (site.client(who).get("/taches").text for who in (site.doctor, site.coordinator))
    assert 'href="/suivi"' not in doctor
    assert 'href="/suivi"' in coordinator
    assert 'href="/atelier"' not in coordinator


def test_signing_in_again_after_a_pause_says_why(site: Site) -> None:
    nurse = site.client(site.nurse)
    site.clock.advance(timedelta(minutes=31))
    page = nurse.get("/taches", follow_redirects=True)
    assert "Vous avez été déconnecté après 30 minutes" in page.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429])
def test_a_refusal_is_never_called_a_breakdown_of_ours(status: int) -> None:
    with Flask("door").test_request_context("/api/tasks"):
        told = json.loads(problem(status, "essai", "Un essai.").get_data())
    assert told["status"] == status
    assert told["title"] != TEXTS[500][0]
