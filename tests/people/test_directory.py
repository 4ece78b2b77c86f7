"""The directory: what is said of a professional, how they are found, structures, groups."""

from datetime import UTC, datetime

import pytest

from base.clock import ManualClock
from base.errors import Conflict, Invalid, NotFound
from people import persons
from people.directory import groups, profiles, structures, words
from people.directory.profiles import Commune, Practice, Profile
from people.directory.search import Wanted, communes, find, skills
from people.directory.structures import Structure

CLOCK = ManualClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
YSSINGEAUX, TENCE = Commune("43268", "Yssingeaux"), Commune("43244", "Tence")


def add(session, given, family, code="10", **said):
    person = persons.add(session, "demo", given_name=given, family_name=family, profession_code=code)
    profiles.save(session, CLOCK, "demo", Profile(person.id, **said))
    return person


def found(session, **wanted):
    return [person.name for person in find(session, "demo", Wanted(**wanted))[0]]


def test_what_is_said_of_somebody_is_read_back_as_it_was_said(database):
    with database.begin() as session:
        practice = Practice("43999001", "Maison de santé", None, "1 place du Marché", TENCE, "04 65 71 00 01", "", "L")
        said = {
            "speciality_code": "SM54", "speciality_name": "Médecine générale", "languages": ("fr", "lsf"),
            "home_visits": True, "unscheduled": True, "new_patients": 4, "member": True,
            "visited": (YSSINGEAUX, TENCE), "skills": ("ETP AVC", "plaies"), "practices": (practice,),
        }  # fmt: skip
        doctor = add(session, "Anne", "DEMO-VIGNAL", **said)
        read = profiles.profile(session, "demo", doctor.id)
        assert (read.speciality_code, read.languages, read.new_patients) == ("SM54", ("fr", "lsf"), 4)
        assert set(read.visited) == {YSSINGEAUX, TENCE}
        assert (read.skills, read.practices) == (("ETP AVC", "plaies"), (practice,))
        profiles.save(session, CLOCK, "demo", Profile(doctor.id, skills=("plaies",)))
        assert profiles.profile(session, "demo", doctor.id) == Profile(doctor.id, skills=("plaies",))


def test_an_impossible_number_of_new_patients_is_refused_at_its_field(database):
    with database.begin() as session:
        doctor = add(session, "Anne", "DEMO-VIGNAL")
        with pytest.raises(Invalid) as refused:
            profiles.save(session, CLOCK, "demo", Profile(doctor.id, new_patients=-1))
        assert refused.value.fields == {"new_patients": "Un nombre entre 0 et 500."}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Sainte-Sigolène", ["sainte", "sigolene"]), ("Cœur d’Œuvre", ["coeur", "d", "oeuvre"]), ("  ", []), ("É", ["e"])],
)
def test_words_lose_accents_case_and_punctuation(text, expected):
    assert words.words(text) == expected


def test_people_are_found_by_the_beginnings_of_name_profession_commune_and_skill(database):
    with database.begin() as session:
        add(session, "Anne", "DEMO-VIGNAL", visited=(TENCE,), skills=("ETP AVC",))
        add(session, "Hélène", "DEMO-SABY", "21", practices=(Practice("p", "Pharmacie des Sucs", commune=YSSINGEAUX),))
        assert found(session, text="vig") == ["Anne DEMO-VIGNAL"]
        assert found(session, text="helene saby") == ["Hélène DEMO-SABY"]
        assert found(session, text="pharmacien yssing") == ["Hélène DEMO-SABY"]
        assert found(session, text="AVC tence") == ["Anne DEMO-VIGNAL"]
        assert found(session, text="demo") == ["Hélène DEMO-SABY", "Anne DEMO-VIGNAL"]
        assert found(session, text="vignal pharmacie") == []
        assert found(session, text="%") == found(session)


def test_people_are_chosen_by_profession_place_skill_and_what_they_accept(database):
    with database.begin() as session:
        add(session, "Anne", "DEMO-VIGNAL", visited=(TENCE,), new_patients=2, member=True)
        add(session, "Marc", "DEMO-FAURE", unscheduled=True, home_visits=True, skills=("plaies",))
        add(session, "Lucie", "DEMO-MASSON", "60", practices=(Practice("c", commune=TENCE),))
        assert found(session, profession="60") == ["Lucie DEMO-MASSON"]
        assert found(session, commune="43244") == ["Lucie DEMO-MASSON", "Anne DEMO-VIGNAL"]
        assert found(session, skill="plaies") == ["Marc DEMO-FAURE"]
        assert found(session, new_patients=True) == found(session, members=True) == ["Anne DEMO-VIGNAL"]
        assert found(session, unscheduled=True, home_visits=True) == ["Marc DEMO-FAURE"]
        assert [commune.name for commune in communes(session, "demo")] == ["Tence"]
        assert skills(session, "demo") == ["plaies"]


def test_pages_go_on_after_the_last_person_shown(database):
    with database.begin() as session:
        names = [add(session, "A", f"DEMO-{n:02}").family_name for n in range(7)]
        seen, after, more = [], "", True
        while more:
            page, more = find(session, "demo", Wanted(after=after), limit=3)
            seen += [person.family_name for person in page]
            after = page[-1].id
        assert seen == names


def test_nobody_of_another_territory_is_found(database):
    with database.begin() as session:
        stranger = persons.add(session, "other", given_name="Zoé", family_name="DEMO-AUTRE")
        profiles.save(session, CLOCK, "other", Profile(stranger.id, skills=("plaies",)))
        assert found(session, text="autre") == found(session) == []
        assert skills(session, "demo") == []


def test_two_structures_never_share_a_number(database):
    with database.begin() as session:
        kept = structures.save(session, "demo", Structure("", "CH du Gier (démo)", "hopital", finess="439990012"))
        assert structures.by_number(session, "demo", "439990012", "") == kept
        with pytest.raises(Conflict, match="CH du Gier"):
            structures.save(session, "demo", Structure("", "Autre", finess="439990012"))
        moved = structures.save(session, "demo", Structure(kept.id, "CH du Gier", "hopital", finess="439990012"))
        assert structures.structures(session, "demo", "gier") == [moved]
        with pytest.raises(Invalid) as refused:
            structures.save(session, "demo", Structure("", " ", "chateau", finess="12", siret="x"))
        assert set(refused.value.fields) == {"name", "kind", "finess", "siret"}


def test_people_join_and_leave_groups_once(database):
    with database.begin() as session:
        doctor, nurse = add(session, "Anne", "DEMO-VIGNAL"), add(session, "Lucie", "DEMO-MASSON", "60")
        stroke = groups.add(session, "demo", name="Suites  d’AVC", kind="groupe")
        for one in (doctor, nurse, doctor):
            groups.join(session, CLOCK, "demo", stroke, one.id)
        assert [one.name for one in groups.members(session, "demo", stroke)] == [
            "Lucie DEMO-MASSON",
            "Anne DEMO-VIGNAL",
        ]
        assert groups.groups_of(session, "demo", doctor.id) == ["Suites d’AVC"]
        groups.leave(session, "demo", stroke, doctor.id)
        assert groups.group(session, "demo", stroke).members == 1
        with pytest.raises(Conflict):
            groups.add(session, "demo", name="Suites d’AVC", kind="college")
        with pytest.raises(NotFound):
            groups.join(session, CLOCK, "demo", "unknown", doctor.id)


def test_a_profession_has_one_referent_of_its_own(database):
    with database.begin() as session:
        first, second = add(session, "Anne", "DEMO-VIGNAL"), add(session, "Marc", "DEMO-FAURE")
        nurse = add(session, "Lucie", "DEMO-MASSON", "60")
        groups.name_referent(session, CLOCK, "demo", "10", first.id)
        groups.name_referent(session, CLOCK, "demo", "10", second.id)
        assert {code: one.name for code, one in groups.referents(session, "demo").items()} == {"10": "Marc DEMO-FAURE"}
        with pytest.raises(Invalid, match="revoir"):
            groups.name_referent(session, CLOCK, "demo", "10", nurse.id)
