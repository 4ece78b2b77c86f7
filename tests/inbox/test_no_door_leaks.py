"""Planted words never come out of a door for whom the rules refuse them: every page and REST address is asked."""

from dataclasses import replace
from random import Random

from flask.testing import FlaskClient

from care import cases, circle, consents
from care.consents import Reach
from people import persons
from people.persons import Person
from tests.inbox.conftest import TENANT, Site
from tests.support.rights_oracle import Someone, Word, Work, World

NAME, ANSWER, PROOF = "ZZIDENTITEZZ", "ZZCLINIQUEZZ", "ZZPREUVEZZ"
KINDS = (
    "medecin_traitant", "ide_liberale", "pharmacien_officine", "assistant_social", "coordinateur", "admin",
)  # fmt: skip
NOT_ASKED = frozenset({"static", "live.stream"})


class Town:
    """A case with planted words, people of every lane, and a random circle, consents and oppositions around it."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.dice, self.world = site, Random(seed), World()
        self.case = site.open_case(f"PAT-{NAME}", in_circle=False)
        self.people = [self.person(role) for role in KINDS]
        with site.context.database.begin() as session:
            found = cases.case(session, self.case)
            self.world.cases[self.case] = (found.patient, found.pathway)
            for who in self.people[:4]:
                if self.dice.random() < 0.5:
                    role = next(iter(who.roles))
                    circle.add(session, site.clock, TENANT, found.patient, who.id, role, "essai")
                    self.world.parts.append((found.patient, who.id, role, False))
            nurse = self.people[1].id
            values = {"pa_sys": 158, "pa_dia": 92, "ordonnance": ANSWER}
            site.context.engine.complete(session, task=self.open_task(session), variables=values, actor=nurse)
            self.task = self.open_task(session)
            self.words(session, found.patient)
        self.world.tasks.append(Work(self.task, self.case, {"medecin_traitant"}, None))

    def person(self, role: str) -> Person:
        mail, code = f"{role}@loire-sucs.test", "" if role in KINDS[3:] else "10"
        with self.site.context.database.begin() as session:
            made = persons.add(
                session, TENANT, family_name="DEMO", given_name=role, profession_code=code, email=mail, roles=[role]
            )
        self.world.people[made.id] = Someone(made.id, {role}, bool(code))
        return made

    def words(self, session, patient: str) -> None:
        clock, vault, who = self.site.clock, self.site.context.vault, self.dice.choice(self.people)
        for reach in (Reach("all", "person", who.id), Reach("all", "category", "social")):
            word = Word(patient, reach.scope, reach.audience, reach.recipient, self.case)
            if self.dice.random() < 0.5:
                consents.oppose(session, clock, TENANT, patient, reach=reach, proof=(vault, PROOF))
                self.world.refusals.append(word)
            else:
                given = {"case": self.case, "patient": patient, "mode": "oral", "recorded_by": who.id}
                consents.record(session, clock, TENANT, **given, reach=reach, proof=(vault, PROOF))
                self.world.agreements.append(word)

    def open_task(self, session) -> str:
        query = f"SELECT id FROM task WHERE run = '{self.case}' AND state = 'open'"
        return str(session.connection().exec_driver_sql(query).scalar_one())

    def addresses(self, client: FlaskClient) -> list[str]:
        """Every address that answers to GET and needs no more than this case or this task."""
        known = {"case_id": self.case, "case": self.case, "task_id": self.task, "task": self.task, "key": "suites"}
        known |= {"patient": self.world.cases[self.case][0], "patient_id": self.world.cases[self.case][0]}
        rules = [
            rule
            for rule in client.application.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_ASKED and rule.arguments <= known.keys()
        ]
        with client.application.test_request_context():
            adapter = client.application.url_map.bind("localhost")
            found = [adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments}) for rule in rules]
        lists = [f"/taches?liste={tab}" for tab in ("roles", "retard")] + [f"/taches?q={NAME}", f"/dossiers?q={NAME}"]
        programs = [f"/api/tasks?list={tab}" for tab in ("moi", "roles", "retard")] + [f"/api/cases?q={NAME}"]
        return sorted({*found, *lists, *programs})

    def allowed(self, who: Person) -> set[str]:
        """Which of the planted words this person may read somewhere."""
        one = self.world.people[who.id]
        task = any(self.world.sees_task(one, each) for each in self.world.tasks)
        answered = who is self.people[1]
        seen = self.world.sees_of_case(one, self.case, involved=task or answered) or set()
        words = {NAME} if "identite" in seen else set()
        words |= {ANSWER} if "clinique" in seen else set()
        return words | ({PROOF} if seen else set())


def test_no_address_shows_a_planted_word_to_whom_the_rules_refuse_it(site: Site, capsys) -> None:
    seed = len(site.context.database.engine.dialect.name)  # another town on each of the two servers
    town, shown = Town(site, seed), set()
    for who in town.people:
        client, allowed = site.client(replace(who)), town.allowed(who)
        for address in town.addresses(client):
            text = client.get(address, headers={"Accept": "*/*"}).text
            leaked = {word for word in (NAME, ANSWER, PROOF) if word in text} - allowed
            echoed = {NAME} if NAME in address else set()
            assert not leaked - echoed, (seed, who.roles, address)
            shown |= {word for word in allowed if word in text}
    assert NAME in shown, "somebody must see it, else nothing was tried"
    assert not [word for word in (NAME, ANSWER, PROOF) if word in capsys.readouterr().out]
