from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from care.identity import patients
from care.identity.identity import Identity
from care.identity.tables import patient_word
from care.search import words

HELENE = Identity(
    nom_naissance="DEMO-LE GOFF",
    prenoms=("Hélène", "MARIE LOUISE"),
    sexe="F",
    date_naissance=date(1979, 3, 12),
    ins="279035121518989",
    adresse="3 rue des Écoles, 43210 Bas-en-Basset",
)


@pytest.fixture
def found(database, vault, clock):
    with database.begin() as session:
        who = patients.admit(session, vault, clock, "demo", HELENE, "QUAL")
        other = replace(HELENE, nom_naissance="DEMO-DUFOUR", prenoms=("Claire",), ins=None, adresse=None)
        patients.admit(session, vault, clock, "demo", replace(other, date_naissance=date(1950, 1, 2)), "PROV")

    def look(text, tenant="demo"):
        with database.read() as session:
            ids = session.scalars(words.answering(tenant, words.said(words.blinds(vault, text)))).all()
        return [one == who.id for one in ids]

    return look


@pytest.mark.parametrize(
    "text",
    [
        "le goff", "LE-GOFF helene", "goff", "legoff", "demole", "hel", "HÉLÈNE d’", "Louise", "bas en basset",
        "basset", "12.3.1979", "1979-03-12", "goff 12/03/1979", "2 79 03 51 215 189 89", "279035121518989",
        "goff hel 1979-03-12 bas-en",
    ],
)  # fmt: skip
def test_accents_case_hyphens_and_particles_do_not_hide_a_patient(found, text):
    assert found(text) == [True]


@pytest.mark.parametrize(
    "text", ["", " - ", "go", "elene", "goff claire", "13/03/1979", "279035121518999", "32/13/1979", "écoles"]
)
def test_what_is_not_theirs_finds_nobody(found, text):
    assert found(text) == []


def test_words_of_one_tenant_are_not_those_of_another(found):
    assert found("goff", tenant="other") == []


def test_the_database_holds_no_name_and_a_new_name_replaces_the_old_one(database, vault, found):
    with database.begin() as session:
        who = session.scalars(words.answering("demo", words.said(words.blinds(vault, "goff")))).one()
        words.index(session, vault, "demo", who, replace(HELENE, nom_naissance="PAT-NEUF"))
        kept = " ".join(session.scalars(select(patient_word.c.word_blind)))
    assert "goff" not in kept
    assert (found("goff"), found("neuf")) == ([], [True])


@pytest.mark.parametrize("text", ["le goff", "Le-Goff hélène", "l'egoff", "helene le goff 12/03/1979", "le gof"])
def test_a_name_in_one_word_is_found_when_typed_in_two(database, vault, clock, text):
    with database.begin() as session:
        whole = replace(HELENE, nom_naissance="LEGOFF", ins=None)
        who = patients.admit(session, vault, clock, "demo", whole, "PROV")
        assert list(session.scalars(words.answering("demo", words.said(words.blinds(vault, text))))) == [who.id]
        assert list(session.scalars(words.answering("demo", words.said(words.blinds(vault, "le goff marthe"))))) == []


def test_a_name_of_particles_alone_is_found(database, vault, clock):
    with database.begin() as session:
        short = replace(HELENE, nom_naissance="LE", prenoms=("Van",), ins=None)
        who = patients.admit(session, vault, clock, "demo", short, "PROV")
        assert list(session.scalars(words.answering("demo", words.said(words.blinds(vault, "le van"))))) == [who.id]


NAMES = st.text(st.sampled_from("aéÈcdTëz -'’L"), min_size=1, max_size=14).filter(
    lambda text: any(map(str.isalpha, text))
)


@given(NAMES, NAMES, st.integers(3, 14))
def test_whoever_types_a_name_or_its_beginning_asks_for_a_word_that_is_kept(family, first, length):
    kept = words.words_of(replace(HELENE, nom_naissance=family, prenoms=(first,)))
    for typed in (family, f"{first} {family}".upper(), first.replace("-", " ")):
        assert all(not kept.isdisjoint(meant) for meant in words.asked(typed))
    for word in words.split(family):
        assert all(not kept.isdisjoint(meant) for meant in words.asked(word[:length]))


@given(st.lists(st.text("abcdeé", min_size=1, max_size=6), min_size=1, max_size=3), st.sampled_from(" -'’"))
def test_a_name_written_in_one_word_and_in_several_find_each_other(parts, between):
    apart, one = between.join(parts), "".join(parts)
    for written, typed in ((apart, one), (one, apart), (one.upper(), f"claire {apart}"), (apart, f"{one} claire")):
        kept = words.words_of(replace(HELENE, nom_naissance=written, prenoms=("Claire",)))
        assert all(not kept.isdisjoint(meant) for meant in words.asked(typed))
