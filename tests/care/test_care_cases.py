from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from base.errors import NotFound
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import access, circle, consents
from people import persons
from people.tables import person, person_role

SOMEBODY = Identity("PAT-UN", ("Anne",), "F", date(1950, 1, 1))


@pytest.fixture
def session(database):
    with database.begin() as session:
        yield session


@pytest.fixture
def patient(session, vault, clock):
    return patients.admit(session, vault, clock, "demo", SOMEBODY, "PROV").id


@pytest.fixture
def nurse(session):
    return persons.add(session, "demo", family_name="DEMO-BERTHON", given_name="Claire", roles=["ide_liberale"])


def open_case(session, vault, clock, patient, venue="897406", tenant="demo", **more):
    return cases.open_case(
        session, vault, clock, tenant, patient=patient, pathway="post-avc", pathway_version=7,
        title="Suites d’AVC", partner="ch-gier", venue=venue, **more,
    )  # fmt: skip


def test_a_case_is_found_by_id_patient_and_stay(session, vault, clock, patient):
    case = open_case(session, vault, clock, patient, id="0123456789abcdef")
    assert case.id == "0123456789abcdef"
    assert cases.case(session, case.id) == case
    assert cases.by_patient(session, patient) == [case]
    assert cases.by_venue(session, "demo", "ch-gier", cases.venue_blind(vault, " 897406 ")) == [case]
    assert cases.by_venue(session, "other", "ch-gier", cases.venue_blind(vault, "897406")) == []
    assert cases.by_venue(session, "demo", "ch-velay", cases.venue_blind(vault, "897406")) == []
    assert cases.venue(session, vault, case.id) == "897406"


def test_a_case_may_come_from_no_stay(session, vault, clock, patient):
    case = open_case(session, vault, clock, patient, venue=None)
    assert cases.venue(session, vault, case.id) is None


def test_a_closed_case_stays_as_it_was_closed(session, vault, clock, patient):
    case = open_case(session, vault, clock, patient)
    cases.close_case(session, clock, case.id, "terminé")
    clock.advance(timedelta(days=1))
    cases.close_case(session, clock, case.id, "annulé")
    closed = cases.case(session, case.id)
    assert (closed.is_open, closed.outcome, closed.closed_at) == (False, "terminé", case.opened_at)


def test_an_unknown_case_is_not_found(session, vault):
    for ask in (lambda: cases.case(session, "unknown"), lambda: cases.venue(session, vault, "unknown")):
        with pytest.raises(NotFound):
            ask()


def test_somebody_joins_the_circle_once_in_each_role(session, clock, patient, nurse):
    member = circle.add(session, clock, "demo", patient, nurse.id, "ide_liberale", "Choisie par la patiente")
    clock.advance(timedelta(days=1))
    assert circle.add(session, clock, "demo", patient, nurse.id, "ide_liberale", "Autre motif") == member
    other = circle.add(session, clock, "demo", patient, nurse.id, "ipa", "Équipe de soins")
    assert circle.members(session, patient) == [member, other]
    assert circle.holders(session, patient, "ide_liberale") == [nurse.id]


def test_who_has_lost_the_role_or_left_the_territory_holds_it_no_more(session, clock, patient, nurse):
    circle.add(session, clock, "demo", patient, nurse.id, "ide_liberale", "Choisie par la patiente")
    session.execute(update(person).where(person.c.id == nurse.id).values(active=False))
    assert circle.holders(session, patient, "ide_liberale") == []
    session.execute(update(person).where(person.c.id == nurse.id).values(active=True))
    assert circle.holders(session, patient, "ide_liberale") == [nurse.id]
    session.execute(delete(person_role).where(person_role.c.person == nurse.id, person_role.c.role == "ide_liberale"))
    assert circle.holders(session, patient, "ide_liberale") == []
    assert len(circle.members(session, patient)) == 1


def test_who_left_the_circle_may_come_back(session, clock, patient, nurse):
    circle.add(session, clock, "demo", patient, nurse.id, "ide_liberale", "Choisie par la patiente")
    assert circle.leave(session, clock, patient, nurse.id) == 1
    assert circle.members(session, patient) == []
    circle.add(session, clock, "demo", patient, nurse.id, "ide_liberale", "Revenue")
    assert circle.leave(session, clock, patient, nurse.id, "ipa") == 0
    assert [member.basis for member in circle.members(session, patient)] == ["Revenue"]


def test_a_consent_holds_until_it_is_withdrawn(session, vault, clock, patient, nurse):
    case = open_case(session, vault, clock, patient)
    assert consents.current(session, clock, case.id) is None
    given = consents.record(session, clock, "demo", case=case.id, patient=patient, mode="oral", recorded_by=nurse.id)
    assert consents.current(session, clock, case.id) == given
    consents.withdraw(session, clock, case.id)
    assert consents.current(session, clock, case.id) is None


def test_an_opposition_covers_one_pathway_or_all(session, clock, patient):
    consents.oppose(session, clock, "demo", patient, "post-avc")
    consents.oppose(session, clock, "demo", patient, "post-avc")
    assert consents.is_opposed(session, clock, patient, "post-avc")
    assert not consents.is_opposed(session, clock, patient, "sortie-hospitalisation")
    consents.lift(session, clock, patient, "post-avc")
    assert not consents.is_opposed(session, clock, patient, "post-avc")
    consents.oppose(session, clock, "demo", patient)
    assert consents.is_opposed(session, clock, patient, "sortie-hospitalisation")


def test_looks_are_kept_the_latest_first(session, vault, clock, patient, nurse):
    case = open_case(session, vault, clock, patient)
    access.record(session, clock, nurse, case.id, "case")
    clock.advance(timedelta(minutes=1))
    access.record(session, clock, nurse, case.id, "ins")
    assert [(look.person, look.what) for look in access.looks(session, "demo", case.id)] == [
        (nurse.id, "ins"),
        (nurse.id, "case"),
    ]
    assert access.looks(session, "other", case.id) == []
