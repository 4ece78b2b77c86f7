from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from lxml import html
from sqlalchemy import Engine, select, text

from base.errors import Invalid
from pathways import catalogue
from pathways.parameters import settle
from pathways.tables import pathway, pathway_version
from tests.admin.conftest import Office
from tests.admin.test_moving import words
from tests.support.packages import DECISION, DIAGRAM, package
from tests.support.patience import PATIENCE, until

RENAMED = DIAGRAM.replace('name="Visite"', 'name="Visite à domicile"')
OTHER = DIAGRAM.replace('name="Visite"', 'name="Visite au cabinet"')
BROKEN = DIAGRAM.replace(' name="Lettre reçue ?" default="f7"', ' name="Lettre reçue ?"')
XML = "application/xml"
LATER = {"value": "P1D", "source": "Comité du 12 mai"}


def versions(office: Office) -> list[int]:
    with office.context.database.read() as session:
        return list(session.scalars(select(pathway_version.c.number).order_by(pathway_version.c.number)))


def save(browser, diagram: str) -> None:
    browser.send("PUT", "/atelier/essai/diagramme.bpmn", 204, data=diagram.encode(), content_type=XML)


def test_only_the_clinical_lead_changes_pathways(office: Office) -> None:
    for person in (office.coordinator, office.operator, office.doctor):
        browser = office.browser(person)
        browser.get("/atelier", 403)
        browser.get("/atelier/essai", 403)
        browser.send("PUT", "/atelier/essai/diagramme.bpmn", 403, data=b"<x/>", content_type=XML)
        browser.post("/atelier/essai/publier", 403, note="n")
    assert office.app.test_client().get("/atelier").status_code == 303


def test_the_list_says_what_runs_and_what_is_in_hand(office: Office) -> None:
    office.open_case()
    browser = office.browser(office.lead)
    page = browser.get("/atelier").text
    assert "Essai" in page
    assert "Version 1" in page
    assert '1<span class="sr"> dossiers en cours : Essai</span>' in page
    save(browser, RENAMED)
    assert "Brouillon 2" in browser.get("/atelier").text


def test_a_saved_diagram_is_a_draft_and_leaves_what_is_published_alone(office: Office) -> None:
    browser = office.browser(office.lead)
    assert browser.get("/atelier/essai/diagramme.bpmn").data == DIAGRAM.encode()
    save(browser, RENAMED)
    assert browser.get("/atelier/essai/diagramme.bpmn").data == RENAMED.encode()
    assert versions(office) == [1]
    assert "Brouillon 2" in browser.get("/atelier/essai").text


def test_the_findings_name_the_element_and_what_to_do(office: Office) -> None:
    browser = office.browser(office.lead)
    save(browser, BROKEN)
    found = browser.send("POST", "/atelier/essai/controles", 200).json
    assert found["errors"] >= 1
    assert any(one["element"] in ("choice", "f7") and one["hint"] for one in found["findings"])
    assert [one["severity"] for one in found["findings"]] == sorted(
        (one["severity"] for one in found["findings"]), key=lambda severity: severity != "error"
    )


def test_publishing_is_closed_and_says_why_while_an_error_is_left(office: Office) -> None:
    browser = office.browser(office.lead)
    save(browser, BROKEN)
    page = browser.get("/atelier/essai").text
    assert 'data-needs-no-error aria-describedby="pourquoi" disabled' in page
    assert "Publication possible quand il ne restera plus d’erreur" in page
    answer = browser.post("/atelier/essai/publier", 422, note="Un essai")
    assert "Rien n’a été publié" in answer.text
    assert "Un essai" in answer.text
    assert versions(office) == [1]


def test_an_operation_that_nobody_would_carry_out_is_not_published(office: Office) -> None:
    browser = office.browser(office.lead)
    save(browser, DIAGRAM.replace('type="tache.relancer"', 'type="fusee.lancer"'))
    (found,) = browser.send("POST", "/atelier/essai/controles", 200).json["findings"]
    assert (found["code"], found["element"], found["severity"]) == ("operation-unknown", "record", "error")
    assert "« fusee.lancer », qui n’existe pas" in found["message"].replace("\u00a0", " ")
    assert "tache.relancer" in found["hint"]
    assert "« fusee.lancer »" in browser.post("/atelier/essai/publier", 422, note="n").text.replace("\u00a0", " ")
    assert versions(office) == [1]


def test_publishing_asks_what_changes(office: Office) -> None:
    browser = office.browser(office.lead)
    save(browser, RENAMED)
    assert "Écrivez une phrase" in browser.post("/atelier/essai/publier", 422, note=" ").text
    assert versions(office) == [1]


def test_a_new_version_serves_new_cases_and_running_ones_keep_theirs(office: Office) -> None:
    before = office.open_case("PAT-UN")
    browser = office.browser(office.lead)
    save(browser, RENAMED)
    browser.post("/atelier/essai/publier", note="La visite se fait à domicile.")
    after = office.open_case("PAT-DEUX")
    assert (office.version_of(before), office.version_of(after)) == (1, 2)
    assert b"Visite \xc3\xa0 domicile" not in browser.get(f"/suivi/{before}/diagramme.bpmn").data
    assert b"Visite \xc3\xa0 domicile" in browser.get(f"/suivi/{after}/diagramme.bpmn").data
    page = browser.get("/atelier/essai?publiee=2").text
    assert "Version 2 publiée" in page
    assert "La visite se fait à domicile." in page
    assert "Brouillon" not in page


def test_a_draft_that_changes_nothing_is_not_published(office: Office) -> None:
    browser = office.browser(office.lead)
    save(browser, DIAGRAM)
    answer = browser.post("/atelier/essai/publier", 409, note="Rien")
    assert "ne change rien à la version 1" in answer.text
    assert versions(office) == [1]


def test_a_draft_can_be_dropped(office: Office) -> None:
    browser = office.browser(office.lead)
    save(browser, RENAMED)
    browser.post("/atelier/essai/abandonner")
    assert browser.get("/atelier/essai/diagramme.bpmn").data == DIAGRAM.encode()


def test_a_change_without_the_page_s_token_is_refused(office: Office) -> None:
    browser = office.browser(office.lead)
    browser.csrf = "another"
    browser.send("PUT", "/atelier/essai/diagramme.bpmn", 403, data=b"<x/>", content_type=XML)
    browser.post("/atelier/essai/publier", 403, note="n")


def test_a_diagram_beyond_five_megabytes_is_refused(office: Office) -> None:
    browser = office.browser(office.lead)
    huge = b"<x>" + b" " * (5 * 1024 * 1024) + b"</x>"
    browser.send("PUT", "/atelier/essai/diagramme.bpmn", 413, data=huge, content_type=XML)


def test_an_unknown_pathway_is_not_found(office: Office) -> None:
    browser = office.browser(office.lead)
    browser.get("/atelier/absent", 404)
    browser.get("/atelier/absent/diagramme.bpmn", 404)


def test_a_diagram_that_cannot_be_saved_says_so_to_the_editor(office: Office) -> None:
    stranger = office.app.test_client()
    answer = stranger.put("/atelier/essai/diagramme.bpmn", data=b"<x/>", content_type=XML)
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    refused = office.browser(office.doctor).send("PUT", "/atelier/essai/diagramme.bpmn", 403, data=b"<x/>")
    assert "coordonnateur médical" in refused.json["detail"]


def test_whoever_saves_second_is_told_who_was_first_and_writes_over_nothing_unseen(office: Office) -> None:
    first, second = office.browser(office.lead), office.browser(office.colleague)
    address = "/atelier/essai/diagramme.bpmn"
    opened = [browser.get(address).headers["X-Revision"] for browser in (first, second)]
    saved = put(first, RENAMED, opened[0], 204).headers["X-Revision"]
    told = put(second, OTHER, opened[1], 409).json
    assert (told["code"], told["revision"]) == ("draft-overtaken", saved)
    assert "Marc DEMO-FAURE a enregistré ce brouillon aujourd’hui" in told["detail"]
    assert first.get(address).data == RENAMED.encode()
    for way in ("publier", "abandonner"):
        page = second.post(f"/atelier/essai/{way}", 409, note="La mienne", revision=opened[1]).text
        assert "Marc DEMO-FAURE a enregistré ce brouillon" in page
    assert versions(office) == [1]
    mine = put(second, OTHER, told["revision"], 204).headers["X-Revision"]
    assert "Une autre personne" not in put(first, RENAMED, saved, 409).json["detail"]
    assert first.get(address).data == OTHER.encode()
    second.post("/atelier/essai/publier", note="La mienne", revision=mine)
    assert "publié ou abandonné entre-temps" in put(first, RENAMED, saved, 409).json["detail"]
    elsewhere = put(second, RENAMED, mine, 204)
    assert "dans une autre fenêtre" in put(second, OTHER, mine, 409).json["detail"]
    second.post("/atelier/essai/abandonner", revision=elsewhere.headers["X-Revision"])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_who_save_at_the_same_instant_one_wins_and_the_other_keeps_theirs(office: Office) -> None:
    """Both are in their transactions, held back where each would look at what stands there; then both go on."""
    engine, browsers = office.context.database.engine, [office.browser(office.lead), office.browser(office.colleague)]
    address, drawings = "/atelier/essai/diagramme.bpmn", [RENAMED, OTHER]
    seen = browsers[0].get(address).headers["X-Revision"]
    with ThreadPoolExecutor(2) as threads:
        with engine.begin() as gate:
            gate.execute(select(pathway.c.key).with_for_update())
            asked = [threads.submit(offer, *each, seen) for each in zip(browsers, drawings, strict=True)]
            wait_for_two_held_back(engine)
        answers = [one.result(timeout=PATIENCE) for one in asked]
    assert sorted(one.status_code for one in answers) == [204, 409]
    winner = answers[0].status_code == 409
    won, lost = answers[winner], answers[not winner]
    assert browsers[0].get(address).data == drawings[winner].encode()
    assert (lost.json["code"], lost.json["revision"]) == ("draft-overtaken", won.headers["X-Revision"])
    assert (office.lead, office.colleague)[winner].display in lost.json["detail"]
    put(browsers[not winner], drawings[not winner], lost.json["revision"], 204)
    assert browsers[0].get(address).data == drawings[not winner].encode()
    put(browsers[winner], drawings[winner], won.headers["X-Revision"], 409)


def wait_for_two_held_back(engine: Engine) -> None:
    """Until PostgreSQL says that two transactions wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type='Lock'"
    )

    def are_held_back() -> bool:
        with engine.connect() as connection:
            return connection.scalar(waiting) == 2

    until(are_held_back, "nobody is held back: whoever saves looks at the draft without keeping others from writing it")


def put(browser, diagram: str, seen: str, code: int):
    answer = offer(browser, diagram, seen)
    assert answer.status_code == code, answer.text
    return answer


def offer(browser, diagram: str, seen: str):
    headers = {"X-CSRF-Token": browser.csrf, "X-Revision": seen}
    return browser.client.put("/atelier/essai/diagramme.bpmn", data=diagram.encode(), content_type=XML, headers=headers)


def test_a_version_says_what_it_changed_and_can_be_taken_up_again(office: Office) -> None:
    browser, api = office.browser(office.lead), "/api/pathways/essai/versions"
    later = RENAMED.replace("rankin &gt; 0", "rankin &gt; 1")
    shorter = orjson.loads(package().files["parcours.json"])
    shorter["parametres"]["delai"]["valeur"] = "P1D"
    with office.context.database.begin() as session:
        changed = package(diagram=later, decision=DECISION.replace("P3", "P2"), **shorter)
        catalogue.publish(session, office.context, changed, office.colleague.id, "Un délai plus court")
    page = words(browser.get("/atelier/essai/versions/2").text)
    for told in (
        "2 jours → 1 jour",
        "Visite à domicile Autre nom : “Visite” devient “Visite à domicile”",
        "Autre table de décision",
        "« Lettre » Autres réglages",
    ):
        assert told in page, told
    assert "Luc DEMO-PERRIN" in page
    assert "Revenir à cette version" not in page
    found = browser.get(f"{api}/2/changes").json
    assert [(one["element"], one["parts"]) for one in found["steps"]] == [("visit", ["name"]), ("f6", ["settings"])]
    assert "Première version" in browser.get("/atelier/essai/versions/1").text
    assert browser.get("/atelier/essai/versions/1/diagramme.bpmn").data == DIAGRAM.encode()
    seen = browser.get("/api/pathways/essai").json["revision"]
    browser.post("/atelier/essai/versions/1/reprendre", revision=seen)
    browser.post("/atelier/essai/versions/1/reprendre", 409, revision=seen)
    browser.send("POST", f"{api}/2/draft", 409, json={"revision": seen})
    assert browser.get("/atelier/essai/diagramme.bpmn").data == DIAGRAM.encode()
    browser.post("/atelier/essai/publier", note="Comme avant")
    assert browser.get(f"{api}/3/changes").json["parameters"][0]["after"] == "P2D"
    browser.send("POST", f"{api}/2/draft", 201, json={})
    unknown = [f"/atelier/essai/versions/{number}" for number in (9, 2**31, 10**12)]
    for address in (*unknown, f"{api}/9/changes", f"{api}/{2**31}/changes", f"{unknown[0]}/diagramme.bpmn"):
        browser.get(address, 404)
    office.browser(office.doctor).get("/atelier/essai/versions/1", 403)


def test_a_draft_is_compared_with_what_is_in_service_before_it_is_published(office: Office) -> None:
    browser, api = office.browser(office.lead), "/api/pathways/essai/draft/changes"
    assert "Aucun brouillon en cours" in browser.get("/atelier/essai/changements").text
    assert browser.get(api).json == {"before": 1, "steps": [], "decisions": [], "parameters": []}
    assert "changements depuis" not in words(browser.get("/atelier/essai").text)
    save(browser, RENAMED)
    browser.send("PUT", "/api/pathways/essai/parameters", 200, json={"parameters": {"delai": LATER}})
    for address in ("/atelier/essai/changements", "/atelier/essai", "/atelier/essai/avancement"):
        page = words(browser.get(address).text)
        assert "2 jours → 1 jour" in page, address
        assert "Autre nom : “Visite” devient “Visite à domicile”" in page, address
    assert "2 changements depuis la version 1" in page
    found = browser.get(api).json
    assert (found["before"], [one["renamed"] for one in found["steps"]]) == (1, [["Visite", "Visite à domicile"]])
    save(browser, "<illisible")
    assert "ne se lit pas encore" in browser.get("/atelier/essai/changements").text
    browser.get("/atelier/essai")
    browser.get("/atelier/absent/changements", 404)
    office.browser(office.doctor).get("/atelier/essai/changements", 403)


def test_a_delay_is_changed_in_the_draft_and_stays_of_its_kind(office: Office) -> None:
    browser, address, api = office.browser(office.lead), "/atelier/essai/delais", "/api/pathways/essai"
    page = browser.get(address).text
    assert 'value="2 jours"' in page
    seen = browser.get(api).json["revision"]
    typed = {"value.delai": "deux jours", "source.delai": "Comité du 12 mai"}
    refused = browser.post(address, 422, revision=seen, **typed).text
    assert "Écrivez un délai, par exemple 2 jours" in refused
    assert 'value="deux jours"' in refused
    assert 'value="Comité du 12 mai"' in refused
    assert 'aria-current="page"' in refused
    assert not browser.get(api).json["has_draft"]
    browser.post(address, revision=seen, **{**typed, "value.delai": " PT4HO "})
    assert 'value="4 heures ouvrées"' in browser.get(address).text
    assert browser.get("/atelier/essai/diagramme.bpmn").data == DIAGRAM.encode()
    assert "Luc" not in browser.post(address, 409, revision=seen, **typed).text
    wanted = {"absent": {"value": "1", "source": ""}, "delai": {"value": "", "source": ""}}
    fields = browser.send("PUT", f"{api}/parameters", 422, json={"parameters": wanted}).json["fields"]
    assert set(fields) == {"absent", "delai"}
    kept = browser.send(
        "PUT", f"{api}/parameters", 200, json={"parameters": {"delai": {"value": "P1D", "source": "c"}}}
    )
    assert kept.json == {"revision": browser.get(api).json["revision"]}
    browser.post("/atelier/essai/publier", note="Plus court")
    assert "2 jours → 1 jour" in words(browser.get("/atelier/essai/versions/2").text)
    office.browser(office.doctor).get(address, 403)


def test_two_authors_of_delays_each_add_what_they_changed_and_lose_nothing(office: Office) -> None:
    first, second = office.browser(office.lead), office.browser(office.colleague)
    address, api = "/atelier/essai/delais", "/api/pathways/essai"
    started = orjson.loads(package().files["parcours.json"])
    started["parametres"]["essais"] = {"valeur": 3, "libelle": "Essais", "source": "à valider localement"}
    with office.context.database.begin() as session:
        catalogue.publish(session, office.context, package(**started), office.lead.id)
    opened = boxes(first.get(address).text)
    theirs = {**opened, "value.essais": "5", "value.delai": "3 jours", "source.delai": "HAS 2025"}
    second.post(address, **theirs)
    mine = {**opened, "value.delai": "4 jours"}
    refused = first.post(address, 409, **mine).text
    said = words(refused)
    assert "Luc DEMO-PERRIN a enregistré" in said
    assert "Changé entre-temps : 3 → 5." in said
    assert "Changé entre-temps : 2 jours → 3 jours. Enregistrer met « 4 jours » à la place." in said
    again = boxes(refused)
    assert (again["value.essais"], again["value.delai"], again["source.delai"]) == ("5", "4 jours", "HAS 2025")
    first.post(address, **again)
    kept = boxes(second.get(address).text)
    assert (kept["value.essais"], kept["value.delai"], kept["source.delai"]) == ("5", "4 jours", "HAS 2025")
    seen = first.get(api).json["revision"]
    first.post(address, **boxes(first.get(address).text))
    assert first.get(api).json["revision"] == seen, "what is sent unchanged writes nothing"


def boxes(page: str) -> dict[str, str]:
    """What the form of this page would send."""
    found = html.fromstring(page).xpath("//main//form//input[@name]")
    return {one.get("name"): one.get("value") for one in found if one.get("name") != "_csrf"}


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [(3, "4", 4), (0.5, "0,25", 0.25), (3, "trois", None), ("12:00", "9:00", None), ("12:00", "09:30", "09:30"),
     ("PT4HO", "P1M", "P1M"), ("PT4HO", "", None),
     ("PT4HO", "2 jours ouvrés", "P2JO"), ("P1D", "1 heure ouvrée", "PT1HO"), ("P1Y", "12 mois", "P1Y"),
     ("P1D", "3 semaines", "P3W"), ("P1D", "3 mois ouvrés", None), ("P1D", "10 minutes", "PT10M"),
     ("PT90M", "1 heure, 30 minutes", "PT90M"), ("11490-0", "34112-3", "34112-3")],
)  # fmt: skip
def test_a_value_is_read_as_what_stood_there(before: object, typed: str, after: object) -> None:
    manifest = orjson.dumps({"parametres": {"x": {"valeur": before}}})
    if after is None:
        with pytest.raises(Invalid):
            settle(manifest, {"x": (typed, "c")})
    else:
        assert orjson.loads(settle(manifest, {"x": (typed, "c")}))["parametres"]["x"] == {
            "valeur": after,
            "source": "c",
        }
