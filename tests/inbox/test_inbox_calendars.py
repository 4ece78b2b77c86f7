"""What has to be answered, in one's own agenda: dates and links, never a word of whom or what it is about."""

from datetime import timedelta

from icalendar import Calendar as Agenda

from people.rosters import absences
from people.rosters.absences import Wish
from tests.inbox.conftest import TENANT, Site

FORBIDDEN = ("PAT-TROIS", "Dominique", "Suites", "Consultation", "precoce", "Beauzac")


def made(site: Site, client, kind: str = "tasks") -> str:
    answer = client.post("/api/calendars", json={"kind": kind}, headers={"X-CSRF-Token": client.csrf})
    assert answer.status_code == 201, answer.text
    url = answer.json["url"]
    return str(url[url.index("/agenda/") :])


def entries(site: Site, path: str, name: str = "VEVENT") -> list:
    answer = site.client().get(path)
    assert answer.status_code == 200
    assert not [word for word in FORBIDDEN if word in answer.text]
    return Agenda.from_ical(answer.data).walk(name)


def test_an_agenda_shows_until_when_to_answer_and_nothing_else(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    task = site.task(case)
    client = site.client(site.doctor)
    due = client.get(f"/api/tasks/{task}").json["due_at"]
    path = made(site, client)
    [entry] = entries(site, path)
    assert (str(entry["summary"]), str(entry["url"]).endswith(f"/taches/{task}")) == ("Tâche Jalon", True)
    assert entry.decoded("dtstart").isoformat()[:16] == due[:16]
    [todo] = entries(site, f"{path}?forme=taches", "VTODO")
    assert todo.decoded("due") == entry.decoded("dtstart")


def test_an_agenda_is_sent_again_only_when_it_has_changed(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    path = made(site, site.client(site.doctor))
    stranger = site.client()
    tag = stranger.get(path).headers["ETag"]
    site.clock.advance(timedelta(minutes=5))
    assert stranger.get(path, headers={"If-None-Match": tag}).status_code == 304
    task = site.task(case)
    with site.context.database.begin() as session:
        site.context.engine.cancel(session, run=case, reason="essai", actor=site.coordinator.id)
    assert task
    assert stranger.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert entries(site, path) == []


def test_a_substitute_finds_the_tasks_of_the_absent_in_their_own_agenda(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    path = made(site, site.client(site.colleague))
    assert entries(site, path) == []
    now, context = site.clock.now(), site.context
    wish = Wish(site.doctor.id, now, now + timedelta(days=3), "conges", absences.SUBSTITUTE, site.colleague.id, "")
    with context.database.begin() as session:
        absences.declare(session, site.clock, context.calendar, TENANT, wish, site.doctor)
    assert [str(one["uid"]) for one in entries(site, path)] == [f"{site.task(case)}@jalon"]


def test_a_link_can_be_taken_back_by_its_maker_alone(site: Site) -> None:
    doctor, nurse = site.client(site.doctor), site.client(site.nurse)
    path = made(site, doctor, "duties")
    [known] = doctor.get("/api/calendars").json["calendars"]
    assert known["kind"] == "duties"
    address = f"/api/calendars/{known['id']}"
    assert nurse.delete(address, headers={"X-CSRF-Token": nurse.csrf}).status_code == 404
    assert doctor.delete(address, headers={"X-CSRF-Token": doctor.csrf}).status_code == 204
    assert site.client().get(path).status_code == 404
    assert doctor.get("/api/calendars").json == {"calendars": []}


def test_a_page_makes_the_link_of_one_s_own_tasks(site: Site) -> None:
    doctor, lead = site.client(site.doctor), site.client(site.coordinator)
    body, headers = {"name": "Sucs", "communes": ["Beauzac"]}, {"X-CSRF-Token": lead.csrf}
    assert lead.put("/api/duty/sectors/sucs", json=body, headers=headers).json == {"key": "sucs", **body}
    page = doctor.post("/gardes/liens", data={"_csrf": doctor.csrf, "secteur": "_echeances"})
    assert "/agenda/" in page.text
    assert "Vos échéances" in page.text
