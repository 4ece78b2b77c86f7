"""The directory's pages and REST: who reads it, who changes what, how a file comes in."""

import io
from datetime import timedelta

from base.jobs.worker import Worker
from jalon.demo.names import rpps
from jalon.worker import build_worker
from people.directory import profiles
from people.directory.profiles import Commune, Practice, Profile
from people.rosters import duty
from people.rosters.duty import Turn
from tests.inbox.conftest import PASSWORD, TENANT, Site

FILE = (
    f"Nom;Prénom;RPPS;Profession;Commune;Code INSEE\nDEMO-NEUF;Éva;{rpps(900)};Sage-femme;Tence;43244\n;Sans nom;;;;\n"
)


def describe(site: Site) -> None:
    with site.context.database.begin() as session:
        place = Practice("cabinet", "Cabinet des Sucs", commune=Commune("43244", "Tence"), phone="04 65 71 00 07")
        said = Profile(site.nurse.id, skills=("Plaies",), new_patients=2, practices=(place,))
        profiles.save(session, site.clock, "demo", said)


def work(site: Site) -> None:
    worker: Worker = build_worker(site.context)
    while worker.run_once():
        pass


def test_everybody_finds_a_colleague_by_commune_and_reads_how_to_reach_them(site: Site) -> None:
    describe(site)
    client = site.client(site.doctor)
    page = client.get("/annuaire?q=tence").text
    assert site.nurse.display in page
    assert site.coordinator.display not in page
    person = client.get(f"/annuaire/{site.nurse.id}").text
    assert "04 65 71 00 07" in person
    assert "2 par mois" in person
    assert "Modifier la fiche" not in person


def test_nobody_reads_the_directory_without_signing_in(site: Site) -> None:
    assert site.client().get("/annuaire").status_code == 303
    assert site.client().get("/api/directory/people").status_code == 401


def test_people_keep_their_own_entry_and_nobody_elses(site: Site) -> None:
    client = site.client(site.nurse)
    said = {"_csrf": client.csrf, "skills": "Plaies, ETP AVC", "new_patients": "3", "home_visits": "on", "member": "on"}
    assert client.post(f"/annuaire/{site.nurse.id}/modifier", data=said).status_code == 303
    with site.context.database.read() as session:
        kept = profiles.profile(session, "demo", site.nurse.id)
    assert (kept.skills, kept.new_patients, kept.home_visits) == (("ETP AVC", "Plaies"), 3, True)
    assert not kept.member, "only the coordination says who is a member"
    assert client.post(f"/annuaire/{site.doctor.id}/modifier", data=said).status_code == 403


def test_a_wrong_number_is_shown_at_its_field_and_changes_nothing(site: Site) -> None:
    describe(site)
    client = site.client(site.nurse)
    refused = client.post(
        f"/annuaire/{site.nurse.id}/modifier", data={"_csrf": client.csrf, "new_patients": "beaucoup"}
    )
    assert refused.status_code == 422
    assert "Un nombre entre 0 et 500." in refused.text
    with site.context.database.read() as session:
        assert profiles.profile(session, "demo", site.nurse.id).new_patients == 2


def test_the_coordination_imports_a_file_after_reading_what_it_does(site: Site) -> None:
    client = site.client(site.coordinator)
    sent = {"_csrf": client.csrf, "file": (io.BytesIO(FILE.encode()), "annuaire.csv")}
    answer = client.post("/annuaire/imports", data=sent)
    assert answer.status_code == 303
    preview = client.get(answer.location).text
    assert "Rien n’est encore écrit." in preview
    assert "Il manque le nom ou le prénom" in preview
    assert client.post(f"{answer.location}/ecrire", data={"_csrf": client.csrf}).status_code == 303
    progress = client.get(answer.location).text
    assert "Écriture en cours" in progress
    assert "DEMO-NEUF" not in progress
    work(site)
    report = client.get(answer.location).text
    assert all(said in report for said in ("Import terminé.", "Ajoutées", "Ajoutée<", "Refusée<"))
    assert "À ajouter" not in report
    assert "Éva DEMO-NEUF" in client.get("/annuaire?q=sage+tence").text
    assert client.post(f"{answer.location}/ecrire", data={"_csrf": client.csrf}).status_code == 409


def test_an_import_is_planned_and_confirmed_by_a_program_too(site: Site) -> None:
    client = site.client(site.coordinator)
    head = {"X-CSRF-Token": client.csrf}
    planned = client.post("/api/directory/imports", headers=head, data={"file": (io.BytesIO(FILE.encode()), "a.csv")})
    assert (planned.status_code, planned.json["counts"]["add"], planned.json["counts"]["refuse"]) == (201, 1, 1)
    address = f"/api/directory/imports/{planned.json['id']}"
    assert client.post(f"{address}/confirmation", headers=head).status_code == 202
    work(site)
    report = client.get(address).json
    assert (report["state"], report["done"]) == ("done", 2)
    assert [line["label"] for line in report["lines"]] == ["Sans nom", "DEMO-NEUF Éva"]  # first what was refused
    found = client.get("/api/directory/people?q=neuf").json["people"]
    assert [one["name"] for one in found] == ["Éva DEMO-NEUF"]
    assert client.get(f"/api/directory/people/{found[0]['id']}").json["practices"][0]["commune"] == "Tence"


def test_what_is_no_list_is_refused_on_the_page_and_by_program(site: Site) -> None:
    client = site.client(site.coordinator)
    page = client.post("/annuaire/imports", data={"_csrf": client.csrf, "file": (io.BytesIO(b"\0"), "x.bin")})
    assert page.status_code == 422
    assert "pas un tableau de texte" in page.text
    none = client.post("/annuaire/imports", data={"_csrf": client.csrf})
    assert (none.status_code, "Choisissez un fichier." in none.text) == (422, True)
    program = client.post("/api/directory/imports", headers={"X-CSRF-Token": client.csrf}, data={})
    assert program.status_code == 422


def test_a_doctor_neither_imports_nor_founds_groups(site: Site) -> None:
    client = site.client(site.doctor)
    for address in ("/annuaire/imports", "/annuaire/structures", "/annuaire/groupes"):
        assert client.get(address).status_code == 403
        assert client.post(address, data={"_csrf": client.csrf}).status_code == 403


def test_groups_have_members_and_professions_a_referent(site: Site) -> None:
    client = site.client(site.coordinator)
    token = {"_csrf": client.csrf}
    made = client.post("/annuaire/groupes", data={**token, "name": "Suites d’AVC", "kind": "groupe"})
    assert made.status_code == 303
    assert client.post("/annuaire/groupes", data={**token, "name": "Suites d’AVC", "kind": "groupe"}).status_code == 409
    client.post(f"{made.location}/membres", data={**token, "person": site.nurse.id})
    assert site.nurse.display in client.get(made.location).text
    client.post(f"{made.location}/membres", data={**token, "person": site.nurse.id, "leave": "1"})
    assert "Personne pour l’instant" in client.get(made.location).text
    code = site.nurse.profession_code
    named = client.post("/annuaire/referents", data={**token, "profession": code, "person": site.nurse.id})
    assert named.status_code == 303
    assert "référent de sa profession" in client.get(f"/annuaire/{site.nurse.id}").text


def test_structures_are_added_changed_and_never_doubled(site: Site) -> None:
    client = site.client(site.coordinator)
    said = {"_csrf": client.csrf, "name": "Pharmacie des Sucs", "kind": "pharmacie", "finess": "439990011"}
    assert client.post("/annuaire/structures", data=said).status_code == 303
    assert client.post("/annuaire/structures", data={**said, "name": "Une autre"}).status_code == 409
    assert client.post("/annuaire/structures", data={**said, "finess": "12"}).status_code == 422
    (found,) = client.get("/api/directory/structures").json
    assert (found["name"], found["finess"]) == ("Pharmacie des Sucs", "439990011")


def test_who_leaves_is_let_in_no_more_once_nothing_is_in_their_hands(site: Site) -> None:
    nurse, other, lead = (site.client(one) for one in (site.nurse, site.colleague, site.coordinator))
    here, address = f"/annuaire/{site.nurse.id}", f"/api/directory/people/{site.nurse.id}/departure"
    task, headers = site.task(site.open_case()), {"X-CSRF-Token": lead.csrf}
    assert nurse.post(f"/taches/{task}/prendre", data={"_csrf": nurse.csrf}).status_code == 303
    assert other.post(f"{here}/depart", data={"_csrf": other.csrf}).status_code == 403
    told = lead.put(address, headers=headers)
    assert (told.status_code, told.json["code"]) == (409, "tasks-held")
    nurse.post(f"/taches/{task}/rendre", data={"_csrf": nurse.csrf})
    start = site.clock.now() + timedelta(days=2)
    with site.context.database.begin() as session:
        duty.write_sector(session, TENANT, site.coordinator, "sucs", "Sucs", [])
        turn = Turn("sucs", "effection", start, start + timedelta(hours=8), site.nurse.id)
        duty.write(session, site.clock, site.context.calendar, TENANT, turn, site.coordinator)
    assert lead.post(f"{here}/depart", data={"_csrf": lead.csrf}).status_code == 303
    assert nurse.get("/api/tasks").status_code == 401
    assert site.client().post("/connexion", data={"login": site.nurse.email, "password": PASSWORD}).status_code == 401
    with site.context.database.read() as session:
        assert duty.of_person(session, TENANT, site.nurse.id, start, start + timedelta(hours=8)) == []
    assert site.nurse.display not in other.get("/annuaire").text
    assert other.get(here).status_code == 404
    assert "Cette fiche est désactivée" in lead.get(here).text
    assert lead.put(address, headers=headers).status_code == 409
    assert lead.put(f"/api/directory/people/{site.coordinator.id}/departure", headers=headers).status_code == 409
    assert lead.delete(address, headers=headers).status_code == 204
    assert nurse.get("/api/tasks").status_code == 401, "back, but not in a session of before"
    assert site.client().post("/connexion", data={"login": site.nurse.email, "password": PASSWORD}).status_code == 303
