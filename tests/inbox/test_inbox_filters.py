"""Lists narrowed, searched, sorted, kept as views, followed and acted on at once: what each shows, and to whom."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from care.sharing import circle
from engine.tables import task
from inbox.case import cases
from inbox.desk import Desk
from inbox.lists import live, narrowing, queue
from inbox.lists.wanted import Wanted
from pathways.tables import pathway
from people import persons
from people.persons import Person
from tests.inbox.conftest import TENANT, Site
from tests.support import witness

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def shown(site: Site, person: Person, **asked: str) -> list[str]:
    """The patients of a list, in its order."""
    with site.context.database.read() as session:
        page = queue.queue(Desk(session, site.context, person), Wanted.read(asked))
        return [row.patient.family_name for row in page.rows]


def cases_shown(site: Site, person: Person, words: str) -> list[str]:
    with site.context.database.read() as session:
        found, _ = cases.cases(Desk(session, site.context, person), "en-cours", words)
        return [row.patient.family_name for row in found]


def changed(site: Site, client, address: str, **data: object):
    return client.post(address, data={"_csrf": client.csrf, **data})


@pytest.fixture
def three(site: Site) -> dict[str, str]:
    """Three consultations of the doctor's, one an hour later than the other."""
    cases = {}
    with site.context.database.begin() as session:
        values = {"tenant": TENANT, "key": "suites", "title": "Suites d’essai", "mission": "", "created_at": NOON}
        session.execute(pathway.insert().values(values))
    for name in ("PAT-UN", "PAT-DEUX", "PAT-TROIS"):
        cases[name] = site.open_case(name)
        site.visit(cases[name])
    return cases


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("few", [400, 1, 0])
def test_every_word_must_be_found_in_the_patient_the_task_or_the_pathway(
    site: Site, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows, whether they are found from few cases or on the way through the list."""
    monkeypatch.setattr(narrowing, "FEW", few)
    monkeypatch.setattr(narrowing, "FEW_PATIENTS", few)
    monkeypatch.setattr(narrowing, "FEW_OF_OWN", few)
    for name in ("FEW", "FEW_PATIENTS", "FEW_OF_OWN"):
        monkeypatch.setattr(cases, name, few)
    assert shown(site, site.doctor, q="deux") == ["PAT-DEUX"]
    assert shown(site, site.doctor, q="pat deux consultation") == ["PAT-DEUX"]
    assert shown(site, site.doctor, q="Béauzac suites") == ["PAT-UN", "PAT-DEUX", "PAT-TROIS"]
    assert shown(site, site.doctor, q="deux visite") == []
    assert shown(site, site.doctor, q="...") == []
    assert shown(site, site.colleague, q="deux") == []
    assert cases_shown(site, site.doctor, "deux consultation") == ["PAT-DEUX"]
    assert len(cases_shown(site, site.doctor, "béauzac suites")) == len(cases_shown(site, site.coordinator, "pat")) == 3
    assert cases_shown(site, site.coordinator, "deux visite") == cases_shown(site, site.doctor, "...") == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("few", [400, 0])
def test_a_word_that_is_a_title_and_somebody_s_name_finds_both(
    site: Site, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FEW", "FEW_PATIENTS", "FEW_OF_OWN"):
        monkeypatch.setattr(narrowing, name, few)
        monkeypatch.setattr(cases, name, few)
    assert sorted(shown(site, site.doctor, q="consul")) == ["PAT-DEUX", "PAT-TROIS", "PAT-UN"]
    assert shown(site, site.doctor, q="pat consul trois") == ["PAT-TROIS"]
    named = site.open_case("PAT-CONSUL")
    site.visit(named)
    with site.context.database.begin() as session:
        session.execute(update(task).where(task.c.run == named).values(name="Appel"))
    assert sorted(shown(site, site.doctor, q="consul")) == ["PAT-CONSUL", "PAT-DEUX", "PAT-TROIS", "PAT-UN"]
    assert len(cases_shown(site, site.doctor, "consul")) == 4
    assert (
        shown(site, site.doctor, q="consul appel") == cases_shown(site, site.doctor, "consul appel") == ["PAT-CONSUL"]
    )
    assert shown(site, site.doctor, q="consul un") == ["PAT-UN"]


@pytest.mark.usefixtures("three")
def test_a_list_is_narrowed_by_each_declared_field(site: Site) -> None:
    assert len(shown(site, site.doctor, commune="Beauzac")) == 3
    assert shown(site, site.doctor, commune="Tence") == []
    assert len(shown(site, site.doctor, urgence="p1")) == 3
    assert shown(site, site.doctor, urgence="p3") == []
    assert shown(site, site.doctor, parcours="autre") == []
    assert len(shown(site, site.doctor, role="medecin_traitant")) == 3
    assert shown(site, site.doctor, echeance="retard") + shown(site, site.doctor, echeance="sans") == []
    site.clock.advance(timedelta(hours=1, minutes=30))
    late = shown(site, site.doctor, echeance="retard")
    assert late == shown(site, site.doctor, liste="retard")
    assert 0 < len(late) < 3


@pytest.mark.usefixtures("three")
def test_other_words_and_values_are_asked_by_the_statement_that_is_ready(site: Site) -> None:
    """To build one anew costs more than to execute it."""
    asked = [{"q": "deux consultation", "parcours": "suites"}, {"q": "trois consultation", "parcours": "autre"}]
    made = []
    for values in asked:
        shown(site, site.doctor, **values)
        cases_shown(site, site.doctor, values["q"])
        made.append((queue._ready.cache_info().misses, cases._first.cache_info().misses))
    assert made[0] == made[1]


@pytest.mark.usefixtures("three")
def test_a_list_is_put_in_another_order_and_goes_on_page_after_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(site, site.doctor, tri="patient") == ["PAT-DEUX", "PAT-TROIS", "PAT-UN"]
    assert shown(site, site.doctor, tri="attente") == ["PAT-UN", "PAT-DEUX", "PAT-TROIS"]
    monkeypatch.setattr(queue, "PAGE", 2)
    with site.context.database.read() as session:
        desk = Desk(session, site.context, site.doctor)
        first = queue.queue(desk, Wanted(tri="patient"))
        second = queue.queue(desk, Wanted(tri="patient", apres=first.after))
    assert (first.more, second.more) == (True, False)
    assert [row.patient.family_name for row in second.rows] == ["PAT-UN"]


@pytest.mark.parametrize(("order", "at_a_time"), [("echeance", 50), ("echeance", 1), ("c.rep_administratif", 1)])
def test_a_case_is_not_found_by_a_column_that_one_may_not_read_of_it(
    site: Site, order: str, at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A doctor who is of this patient's circle as a physiotherapist alone reads of it what that lane holds."""
    monkeypatch.setattr(queue, "PAGE", at_a_time)
    planted = witness.plant(site.context, nurse=site.nurse, doctor=site.doctor, coordinator=site.coordinator)
    with site.context.database.begin() as session:
        both = persons.add(
            session, TENANT, family_name="DEMO-DEUX", given_name="Ève", roles=["medecin_traitant", "kinesitherapeute"]
        )
        circle.add(session, site.clock, TENANT, planted.patient, both.id, "kinesitherapeute", "essai")

    def found(person: Person, **columns: str) -> int:
        narrowed = {f"c.rep_{name}": value for name, value in columns.items()}
        return len(shown(site, person, liste="roles", parcours=witness.KEY, tri=order, **narrowed))

    health, followed = witness.ANSWERS["clinique"], witness.ANSWERS["administratif"]
    assert found(both) == found(both, administratif=followed) == 1
    assert found(both, clinique=health) == found(both, clinique="autre") == 0
    assert found(both, administratif=followed, clinique=health) == 0
    assert found(site.doctor, clinique=health) == 1
    assert found(site.doctor, clinique="autre") == 0


@pytest.mark.usefixtures("three")
def test_the_fields_stand_open_when_one_is_used_not_for_words_alone(site: Site) -> None:
    client = site.client(site.doctor)
    pages = [changed(site, client, "/taches", **asked).text for asked in ({"q": "deux"}, {"urgence": "p1"})]
    assert ['<details class="narrow" open>' in page for page in pages] == [False, True]


@pytest.mark.usefixtures("three")
def test_a_commune_mistyped_is_proposed(site: Site) -> None:
    client = site.client(site.doctor)
    page = changed(site, client, "/taches", q="Bauzak").text
    assert "Aucune tâche ne contient « Bauzak »" in page
    assert 'value="Beauzac">Beauzac</button> ?' in page
    assert "Vouliez-vous dire" not in changed(site, client, "/taches", q="Zzzzzz").text


def test_a_view_keeps_the_words_sealed_and_is_shared_by_the_coordination_alone(
    site: Site, three: dict[str, str]
) -> None:
    client, colleague, lead = (site.client(one) for one in (site.doctor, site.colleague, site.coordinator))
    saved = changed(site, client, "/taches/vues", q="PAT-DEUX", nom="Madame Deux", liste="moi")
    assert "DEUX" not in saved.headers["Location"].upper()
    page = client.get(saved.headers["Location"]).text
    assert "PAT-DEUX" in page
    assert "PAT-UN" not in page
    assert colleague.get(saved.headers["Location"]).status_code == 404
    assert changed(site, client, "/taches/vues", nom="Tous", pour="ide_liberale").status_code == 403
    with site.context.database.read() as session:
        kept = session.connection().exec_driver_sql("SELECT content FROM saved_view").scalar_one()
    assert b"DEUX" not in bytes(kept).upper()
    shared = changed(site, lead, "/taches/vues", nom="En retard, à nous", liste="retard", pour="medecin_traitant")
    assert "En retard, à nous" in colleague.get("/taches").text
    gone = changed(site, colleague, f"{shared.headers['Location']}/effacer")
    assert gone.status_code == 404
    assert changed(site, lead, f"{shared.headers['Location']}/effacer").status_code == 303
    assert len(three) == 3


def test_what_is_followed_is_shown_as_long_as_its_case_may_be_seen(site: Site, three: dict[str, str]) -> None:
    client = site.client(site.doctor)
    assert changed(site, client, f"/dossiers/{three['PAT-UN']}/suivre").status_code == 303
    assert shown(site, site.doctor, liste="suivies") == ["PAT-UN"]
    assert "Ne plus suivre" in client.get(f"/dossiers/{three['PAT-UN']}").text
    stranger = site.client(site.colleague)
    assert changed(site, stranger, f"/dossiers/{three['PAT-UN']}/suivre").status_code == 403
    with site.context.database.begin() as session:
        session.connection().exec_driver_sql("UPDATE circle_member SET until = since")
        answered = update(task).where(task.c.run == three["PAT-DEUX"], task.c.state == "completed")
        session.execute(answered.values(completed_by=site.doctor.id))
    assert shown(site, site.doctor, liste="suivies") == [], "an answer in one case shows no other case"


def test_what_was_answered_stands_in_done_by_me_the_latest_first(site: Site, three: dict[str, str]) -> None:
    assert shown(site, site.nurse, liste="faites") == ["PAT-TROIS", "PAT-DEUX", "PAT-UN"]
    assert shown(site, site.doctor, liste="faites") == []
    assert shown(site, site.nurse, liste="faites", q="deux") == ["PAT-DEUX"]
    with site.context.database.begin() as session:
        session.connection().exec_driver_sql(
            f"UPDATE \"case\" SET closed_at = opened_at WHERE id = '{three['PAT-DEUX']}'"
        )
    assert shown(site, site.nurse, liste="faites", q="deux") == ["PAT-DEUX"], "also once the case has ended"
    assert len(three) == 3


def test_one_act_on_many_tasks_says_what_became_of_each(site: Site, three: dict[str, str]) -> None:
    client = site.client(site.doctor)
    ids = [site.task(case) for case in three.values()]
    stolen = site.client(site.nurse)
    refused = changed(site, stolen, "/taches/lot", geste="prendre", tache=ids)
    assert "Prise : 0 tâche sur 3" in refused.text
    assert refused.text.count("Vous n’êtes pas dans le cercle de soins") == 3
    done = changed(site, client, "/taches/lot", geste="prendre", tache=[*ids, "inconnue"])
    assert "Prise : 3 tâches sur 4" in done.text
    assert "Cette tâche n’existe pas, ou plus." in done.text
    kept = changed(site, client, "/taches/lot", geste="completer", tache=ids)
    assert kept.text.count("Cette tâche attend une réponse à elle") == 3
    assert len(shown(site, site.doctor)) == 3
    followed = client.post(
        "/api/tasks/bulk", json={"act": "follow", "tasks": ids[:1]}, headers={"X-CSRF-Token": client.csrf}
    )
    assert followed.json["lines"] == [{"task": ids[0], "title": "Consultation précoce", "refused": ""}]
    assert shown(site, site.doctor, liste="suivies") == ["PAT-UN"]


@pytest.mark.usefixtures("three")
def test_the_rest_interface_searches_without_a_word_in_the_address(site: Site) -> None:
    client = site.client(site.doctor)
    headers = {"X-CSRF-Token": client.csrf}
    found = client.post("/api/tasks/search", json={"q": "deux", "commune": "Beauzac"}, headers=headers).json
    assert [task["patient"]["name"] for task in found["tasks"]] == ["PAT-DEUX Dominique"]
    wrong = client.post("/api/tasks/search", json={"due": "hier"}, headers=headers)
    assert (wrong.status_code, list(wrong.json["fields"])) == (422, ["due"])
    view = client.post("/api/views", json={"name": "Deux", "narrowed": {"q": "deux"}}, headers=headers)
    assert view.status_code == 201
    assert len(client.get(f"/api/views/{view.json['id']}/tasks").json["tasks"]) == 1
    assert client.delete(f"/api/views/{view.json['id']}", headers=headers).status_code == 204
    assert client.get("/api/views").json == {"views": []}


def test_news_of_a_list_are_ids_alone_and_cost_nothing_when_there_are_none(site: Site, three: dict[str, str]) -> None:
    client = site.client(site.doctor)
    told = client.get("/taches/nouvelles.json?liste=moi")
    assert told.json == {"ids": [site.task(case) for case in three.values()], "whole": True}
    again = client.get("/taches/nouvelles.json?liste=moi", headers={"If-None-Match": told.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    site.visit(site.open_case("PAT-QUATRE"))  # an hour goes by: the doctor signs in again
    fresh = site.client(site.doctor).get(
        "/taches/nouvelles.json?liste=moi", headers={"If-None-Match": told.headers["ETag"]}
    )
    assert len(fresh.json["ids"]) == 4


def test_a_stream_tells_what_happens_at_the_very_instant_of_what_it_told(
    site: Site, three: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PAUSE", 0)
    stream = site.client(site.doctor).get("/taches/flux?liste=moi", buffered=False)
    looks, answered = iter(stream.response), site.task(three["PAT-UN"])
    assert next(looks) == b"retry: 3000\n\n"
    assert answered.encode() in next(looks)
    assert next(looks) == b": \n\n"
    with site.context.database.begin() as session:
        site.context.engine.complete(session, task=answered, variables={}, actor=site.doctor.id)
    told = next(looks)
    assert told.startswith(b"data: ")
    assert answered.encode() not in told
    stream.close()


def test_a_stream_ends_with_the_session_and_never_holds_more_than_its_threads(
    site: Site, three: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PAUSE", 0.01)
    client = site.client(site.doctor)
    first, second = (client.get("/taches/flux?liste=moi", buffered=False) for _ in range(2))
    assert client.get("/taches/flux?liste=moi").status_code == 204
    words = b"".join(first.response)
    assert site.task(three["PAT-UN"]).encode() in words
    assert words.count(b"data: ") == 1
    first.close()
    opened = iter(second.response)
    assert next(opened) == b"retry: 3000\n\n"
    client.post("/deconnexion", data={"_csrf": client.csrf})
    assert b"data: " not in b"".join(opened)
    second.close()


def test_each_key_can_be_switched_off_and_the_theme_is_kept(site: Site) -> None:
    client = site.client(site.doctor)
    kept = changed(site, client, "/compte/raccourcis", touche=["j", "/"], theme="dark")
    assert kept.status_code == 303
    page = client.get("/taches").text
    assert 'data-silent="Enter a ?"' in page
    assert 'data-theme="dark"' in page
    assert changed(site, client, "/compte/raccourcis", theme="rose").status_code == 422


def test_the_service_worker_keeps_the_frame_and_no_page(site: Site) -> None:
    client = site.client()
    script = client.get("/service-worker.js")
    assert script.headers["Cache-Control"] == "no-cache"
    assert "/hors-ligne" in script.text
    kept = re.findall(r"\"(/[a-z][^\"]*)\"", script.text)
    assert {one for one in kept if not one.startswith("/static/")} == {"/hors-ligne", "/taches"}
    assert script.text.count("/taches") == 1, "a message's press leads there; the page is never kept"
    assert "Pas de réseau ici" in client.get("/hors-ligne").text
    assert client.get("/manifest.webmanifest").json["start_url"] == "/taches"
