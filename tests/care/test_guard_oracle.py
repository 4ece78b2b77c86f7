"""Over worlds drawn at random (circles, consents, oppositions, absences, emergencies, roles acted in) the guard says
what the rules say.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Column, MetaData, String, Table, insert, literal, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.errors import Forbidden
from base.vault import Vault
from care import guard
from care.case import cases
from care.sharing.standing import Standing, standing_of
from care.tables import patient as patients
from engine.decisions import read
from pathways.sharing import ALLOWED, ASK, SHIPPED
from people import persons
from people.persons import Person
from people.tables import person as people
from people.tables import person_role
from tests.support.rights_oracle import RUNNING, World
from tests.support.rights_rows import Rows
from tests.support.rights_worlds import worlds

WORLDS = int(os.environ.get("JALON_WORLDS", "20"))
tasks = Table(
    "oracle_task", MetaData(), Column("name", String(40), primary_key=True), Column("run", String(16)),
    Column("assignee", String(16)),
)  # fmt: skip
offers = Table("oracle_offer", tasks.metadata, Column("task", String(40)), Column("role", String(40)))


class Territory:
    """The rows that say what a drawn world says, and what the guard makes of them."""

    def __init__(self, session: Session, vault: Vault, clock: Clock, world: World) -> None:
        self.session, self.world, self.now = session, world, clock.now()
        self.rows = Rows(session, vault, world, self.now)
        self._people()
        self._cases()
        self.rows.write_all()
        self._tasks()

    @cached_property
    def persons(self) -> dict[str, Person]:
        """Each in the roles in which they act."""
        found = persons.persons(self.session, list(self.world.people))
        return {key: replace(who, roles=frozenset(self.world.people[key].roles)) for key, who in found.items()}

    @cached_property
    def opened(self) -> dict[str, cases.Case]:
        return {key: cases.case(self.session, key) for key in self.world.cases}

    def _people(self) -> None:
        known = self.world.people.values()
        unsaid = dict.fromkeys(("given_name", "title", "profession_name", "phone", "email"), "")
        for one in known:
            code = "10" if one.professional else ""
            self.rows.write(people, **unsaid, id=one.id, family_name=one.id, profession_code=code, active=one.active)
        for one in known:
            for role in sorted(one.held):
                self.rows.write(person_role, person=one.id, role=role)

    def _cases(self) -> None:
        for patient in sorted({patient for patient, _ in self.world.cases.values()}):
            self.rows.write(
                patients, id=patient, identity=b"", status="PROV", traits_blind=patient, created_at=self.now
            )
        for key, (patient, pathway) in self.world.cases.items():
            known = {"patient": patient, "pathway": pathway, "pathway_version": 1, "title": ""}
            self.rows.write(cases.rows, id=key, **known, opened_at=self.now)

    def _tasks(self) -> None:
        for task in self.world.tasks:
            self.session.execute(insert(tasks).values(name=task.name, run=task.case, assignee=task.assignee))
            self.session.execute(insert(offers), [{"task": task.name, "role": role} for role in sorted(task.roles)])

    def shown_tasks(self, who: Person) -> set[str]:
        columns = {"case_column": tasks.c.run, "role_column": offers.c.role, "assignee_column": tasks.c.assignee}
        condition = guard.visible_tasks(who, tenant="demo", offers=offers.c.task == tasks.c.name, **columns)
        return set(self.session.scalars(select(tasks.c.name).where(condition), {"now": self.now}))

    def listed_cases(self, who: Person, involved: bool) -> set[str]:
        own = cases.rows
        columns = {"case_column": own.c.id, "patient_column": own.c.patient}
        condition = guard.visible_cases(who, tenant="demo", **columns, involved=literal(involved) == literal(True))
        return set(self.session.scalars(select(own.c.id).where(own.c.tenant == "demo", condition), {"now": self.now}))

    def seen(self, who: Person, case: str, involved: bool) -> set[str] | None:
        try:
            return set(guard.see_case(self.session, who, case, now=self.now, involved=involved).categories)
        except Forbidden:
            return None

    def standing(self, who: Person, case: str) -> Standing:
        return standing_of(self.session, who, self.opened[case], self.now)


@pytest.fixture
def in_any_world(database: Database, vault: Vault, clock: Clock) -> Callable[[Callable[[Territory], None]], None]:
    """Check something of many drawn worlds, each in a transaction that leaves nothing behind."""
    with database.begin() as session:
        tasks.metadata.create_all(session.connection())

    def check_all(check: Callable[[Territory], None]) -> None:
        @settings(
            max_examples=WORLDS, derandomize=WORLDS == 20, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(world=worlds())
        def in_one_world(world: World) -> None:
            with database.begin() as session:
                try:
                    check(Territory(session, vault, clock, world))
                finally:
                    session.rollback()

        in_one_world()

    return check_all


def test_the_guard_shows_each_task_to_those_whom_the_rules_name_and_to_nobody_else(in_any_world) -> None:
    met: Counter[str] = Counter()

    def check(place: Territory) -> None:
        world = place.world
        for who in place.persons.values():
            expected = {task.name for task in world.tasks if world.sees_task(world.people[who.id], task)}
            assert place.shown_tasks(who) == expected, (who.id, who.roles)
            met["shown"] += len(expected)
            met["kept back"] += len(world.tasks) - len(expected)

    in_any_world(check)
    assert min(met["shown"], met["kept back"]) > WORLDS, met


def test_the_guard_opens_each_case_with_the_categories_that_the_rules_name(in_any_world) -> None:
    met: Counter[object] = Counter()

    def check(place: Territory) -> None:
        for who in place.persons.values():
            one = place.world.people[who.id]
            for involved in (False, True):
                listed = place.listed_cases(who, involved)
                for case in place.opened:
                    expected = place.world.sees_of_case(one, case, involved=involved)
                    assert place.seen(who, case, involved) == expected, (who.id, who.roles, involved)
                    assert (case in listed) == (expected is not None), (who.id, who.roles, involved)
                    met[None if expected is None else len(expected)] += 1
                    met["by another role"] += bool(one.others) and _parts(place, who, case) == one.others

    in_any_world(check)
    assert {None, 0, 2, 3, 4, 6, 9, "by another role"} <= {key for key, times in met.items() if times}, met


def test_the_guard_agrees_with_the_decision_table_of_consent(in_any_world) -> None:
    """Whoever runs the cases apart, a case is open when the table allows it, or would ask and it is an emergency."""
    table, met = read(SHIPPED.read_bytes()), Counter()

    def check(place: Territory) -> None:
        for who in (one for one in place.persons.values() if not one.roles & RUNNING):
            one = place.world.people[who.id]
            for case in place.opened:
                if place.world.has_broken(one, case, over=True):
                    continue  # opened under another table than the one that comes with Jalon
                standing = place.standing(who, case)
                said = {
                    "opposition": standing.opposed,
                    "urgence_vitale": False,
                    "destinataire_dans_equipe": bool(standing.roles) or standing.stands_in,
                    "destinataire_categorie": one.kind,
                    "consentement": "oui" if standing.agreed else "absent",
                }
                outcome = table.evaluate("partage_autorise", said).value["decision"]
                is_open = outcome == ALLOWED or (outcome == ASK and standing.broken)
                assert (place.seen(who, case, involved=False) is not None) == is_open, said
                met[(outcome, is_open)] += 1

    in_any_world(check)
    assert {(ALLOWED, True), (ASK, False), (ASK, True), ("refus", False)} <= met.keys(), met


def _parts(place: Territory, who: Person, case: str) -> set[str]:
    """The roles in which they are in the circle of the case's patient."""
    return {role for one, role in place.world.circle(case) if one.id == who.id}
