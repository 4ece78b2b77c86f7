"""Nobody without an account is told of a task, and a task that only they could answer goes to the coordination."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from care.sharing import circle
from care.tables import case as cases
from engine.tables import task as tasks
from people.notices import kinds
from people.persons import Person
from people.sign_in import accounts
from people.tables import account, person_role
from tests.inbox.conftest import TENANT, member
from tests.inbox.notices.conftest import Town


@pytest.fixture
def stranger(town: Town) -> Person:
    """A family doctor of the directory, who has never joined."""
    with town.site.context.database.begin() as session:
        return member(session, "DEMO-FAURE", "Jean", "Dr", "10", "medecin_traitant")


def case_of(town: Town, doctor: Person) -> str:
    """A case whose patient has that doctor, and which waits for them."""
    case = town.site.open_case(in_circle=False)
    with town.site.context.database.begin() as session:
        patient = session.scalars(select(cases.c.patient).where(cases.c.id == case)).one()
        circle.add(session, town.site.clock, TENANT, patient, doctor.id, "medecin_traitant", "essai")
    town.site.visit(case)
    return case


def history(town: Town, case: str) -> list[tuple[str, str]]:
    with town.site.context.database.read() as session:
        return [(entry.kind, entry.actor) for entry in town.site.context.engine.history(session, case)]


def test_a_task_of_somebody_without_an_account_goes_to_the_coordination_which_is_told(
    town: Town, stranger: Person
) -> None:
    site = town.site
    town.at_once(site.coordinator)
    case = case_of(town, stranger)
    for _ in range(2):
        town.work()
    assert [mail["To"] for mail in town.office.letters] == [site.coordinator.email]
    assert town.office.letters[0]["Subject"] == "Jalon : une tâche attend quelqu’un sans compte"
    assert town.notices(stranger) == []
    assert town.notices(site.doctor) == [], "another doctor is not this patient's"
    assert history(town, case).count(("task_offered", "system:sans-compte")) == 1
    page = site.client(site.coordinator).get(f"/taches/{site.task(case)}").text
    assert "Dr Jean DEMO-FAURE n’a pas de compte" in page
    assert f"/taches/{site.task(case)}/lien?personne={stranger.id}" in page


def test_who_joins_is_told_themselves(town: Town, stranger: Person) -> None:
    town.site.let_in(stranger)
    case = case_of(town, stranger)
    town.work()
    assert [kind for kind, *_ in town.notices(stranger)] == [kinds.WAITING]
    assert ("task_offered", "system:sans-compte") not in history(town, case)


def test_what_is_in_the_hands_of_somebody_without_an_account_is_put_down_first(town: Town, stranger: Person) -> None:
    site = town.site
    case = site.open_case()
    task = site.task(case)
    with site.context.database.begin() as session:
        site.context.engine.assign(session, task=task, before=None, after=stranger.id, actor="essai")
    town.work()
    with site.context.database.read() as session:
        assert session.scalars(select(tasks.c.assignee).where(tasks.c.id == task)).one() is None
    assert kinds.UNREACHED in [kind for kind, *_ in town.notices(site.coordinator)]
    assert site.client(site.coordinator).get(f"/taches/{task}").status_code == 200


def test_a_role_that_nobody_with_an_account_holds_is_told_to_the_coordination(town: Town) -> None:
    site = town.site
    with site.context.database.begin() as session:
        session.execute(update(account).where(account.c.person == site.nurse.id).values(active=False))
    site.open_case()
    town.work()
    assert [kind for kind, *_ in town.notices(site.coordinator)] == [kinds.UNREACHED]
    assert town.notices(site.nurse) == []


def test_who_is_in_a_pause_is_not_out_of_reach(town: Town) -> None:
    """Somebody will come back to it: the coordination is not called for that."""
    site = town.site
    town.settle(site.nurse, paused_until=site.clock.now() + timedelta(days=2))
    case = site.open_case()
    town.work()
    assert town.notices(site.coordinator) == []
    assert ("task_offered", "system:sans-compte") not in history(town, case)


def test_a_coordination_without_an_account_is_offered_nothing_twice(town: Town, stranger: Person) -> None:
    site = town.site
    with site.context.database.begin() as session:
        session.execute(delete(person_role).where(person_role.c.person == site.coordinator.id))
    case = case_of(town, stranger)
    for _ in range(3):
        town.work()
    assert history(town, case).count(("task_offered", "system:sans-compte")) == 1
    with site.context.database.read() as session:
        assert accounts.of_person(session, stranger.id) is None
