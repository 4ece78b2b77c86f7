"""Over random circles, consents, oppositions, absences and emergencies, the guard says what the rules say."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, literal, select, update

from base.errors import Forbidden
from care import cases, circle, consents, guard, patients
from care.consents import Reach
from care.identity import Identity
from care.rights_tables import break_glass
from care.standing import standing_of
from engine.decisions import read
from pathways.sharing import ALLOWED, ASK, SHIPPED
from people import persons
from people.persons import Person
from people.rosters.tables import absence, delegation, stand_in
from people.tables import person as people_rows
from tests.support.rights_oracle import LANES, RUNNING, Glass, Someone, Word, Work, World

WORLDS = 8
LATER, EARLIER = timedelta(hours=3), timedelta(hours=-3)
tasks = Table(
    "oracle_task", MetaData(), Column("name", String(40), primary_key=True), Column("run", String(16)),
    Column("assignee", String(16)),
)  # fmt: skip
offers = Table("oracle_offer", tasks.metadata, Column("task", String(40)), Column("role", String(40)))


class Territory:
    """A random world, and the rows that say the same."""

    def __init__(self, session, vault, clock, seed):
        self.session, self.vault, self.clock, self.dice = session, vault, clock, Random(seed)
        self.world, self.persons, self.opened = World(), {}, {}
        for build in (self.people, self.cases, self.absences, self.circles, self.words, self.glasses, self.work):
            build()

    def people(self):
        for n in range(9):
            roles = set(self.dice.sample(sorted(LANES), self.dice.choice((1, 1, 2))))
            code = self.dice.choice(("10", ""))
            made = persons.add(
                self.session, "demo", family_name=f"DEMO-{n}", given_name="X", roles=roles, profession_code=code
            )
            self.persons[made.id] = made
            self.world.people[made.id] = Someone(made.id, roles, bool(code), active=self.dice.random() > 0.15)
        gone = [one.id for one in self.world.people.values() if not one.active]
        self.session.execute(update(people_rows).where(people_rows.c.id.in_(gone)).values(active=False))

    def cases(self):
        for n in range(3):
            identity = Identity(f"PAT-{n}", ("Anne",), "F", date(1950, 1, 1))
            patient = patients.admit(self.session, self.vault, self.clock, "demo", identity, "PROV").id
            for pathway in ("avc", "sortie")[: self.dice.choice((1, 2))]:
                made = cases.open_case(
                    self.session, self.vault, self.clock, "demo",
                    patient=patient, pathway=pathway, pathway_version=1, title="",
                )  # fmt: skip
                self.world.cases[made.id] = (patient, pathway)
                self.opened[made.id] = made

    def absences(self):
        known = list(self.world.people.values())
        for one in self.dice.sample(known, 3):
            one.absent = True
            self._write(absence, person=one.id, id=one.id, reason="conges", way="role", note="", substitute=None)
        for one in known:
            present = [other for other in known if not other.absent and other is not one]
            if one.absent and self.dice.random() < 0.6:
                other = self.dice.choice(present)
                other.replaces.add(one.id)
                self._write(stand_in, person=one.id, stand_in=other.id, absence=one.id)
        one, other = self.dice.sample(known, 2)
        other.serves.add(one.id)
        self._write(delegation, id="d1", person=one.id, delegate=other.id, granted_by=one.id)

    def _write(self, table, **said):
        now = self.clock.now()
        usual = {"tenant": "demo", "since": now + EARLIER, "until": now + LATER, "planned_until": now + LATER}
        usual |= {"declared_by": "x", "declared_at": now, "granted_at": now, "case": None}
        values = {name: value for name, value in (usual | said).items() if name in table.c}
        self.session.execute(insert(table).values(values))

    def circles(self):
        for _ in range(9):
            who, case = self.dice.choice(list(self.persons.values())), self.dice.choice(list(self.opened.values()))
            role = self.dice.choice([*sorted(who.roles), "medecin_traitant"])
            left = self.dice.random() < 0.2
            if any(part[:3] == (case.patient, who.id, role) for part in self.world.parts):
                continue
            circle.add(self.session, self.clock, "demo", case.patient, who.id, role, "essai")
            if left:
                circle.leave(self.session, self.clock, case.patient, who.id, role)
            self.world.parts.append((case.patient, who.id, role, left))

    def words(self):
        for n in range(7):
            case, refusal = self.dice.choice(list(self.opened.values())), n % 2 == 0
            audience = self.dice.choice(("all", "person", "category"))
            recipient = {
                "person": self.dice.choice(list(self.persons)),
                "category": self.dice.choice(("social", "sante")),
            }
            scope = self.dice.choice(("all", case.pathway, "autre-parcours", *(() if refusal else ("case",))))
            reach = Reach(scope, audience, recipient.get(audience), self.dice.choice(("soins", "soins", "dmp")))
            over = self.dice.random() < 0.4
            word = Word(case.patient, scope, audience, reach.recipient, case.id, over, reach.purpose)
            if refusal:
                known = {
                    (one.patient, one.scope, one.audience, one.recipient, one.purpose) for one in self.world.refusals
                }
                if (word.patient, scope, audience, word.recipient, word.purpose) in known:
                    continue
                row = consents.oppose(self.session, self.clock, "demo", case.patient, reach=reach)
                self.world.refusals.append(word)
            else:
                said = {"case": case.id, "patient": case.patient, "mode": "oral", "recorded_by": "x", "reach": reach}
                row = consents.record(self.session, self.clock, "demo", **said).id
                self.world.agreements.append(word)
            if over:
                consents.end(
                    self.session, self.clock, case.patient, "opposition" if refusal else "consent", row, by="x"
                )

    def glasses(self):
        carers = [one for one in self.world.people.values() if one.kind == "sante"]
        for n, who in enumerate(self.dice.sample(carers, min(2, len(carers)))):
            glass = Glass(
                self.dice.choice(list(self.opened)), who.id, self.dice.random() < 0.3, self.dice.random() < 0.3
            )
            until = self.clock.now() + (timedelta(0) if glass.expired else LATER)
            self._write(
                break_glass, id=f"g{n}", case=glass.case, person=who.id, role="", reason=b"", vital=False,
                over_opposition=glass.over_opposition, until=until,
            )  # fmt: skip
            self.world.glasses.append(glass)

    def work(self):
        for n in range(10):
            roles = set(self.dice.sample(sorted(LANES), self.dice.choice((1, 2))))
            assignee = self.dice.choice([None, None, *self.persons])
            task = Work(f"t{n}", self.dice.choice(list(self.opened)), roles, assignee)
            self.world.tasks.append(task)
            self.session.execute(insert(tasks).values(name=task.name, run=task.case, assignee=assignee))
            self.session.execute(insert(offers), [{"task": task.name, "role": role} for role in sorted(roles)])

    @property
    def now(self):
        return {"now": self.clock.now()}

    def shown_tasks(self, who: Person) -> set[str]:
        columns = {"case_column": tasks.c.run, "role_column": offers.c.role, "assignee_column": tasks.c.assignee}
        condition = guard.visible_tasks(who, tenant="demo", offers=offers.c.task == tasks.c.name, **columns)
        return set(self.session.scalars(select(tasks.c.name).where(condition), self.now))

    def listed_cases(self, who: Person, involved: bool) -> set[str]:
        own = cases.rows
        condition = guard.visible_cases(
            who, tenant="demo", case_column=own.c.id, involved=literal(involved) == literal(True)
        )
        return set(self.session.scalars(select(own.c.id).where(own.c.tenant == "demo", condition), self.now))

    def seen(self, who: Person, case: str, involved: bool) -> set[str] | None:
        try:
            found = guard.see_case(self.session, who, case, now=self.clock.now(), involved=involved)
        except Forbidden:
            return None
        return set(found.categories)


@pytest.fixture
def territories(database, vault, clock):
    """One random world after the other, each in a transaction that leaves nothing behind."""

    def each():
        for seed in range(WORLDS):
            with database.begin() as session:
                tasks.metadata.create_all(session.connection())
                yield seed, Territory(session, vault, clock, seed)
                session.rollback()

    return each


def test_the_guard_shows_each_task_to_those_whom_the_rules_name_and_to_nobody_else(territories):
    shown = 0
    for seed, place in territories():
        for who in place.persons.values():
            expected = {
                task.name for task in place.world.tasks if place.world.sees_task(place.world.people[who.id], task)
            }
            assert place.shown_tasks(who) == expected, (seed, who.roles)
            shown += len(expected)
    assert shown > 100


def test_the_guard_opens_each_case_with_the_categories_that_the_rules_name(territories):
    outcomes = set()
    for seed, place in territories():
        for who in place.persons.values():
            one = place.world.people[who.id]
            for involved in (False, True):
                listed = place.listed_cases(who, involved)
                for case in place.opened:
                    expected = place.world.sees_of_case(one, case, involved=involved)
                    assert place.seen(who, case, involved) == expected, (seed, who.roles, involved)
                    assert (case in listed) == (expected is not None), (seed, who.roles, involved)
                    outcomes.add(None if expected is None else len(expected))
    assert {None, 2, 9} < outcomes


def test_the_guard_agrees_with_the_decision_table_of_consent(territories):
    """Whoever runs the cases apart, a case is open when the table allows it, or would ask and it is an emergency."""
    table, asked = read(SHIPPED.read_bytes()), set()
    for seed, place in territories():
        world = place.world
        for who in (one for one in place.persons.values() if not one.roles & RUNNING):
            one = world.people[who.id]
            for case, opened in place.opened.items():
                if world.has_broken(one, case, over=True):
                    continue  # opened under another table than the one that comes with Jalon
                standing = standing_of(place.session, who, opened, place.clock.now())
                said = {
                    "opposition": standing.opposed,
                    "urgence_vitale": False,
                    "destinataire_dans_equipe": bool(standing.roles) or standing.stands_in,
                    "destinataire_categorie": one.kind,
                    "consentement": "oui" if standing.agreed else "absent",
                }
                outcome = table.evaluate("partage_autorise", said).value["decision"]
                is_open = outcome == ALLOWED or (outcome == ASK and standing.broken)
                assert (place.seen(who, case, involved=False) is not None) == is_open, (seed, said)
                asked.add((outcome, is_open))
    assert {(ALLOWED, True), (ASK, False), (ASK, True), ("refus", False)} <= asked
