from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select, update

from base.errors import Forbidden, NotFound
from care import guard
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import circle, consents
from care.sharing.visibility import CATEGORIES
from people import persons
from people.tables import person as people

ALL, WHO = frozenset(CATEGORIES), frozenset({"identite", "administratif"})

tasks = Table(
    "guarded_task",
    MetaData(),
    Column("name", String(40), primary_key=True),
    Column("run", String(16)),
    Column("role", String(40)),
    Column("assignee", String(16)),
)

offers = Table("guarded_offer", tasks.metadata, Column("task", String(40)), Column("role", String(40)))


class Place:
    """A territory with two cases; people are made by their role."""

    def __init__(self, database, session, vault, clock):
        self.session, self.clock, self.vault = session, clock, vault
        tasks.metadata.create_all(session.connection())
        self.one, self.two = (self.case(name) for name in ("PAT-UN", "PAT-DEUX"))

    @property
    def now(self):
        return {"now": self.clock.now()}

    def case(self, name, pathway="post-avc", tenant="demo"):
        identity = Identity(name, ("Anne",), "F", date(1950, 1, 1))
        patient = patients.admit(self.session, self.vault, self.clock, tenant, identity, "PROV")
        return cases.open_case(
            self.session,
            self.vault,
            self.clock,
            tenant,
            patient=patient.id,
            pathway=pathway,
            pathway_version=1,
            title="",
        )

    def person(self, *roles, profession=""):
        named = {"family_name": "DEMO", "given_name": "X", "profession_code": profession}
        return persons.add(self.session, "demo", roles=roles, **named)

    def joins(self, person, case, role):
        circle.add(self.session, self.clock, "demo", case.patient, person.id, role, "test")

    def task(self, name, case, role=None, assignee=None):
        holder = assignee.id if assignee else None
        self.session.execute(insert(tasks).values(name=name, run=case.id, role=role, assignee=holder))

    def offer(self, name, case, *roles):
        self.task(name, case)
        self.session.execute(insert(offers), [{"task": name, "role": role} for role in roles])

    def seen_offers(self, person):
        columns = {"case_column": tasks.c.run, "role_column": offers.c.role, "assignee_column": tasks.c.assignee}
        condition = guard.visible_tasks(person, tenant="demo", offers=offers.c.task == tasks.c.name, **columns)
        return set(self.session.execute(select(tasks.c.name).where(condition), self.now).scalars())

    def seen(self, person, tenant="demo"):
        columns = {"case_column": tasks.c.run, "role_column": tasks.c.role, "assignee_column": tasks.c.assignee}
        condition = guard.visible_tasks(person, tenant=tenant, **columns)
        return set(self.session.execute(select(tasks.c.name).where(condition), self.now).scalars())

    def listed(self, person, involved=None):
        own = cases.rows
        columns = {"case_column": own.c.id, "patient_column": own.c.patient}
        condition = guard.visible_cases(person, tenant="demo", **columns, involved=involved)
        return set(self.session.execute(select(own.c.id).where(own.c.tenant == "demo", condition), self.now).scalars())

    def sight(self, person, case, **more):
        return guard.see_case(self.session, person, case.id, now=self.clock.now(), **more).categories


@pytest.fixture
def place(database, vault, clock):
    with database.begin() as session:
        yield Place(database, session, vault, clock)
        session.rollback()


def test_a_task_is_open_to_all_of_its_role_when_the_circle_has_nobody_for_it(place):
    place.task("visit", place.one, "ide_liberale")
    assert place.seen(place.person("ide_liberale", "osnp")) == {"visit"}
    assert place.seen(place.person("pharmacien_officine")) == set()
    assert place.seen(place.person()) == set()


def test_a_task_is_for_the_one_who_holds_its_role_in_the_circle(place):
    hers, other = place.person("medecin_traitant"), place.person("medecin_traitant")
    place.joins(hers, place.one, "medecin_traitant")
    place.task("consult one", place.one, "medecin_traitant")
    place.task("consult two", place.two, "medecin_traitant")
    assert place.seen(hers) == {"consult one", "consult two"}
    assert place.seen(other) == {"consult two"}


def test_another_role_in_the_circle_does_not_hold_the_task_back(place):
    doctor, nurse = place.person("medecin_traitant"), place.person("ide_liberale")
    place.joins(doctor, place.one, "medecin_traitant")
    place.task("visit", place.one, "ide_liberale")
    assert place.seen(nurse) == {"visit"}
    assert place.seen(doctor) == set()


def test_a_role_in_the_circle_is_not_enough_without_the_role_itself_and_holds_no_task_back(place):
    former, other = place.person("osnp"), place.person("medecin_traitant")
    place.joins(former, place.one, "medecin_traitant")
    place.task("consult", place.one, "medecin_traitant")
    assert place.seen(former) == set()
    assert place.seen(other) == {"consult"}


def test_a_task_is_seen_by_whom_it_is_assigned_to(place):
    named = place.person()
    place.task("opinion", place.one, "ipa", named)
    place.task("without a role", place.one, None, named)
    assert place.seen(named) == {"opinion", "without a role"}


def test_who_left_the_circle_or_the_territory_holds_no_task_back(place):
    left, gone, other = (place.person("medecin_traitant") for _ in range(3))
    place.joins(left, place.one, "medecin_traitant")
    place.joins(gone, place.one, "medecin_traitant")
    place.task("consult", place.one, "medecin_traitant")
    circle.leave(place.session, place.clock, place.one.patient, left.id)
    assert place.seen(other) == set()
    place.session.execute(update(people).where(people.c.id == gone.id).values(active=False))
    assert place.seen(other) == {"consult"}
    assert place.seen(left) == {"consult"}


def test_nobody_sees_the_tasks_of_a_person_who_is_opposed(place):
    doctor = place.person("medecin_traitant")
    place.joins(doctor, place.one, "medecin_traitant")
    place.task("consult", place.one, "medecin_traitant", doctor)
    consents.oppose(place.session, place.clock, "demo", place.one.patient, "another-pathway")
    assert place.seen(doctor) == {"consult"}
    consents.oppose(place.session, place.clock, "demo", place.one.patient)
    assert place.seen(doctor) == set()
    consents.lift(place.session, place.clock, place.one.patient)
    assert place.seen(doctor) == {"consult"}


def test_an_opposition_to_one_pathway_hides_that_pathway_alone(place):
    nurse = place.person("ide_liberale")
    place.task("visit", place.one, "ide_liberale")
    consents.oppose(place.session, place.clock, "demo", place.one.patient, "post-avc")
    assert place.seen(nurse) == set()


def test_nothing_of_another_tenant_is_seen(place):
    nurse = place.person("ide_liberale", "coordonnateur_medical")
    place.task("visit", place.one, "ide_liberale", nurse)
    assert place.seen(nurse, tenant="other") == set()
    stranger = replace(nurse, tenant="other")
    assert place.seen(stranger) == set()
    assert place.listed(stranger) == set()
    with pytest.raises(NotFound):
        place.sight(stranger, place.one)


def test_the_condition_holds_inside_a_statement_that_reads_the_same_tables(place):
    hers, other = place.person("medecin_traitant"), place.person("medecin_traitant")
    place.joins(hers, place.one, "medecin_traitant")
    place.task("consult", place.one, "medecin_traitant")
    columns = {"case_column": tasks.c.run, "role_column": tasks.c.role, "assignee_column": tasks.c.assignee}
    for person, expected in ((hers, ["consult"]), (other, [])):
        statement = (
            select(tasks.c.name)
            .select_from(
                tasks.join(cases.rows, cases.rows.c.id == tasks.c.run).join(circle.rows, circle.rows.c.role != "")
            )
            .where(guard.visible_tasks(person, tenant="demo", **columns))
        )
        assert list(place.session.execute(statement, place.now).scalars()) == expected


def test_the_circle_sees_the_whole_case_and_others_nothing(place):
    doctor, other = place.person("medecin_traitant"), place.person("medecin_traitant")
    place.joins(doctor, place.one, "medecin_traitant")
    assert place.sight(doctor, place.one) == ALL
    with pytest.raises(Forbidden, match=r"^Vous n’êtes pas dans le cercle de soins"):
        place.sight(other, place.one)
    assert place.sight(other, place.one, involved=True) == ALL
    assert place.listed(doctor) == {place.one.id}
    assert place.listed(other) == set()


def test_the_coordinator_sees_who_and_how_far_but_nothing_clinical_outside_the_team(place):
    coordinator, nurse = place.person("coordinateur"), place.person("coordinateur", profession="60")
    for person in (coordinator, nurse):
        assert place.sight(person, place.one) == WHO
        assert place.sight(person, place.one, involved=True) == WHO
        place.joins(person, place.two, "coordinateur")
        assert place.listed(person) == {place.one.id, place.two.id}
    assert place.sight(coordinator, place.two) == WHO
    assert place.sight(nurse, place.two) == ALL, "a health professional of the team sees what the team sees"


def test_the_clinical_lead_sees_every_case_whole(place):
    lead = place.person("coordonnateur_medical")
    assert place.sight(lead, place.one) == ALL
    assert place.listed(lead) == {place.one.id, place.two.id}


def test_the_operator_sees_no_case(place):
    operator = place.person("admin")
    assert place.listed(operator) == set()
    with pytest.raises(Forbidden):
        place.sight(operator, place.one)


def test_each_lane_sees_its_own_categories(place):
    lanes = {
        "assistant_social": {"fonction", "social"}, "dac": {"fonction", "social"}, "transporteur": {"deplacement"},
        "secretaire": set(), "prado_cam": set(), "pharmacien_officine": {"traitements", "constantes"},
        "kinesitherapeute": {"fonction", "deplacement"},
    }  # fmt: skip
    for role, more in lanes.items():
        person = place.person(role)
        place.joins(person, place.one, role)
        assert place.sight(person, place.one) == WHO | more
        assert place.sight(person, place.two, involved=True) == WHO | more


def test_an_opposition_closes_the_case_but_to_those_who_must_end_it(place):
    doctor = place.person("medecin_traitant")
    place.joins(doctor, place.one, "medecin_traitant")
    consents.oppose(place.session, place.clock, "demo", place.one.patient)
    with pytest.raises(Forbidden) as refusal:
        place.sight(doctor, place.one, involved=True)
    assert refusal.value.code == "opposed"
    assert place.listed(doctor) == set()
    for role in ("coordinateur", "coordonnateur_medical"):
        assert place.sight(place.person(role), place.one) == WHO


def test_a_case_is_listed_for_who_took_part_in_it(place):
    nurse = place.person("ide_liberale")
    place.task("done", place.two, "ide_liberale", nurse)
    took_part = select(tasks.c.name).where(tasks.c.run == cases.rows.c.id, tasks.c.assignee == nurse.id).exists()
    assert place.listed(nurse, took_part) == {place.two.id}


def test_an_unknown_case_is_not_found(place):
    with pytest.raises(NotFound):
        guard.see_case(place.session, place.person("coordonnateur_medical"), "unknown", now=place.clock.now())


def test_a_task_offered_to_several_roles_is_seen_by_each_of_them(place):
    nurse, practitioner, doctor = place.person("ide_liberale"), place.person("ipa"), place.person("medecin_traitant")
    place.offer("bilan", place.one, "ide_liberale", "ipa")
    assert place.seen_offers(nurse) == place.seen_offers(practitioner) == {"bilan"}
    assert place.seen_offers(doctor) == set()


def test_a_task_that_nobody_could_answer_is_seen_by_the_coordinators(place):
    coordinator, doctor = place.person("coordinateur"), place.person("medecin_traitant")
    place.task("perdue", place.one, role="secretaire")
    place.task("suivie", place.one, role="medecin_traitant")
    assert place.seen(coordinator) == {"perdue"}
    assert place.seen(doctor) == {"suivie"}
    place.person("secretaire")
    assert place.seen(coordinator) == set()


def test_a_task_offered_to_a_role_that_somebody_holds_is_not_the_coordinators(place):
    coordinator, _ = place.person("coordinateur"), place.person("ipa")
    place.offer("bilan", place.one, "ide_liberale", "ipa")
    place.offer("orphelin", place.one, "ergotherapeute", "psychologue")
    assert place.seen_offers(coordinator) == {"orphelin"}
