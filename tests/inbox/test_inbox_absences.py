"""Nothing waits on somebody who is away: over random rosters and hours, and through the doors."""

import base64
import io
import random
import re
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from base.errors import Conflict, Invalid
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import circle
from engine.tables import task
from inbox.desk import Desk
from inbox.lists.statements import statements
from people.rosters import delegates
from people.rosters.standing_in import away, with_taken_over
from tests.admin.test_moving import words
from tests.support.away import Practice, paris
from tests.support.contexts import make_context

ROLES = ("ide_liberale", "medecin_traitant")
HOURS = 24 * 12


class Roster(Practice):
    """Random people, cases, absences and delegates, all of them declared as people declare them."""

    def __init__(self, context, seed):
        super().__init__(context)
        self.random, self.numbers = random.Random(seed), count()
        self.people = [self.someone() for _ in range(self.random.randint(3, 6))]
        self.people.append(self.add("K", "coordinateur"))
        if self.random.random() < 0.5:
            self.people.append(self.add("L", "coordinateur", "medecin_traitant"))
        self.tasks = [self.open_somewhere() for _ in range(self.random.randint(2, 5))]

    def someone(self):
        held = self.random.choice([("ide_liberale",), ("medecin_traitant",), ROLES, ("secretaire",)])
        return self.add(f"P{next(self.numbers)}", *held)

    def open_somewhere(self):
        """A case whose task is offered to nurses: in a circle or not, in somebody's hands or not."""
        context, run = self.context, f"case{next(self.numbers)}"
        with context.database.begin() as session:
            traits = Identity(f"PAT{run}".upper(), ("Dominique",), "F", paris(1).date())
            owner = patients.admit(session, context.vault, context.clock, context.tenant, traits, "PROV")
            cases.open_case(
                session, context.vault, context.clock, context.tenant, patient=owner.id, pathway="suites",
                pathway_version=1, title="Essai", id=run,
            )  # fmt: skip
            for member in self.random.sample(self.people, self.random.randint(0, 2)):
                role = self.random.choice(sorted(member.roles))
                circle.add(session, context.clock, context.tenant, owner.id, member.id, role, "essai")
        holder = self.random.choice([None, self.random.choice(self.people)])
        return self.open(holder, run)

    def act(self):
        """One thing that somebody does; what is refused in words has not happened."""
        who, since = self.random.choice(self.people), paris(1) + timedelta(hours=self.random.randint(9, HOURS))
        try:
            if self.random.random() < 0.2:
                secretary = self.random.choice(self.people)
                with self.context.database.begin() as session:
                    delegates.grant(
                        session, self.context.clock, self.context.tenant, who.id, secretary.id, who, since=since
                    )
                return
            substitute = self.random.choice([None, self.random.choice(self.people)])
            self.leave(who, since, since + timedelta(hours=self.random.randint(1, 120)), substitute)
        except (Conflict, Invalid):
            return

    def seen_by(self, person, found):
        with self.context.database.read() as session:
            desk = Desk(session, self.context, with_taken_over(session, self.context.clock, person))
            return bool(statements(desk.person).task.first(session, {**desk.values, "id": found}).seen)

    def gone(self):
        with self.context.database.read() as session:
            return set(session.scalars(away(self.context.tenant), {"now": self.context.clock.now()}))

    def held(self):
        with self.context.database.read() as session:
            query = select(task.c.id, task.c.assignee).where(task.c.state == "open")
            return {row.id: row.assignee for row in session.execute(query)}


@pytest.mark.parametrize("seed", [0, 3, 10, 24, 28, 33])
def test_no_open_task_sits_with_somebody_absent_and_each_is_seen_by_somebody_there(settings, database, clock, seed):
    """Every task is seen at every moment, before the sweep too; after it, none is in the hands of the absent."""
    clock.instant = paris(1, 9)
    roster = Roster(make_context(settings, database, clock), seed)
    for _ in range(8):
        roster.act()
    for hour in sorted(roster.random.sample(range(1, HOURS), 7)):
        clock.instant = paris(1, 9) + timedelta(hours=hour)
        gone = roster.gone()
        there = [person for person in roster.people if person.id not in gone]
        assert there
        for moment in ("before", "after"):
            held = roster.held()
            unseen = [one for one in held if not any(roster.seen_by(person, one) for person in there)]
            assert unseen == [], (seed, hour, moment)
            roster.sweep()
        assert not gone & {holder for holder in roster.held().values() if holder}, (seed, hour)
        assert roster.sweep() == 0
        roster.act()
    clock.instant = paris(1) + timedelta(days=400)
    roster.sweep()
    assert roster.gone() == set()


def typed(client, **boxes):
    return {"_csrf": client.csrf, **boxes}


def test_a_colleague_declares_an_absence_and_the_substitute_is_told_what_arrives(site):
    """Ten o'clock on Tuesday 24 November: the doctor leaves now, and comes back on Thursday."""
    case = site.open_case()
    site.visit(case)
    site_task = site.task(case)
    doctor, colleague = site.client(site.doctor), site.client(site.colleague)
    assert doctor.post(f"/taches/{site_task}/prendre", data=typed(doctor)).status_code == 303
    boxes = {"debut": "24/11/2026", "fin": "27/11/2026", "motif": "conges", "remplacant": site.colleague.display}
    assert doctor.post("/disponibilites/absences", data=typed(doctor, **boxes)).status_code == 303
    said = colleague.get("/disponibilites").text
    assert "Vous remplacez Dr Claire DEMO-BERTHON" in said
    assert "1 tâche vous arrive" in said
    assert colleague.get(f"/api/tasks/{site_task}").json["id"] == site_task
    absence = doctor.get("/api/absences").json["absences"][0]
    assert doctor.post(f"/disponibilites/absences/{absence['id']}/fin", data=typed(doctor)).status_code == 303
    assert doctor.get("/api/tasks").json["counts"]["moi"] == 1
    assert "Vous remplacez" not in colleague.get("/disponibilites").text


def test_what_is_wrong_with_an_absence_stands_beside_its_box_and_nothing_is_lost(site):
    doctor = site.client(site.doctor)
    answer = doctor.post("/disponibilites/absences", data=typed(doctor, debut="demain", fin="27/11/2026", note="Mer"))
    assert answer.status_code == 422
    assert "Écrivez une date, par exemple 24/11/2026." in answer.text
    assert 'value="Mer"' in answer.text
    answer = doctor.post(
        "/disponibilites/absences",
        data=typed(doctor, debut="25/11/2026", fin="27/11/2026", motif="conges", remplacant="DEMO-INCONNU"),
    )
    assert (answer.status_code, "Personne de l’annuaire n’a ce nom." in answer.text) == (422, True)


def test_nobody_declares_for_a_stranger(site):
    nurse = site.client(site.nurse)
    assert nurse.get(f"/disponibilites?personne={site.doctor.id}").status_code == 403
    assert nurse.get(f"/api/absences?person={site.doctor.id}").status_code == 403
    lead = site.client(site.coordinator)
    assert lead.get(f"/disponibilites?personne={site.doctor.id}").status_code == 200


def test_a_roster_is_kept_by_program_and_followed_by_an_agenda(site):
    lead, doctor = site.client(site.coordinator), site.client(site.doctor)
    assert lead.post("/gardes/secteurs", data=typed(lead, nom="Sucs", communes="Beauzac")).status_code == 303
    again = lead.post("/gardes/secteurs", data=typed(lead, nom="SUCS", communes="Tence"))
    assert (again.status_code, "porte déjà ce nom" in again.text) == (409, True)
    assert "Beauzac" in lead.get("/gardes/organiser").text
    night = {"sector": "sucs", "since": "2026-11-24T20:00:00+01:00", "until": "2026-11-25T08:00:00+01:00"}
    headers = {"X-CSRF-Token": doctor.csrf}
    shift = doctor.post("/api/duty", json=night, headers=headers)
    assert (shift.status_code, shift.json["person"]) == (201, site.doctor.id)
    assert doctor.post("/api/duty", json=night, headers=headers).status_code == 409
    roster = doctor.get("/api/duty?since=2026-11-24&days=1").json
    assert ([one["id"] for one in roster["shifts"]], roster["gaps"]) == ([shift.json["id"]], [])
    ahead = words(lead.get("/gardes").text)
    assert re.search(r"\d+ trous à combler d’ici quatre semaines", ahead)
    assert "Le premier : mer. 25 nov. de 20:00 à 08:00" in ahead
    assert "quatre semaines" not in words(doctor.get("/gardes").text)
    page = doctor.post("/gardes/liens", data=typed(doctor))
    address = page.text.partition('class="secret">')[2].partition("<")[0]
    path = address[address.index("/agenda/") :]
    stranger = site.client()
    assert b"DEMO-BERTHON" in stranger.get(path).data
    assert stranger.get(path.replace(".ics", "x.ics")).status_code == 404
    assert stranger.get("/gardes").status_code == 303


def test_a_roster_in_a_calendar_file_says_who_is_there_and_when_before_it_is_kept(site):
    lead = site.client(site.coordinator)
    lead.post("/gardes/secteurs", data=typed(lead, nom="Sucs", communes="Beauzac"))
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:202611{day}T190000Z\r\nDTEND:202611{day + 1}T070000Z\r\n"
        f"SUMMARY:Garde de nuit\r\nATTENDEE:mailto:{mail}\r\nEND:VEVENT\r\n"
        for n, day, mail in ((1, 24, site.doctor.email), (2, 26, "inconnue@loire-sucs.test"))
    )
    agenda = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//essai//FR\r\n{events}END:VCALENDAR\r\n".encode()
    sent = typed(lead, secteur="sucs", fichier=(io.BytesIO(agenda), "gardes.ics"))
    page = words(lead.post("/gardes/importer", data=sent).text)
    assert f"mar. 24 nov. 20:00 → mer. 25 nov. 08:00 Sucs, Effection {site.doctor.display} Prête" in page
    assert "Garde de nuit, 26/11/2026 20:00, 27/11/2026 08:00 Personne de l’annuaire" in page
    assert "1 garde à ajouter, 0 déjà là, 1 à revoir" in page
    file = {"file": (io.BytesIO(agenda), "gardes.ics")}
    told = lead.post("/api/duty/imports?sector=sucs", data=file, headers={"X-CSRF-Token": lead.csrf}).json["lines"]
    assert [one["turn"] and one["turn"]["person"] for one in told] == [site.doctor.id, None]
    kept = typed(lead, secteur="sucs", contenu=base64.b64encode(agenda).decode())
    assert "1 garde ajoutée" in words(lead.post("/gardes/importer/confirmer", data=kept).text)
    assert len(lead.get("/api/duty?since=2026-11-24&days=1").json["shifts"]) == 1


def test_a_secretary_acts_for_a_doctor_who_chose_them(site):
    nurse, doctor = site.client(site.nurse), site.client(site.doctor)
    headers = {"X-CSRF-Token": doctor.csrf}
    given = doctor.post("/api/delegates", json={"delegate": site.nurse.id}, headers=headers)
    assert given.status_code == 201
    assert nurse.get(f"/api/absences?person={site.doctor.id}").json == {"absences": []}
    assert doctor.delete(f"/api/delegates/{given.json['id']}", headers=headers).status_code == 204
    assert nurse.get(f"/api/absences?person={site.doctor.id}").status_code == 403
