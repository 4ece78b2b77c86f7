import re
from datetime import UTC, datetime

from stdnum import luhn
from stdnum.fr import nir

from jalon.demo.discharges import STORIES, drawn_discharge, message
from jalon.demo.names import COMMUNES, finess
from jalon.demo.professionals import professionals
from jalon.demo.sign_ins import ROLES, table

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_professionals_are_the_same_each_time_and_visibly_invented() -> None:
    people = professionals()
    assert people == professionals()
    assert len(people) >= 60
    assert all(person.family_name.startswith("DEMO-") for person in people)
    assert all(person.email.endswith(".test") for person in people)
    assert len({person.email for person in people}) == len(people)
    assert all(re.fullmatch(r"04 65 71 \d\d \d\d", person.phone) for person in people)


def test_their_numbers_stand_in_the_fake_block_and_have_the_right_key() -> None:
    numbers = [person.rpps for person in professionals() if person.rpps]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("10999") and len(number) == 11 and luhn.is_valid(number) for number in numbers)
    assert luhn.is_valid(finess(1))
    assert len(finess(1)) == 9


def test_a_patient_s_matricule_agrees_with_their_birth() -> None:
    for story in STORIES:
        patient = message(story, NOW, "m", "v")["patient"]
        assert patient["nom_naissance"].startswith("PAT-")
        if patient["statut"] == "QUAL":
            assert nir.is_valid(patient["ins"])
            assert patient["ins"][0] == ("1" if story.sex == "M" else "2")
            assert patient["ins"][1:5] == f"{story.born:%y%m}"


def test_a_drawn_discharge_names_somebody_of_the_territory() -> None:
    patient = message(drawn_discharge(stroke=True), NOW, "m", "v")["patient"]
    assert any(commune.name in patient["adresse"] for commune in COMMUNES)
    assert patient["tel"].startswith("06 39 98")


def test_each_sign_in_has_its_line() -> None:
    said = table()
    for login in ROLES:
        assert f"{login}@loire-sucs.test" in said
