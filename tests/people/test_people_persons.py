import pytest
from sqlalchemy import update

from base.errors import Invalid, NotFound
from people import persons, roles
from people.tables import person as rows


def add(session, given_name, family_name, *held, tenant="demo", **more):
    return persons.add(session, tenant, given_name=given_name, family_name=family_name, roles=held, **more)


def test_a_doctor_is_called_by_title_and_name(database):
    with database.begin() as session:
        person = add(session, "Anne", "DEMO-VIGNAL", "medecin_traitant", "osnp", title="Dr", profession_code="10")
        assert (person.name, person.display, person.initials) == ("Anne DEMO-VIGNAL", "Dr Anne DEMO-VIGNAL", "AV")
        assert (person.profession, person.roles) == ("Médecin", {"medecin_traitant", "osnp"})
        assert persons.person(session, person.id) == person


def test_somebody_without_title_or_role_is_a_person_too(database):
    with database.begin() as session:
        person = add(session, "Paul", "DEMO-ROUX", profession_name="Coordinateur de la CPTS")
        assert (person.display, person.profession, person.roles) == ("Paul DEMO-ROUX", "Coordinateur de la CPTS", set())


def test_persons_are_found_by_id_role_and_rpps(database):
    with database.begin() as session:
        nurse = add(session, "Claire", "DEMO-BERTHON", "ide_liberale", rpps="10999000018")
        doctor = add(session, "Anne", "DEMO-VIGNAL", "medecin_traitant")
        stranger = add(session, "Zoé", "DEMO-AUTRE", "ide_liberale", tenant="other", rpps="10999000018")
        assert persons.persons(session, [nurse.id, "unknown"]) == {nurse.id: nurse}
        assert persons.persons(session, []) == {}
        assert persons.holding(session, "demo", "ide_liberale") == [nurse]
        assert persons.by_rpps(session, "demo", "10999000018") == nurse
        assert persons.by_rpps(session, "other", "10999000018") == stranger
        assert persons.by_rpps(session, "demo", "10999000026") is None
        assert persons.everybody(session, "demo") == [nurse, doctor]


def test_who_left_holds_no_role_any_more(database):
    with database.begin() as session:
        nurse = add(session, "Claire", "DEMO-BERTHON", "ide_liberale")
        session.execute(update(rows).values(active=False))
        assert persons.holding(session, "demo", "ide_liberale") == []
        assert persons.person(session, nurse.id).active is False


def test_an_unknown_person_or_role_is_refused(database):
    with database.begin() as session:
        with pytest.raises(NotFound):
            persons.person(session, "unknown")
        with pytest.raises(Invalid):
            add(session, "Paul", "DEMO-ROUX", "roi")


def test_every_role_has_a_label():
    assert roles.label("ide_liberale") == "Infirmier libéral"
    assert roles.label("inconnu") == "inconnu"
    assert all(roles.ROLES.values())
