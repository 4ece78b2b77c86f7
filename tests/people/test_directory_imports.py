"""Files of professionals: read, planned, written bit by bit, reported line by line."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.clock import ManualClock
from base.errors import Conflict, Invalid
from people import persons
from people.directory import bundles, imports, profiles, sheets, structures
from people.directory.entries import load, merged
from people.directory.search import Wanted, find

CLOCK = ManualClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
OURS = """Nom;Prénom;RPPS;Profession;Structure;FINESS;Code INSEE;Commune;Téléphone;Courriel;Compétences
DEMO-VIGNAL;Anne;10999000010;Médecin;Maison de santé;439990011;43244;Tence;04 65 71 00 01;anne@cpts.test;ETP AVC, plaies
DEMO-VIGNAL;Anne;810999000010;Médecin;CH du Gier (démo);439990029;42207;Saint-Chamond;;;
DEMO-SABY;Hélène;123;Pharmacien;;;;;;;
;Sans nom;;;;;;;;;
DEMO-ROCHE;Thomas;;Masseur-kinésithérapeute;Cabinet;;43268;Yssingeaux;;thomas@loire-sucs.test;
"""
NATIONAL = (
    "Type d'identifiant PP|Identifiant PP|Nom d'exercice|Prénom d'exercice|Code profession|Libellé profession|"
    "Code savoir-faire|Libellé savoir-faire|Code mode exercice|Numéro SIRET site|Numéro FINESS site|"
    "Raison sociale site|Numéro Voie (coord. structure)|Libellé type de voie (coord. structure)|"
    "Libellé Voie (coord. structure)|"
    "Code commune (coord. structure)|Libellé commune (coord. structure)|Téléphone (coord. structure)\n"
    "8|10999000010|DEMO-VIGNAL|ANNE|10|Médecin|SM54|Médecine Générale|L||439990011|MSP DES SUCS|"
    "1|RUE|DE LA FONTAINE|43244|TENCE|0465710001\n"
)


def plan(database, text, name="annuaire.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    with database.begin() as session:
        return imports.plan(session, CLOCK, "demo", name=name, content=content, asked_by="me").id


def write(database, import_id):
    with database.begin() as session:
        imports.confirm(session, "demo", import_id)
    more, turns = True, 0
    while more:
        with database.begin() as session:
            more = imports.write_some(session, CLOCK, "demo", import_id)
        turns += 1
    return turns


def lines(database, import_id, action=""):
    with database.read() as session:
        return [
            (one.line, one.label, one.action, one.remark) for one in imports.report(session, "demo", import_id, action)
        ]


def test_a_file_is_planned_before_anything_changes(database):
    asked = plan(database, OURS)
    assert [(line, action) for line, _, action, _ in lines(database, asked)] == [
        (4, "refuse"), (5, "refuse"), (2, "add"), (6, "add"),
    ]  # fmt: skip
    remarks = {line: remark for line, _, _, remark in lines(database, asked)}
    assert "2 lignes réunies" in remarks[2]
    assert remarks[4] == "« 123 » n’est pas un numéro RPPS de 11 chiffres"
    assert remarks[5] == "il manque le nom ou le prénom"
    with database.read() as session:
        assert persons.everybody(session, "demo") == []


def test_what_must_be_looked_at_stands_first_however_long_the_file(database):
    good = "".join(f"DEMO-BON{n};Anne;;Médecin;;;;;;b{n}@loire-sucs.test;\n" for n in range(600))
    head, *rest = OURS.splitlines(keepends=True)
    asked = plan(database, head + good + "".join(rest))
    shown = lines(database, asked)
    assert len(shown) == 500
    assert [line for line, *_ in shown[:4]] == [604, 605, 602, 2]
    assert [line for line, *_ in lines(database, asked, "refuse")] == [604, 605]
    with database.read() as session:
        assert imports.remarked(session, "demo", asked) == 1


def test_what_was_confirmed_is_written_once_and_reported(database):
    asked = plan(database, OURS)
    write(database, asked)
    with database.read() as session:
        doctor = persons.by_rpps(session, "demo", "10999000010")
        said = profiles.profile(session, "demo", doctor.id)
        assert (doctor.display, doctor.profession_code, doctor.phone) == ("Dr Anne DEMO-VIGNAL", "10", "04 65 71 00 01")
        assert [place.name for place in said.practices] == ["Maison de santé", "CH du Gier (démo)"]
        assert said.skills == ("ETP AVC", "plaies")
        assert len(structures.structures(session, "demo")) == 2
        assert [one.name for one in find(session, "demo", Wanted(text="kine yssingeaux"))[0]] == ["Thomas DEMO-ROCHE"]
        assert imports.read(session, "demo", asked).state == "done"
        assert imports.counts(session, "demo", asked) == {"add": 2, "complete": 0, "same": 0, "refuse": 2}
    with database.begin() as session, pytest.raises(Conflict):
        imports.confirm(session, "demo", asked)


def test_the_same_file_again_changes_nothing(database):
    write(database, plan(database, OURS))
    again = plan(database, OURS)
    with database.read() as session:
        assert imports.counts(session, "demo", again) == {"add": 0, "complete": 0, "same": 2, "refuse": 2}, "foreseen"
    write(database, again)
    with database.read() as session:
        assert imports.counts(session, "demo", again) == {"add": 0, "complete": 0, "same": 2, "refuse": 2}
        assert len(persons.everybody(session, "demo")) == 2


def test_what_a_person_wrote_themselves_outlives_an_import(database):
    with database.begin() as session:
        known = persons.add(
            session, "demo", given_name="Anne", family_name="DEMO-ANCIEN", rpps="10999000010", phone="04 65 71 99 99",
            roles=("medecin_traitant",),
        )  # fmt: skip
        profiles.save(session, CLOCK, "demo", profiles.Profile(known.id, languages=("lsf",), new_patients=3))
    write(database, plan(database, OURS))
    with database.read() as session:
        after, said = persons.person(session, known.id), profiles.profile(session, "demo", known.id)
        assert (after.family_name, after.phone, after.roles) == ("DEMO-VIGNAL", "04 65 71 99 99", {"medecin_traitant"})
        assert (said.languages, said.new_patients, len(said.practices)) == (("lsf",), 3, 2)


def test_the_open_extract_of_the_national_directory_is_read():
    (entry,) = merged(sheets.read(NATIONAL.encode()))
    assert (entry.rpps, entry.profession_code, entry.speciality_code, entry.title) == (
        "10999000010",
        "10",
        "SM54",
        "Dr",
    )
    (site,) = entry.sites
    assert (site.name, site.finess, site.address, site.commune_code) == (
        "MSP DES SUCS",
        "439990011",
        "1 RUE DE LA FONTAINE",
        "43244",
    )
    assert load(entry.dump()) == entry


def test_a_profession_of_no_list_is_kept_and_pointed_out():
    known, odd = sheets.read("Nom;Prénom;Profession\nA;A;Médecin\nB;B;Sorcier\n".encode())
    assert (known.profession_code, known.remark) == ("10", "")
    assert (odd.fault, odd.profession_name) == ("", "Sorcier")
    assert odd.remark == "« Sorcier » n’est pas une profession de la liste, à vérifier"


NOS = "https://mos.esante.gouv.fr/NOS"


def bundle(*, active=True, rpps="10999000010"):
    doctor = {
        "resourceType": "Practitioner", "id": "p1", "active": active,
        "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": rpps}],
        "name": [{"family": "DEMO-VIGNAL", "given": ["Anne"], "prefix": ["DR"]}],
        "telecom": [{"system": "email", "value": "anne@demo.mssante.fr"}],
        "qualification": [{"code": {"coding": [
            {"system": f"{NOS}/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante", "code": "10"},
            {"system": f"{NOS}/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale",
             "code": "SM32", "display": "Neurologie"}]}}],
    }  # fmt: skip
    role = {
        "resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/p1"},
        "organization": {"reference": "Organization/o1"}, "telecom": [{"system": "phone", "value": "0465710001"}],
    }  # fmt: skip
    hospital = {
        "resourceType": "Organization", "id": "o1", "name": "CH du Gier (démo)",
        "identifier": [{"system": "http://finess.sante.gouv.fr", "value": "439990029"}],
        "address": [{"line": ["1 rue A"], "city": "Saint-Chamond"}],
    }  # fmt: skip
    entries = [{"resource": one} for one in (role, hospital, doctor)]
    return orjson.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})


def test_a_fhir_bundle_gives_people_with_their_places(database):
    asked = plan(database, bundle(), "annuaire.json")
    write(database, asked)
    with database.read() as session:
        doctor = persons.by_rpps(session, "demo", "10999000010")
        said = profiles.profile(session, "demo", doctor.id)
        assert (doctor.display, doctor.phone, doctor.email) == ("Dr Anne DEMO-VIGNAL", "0465710001", "")
        assert (said.speciality_name, said.mssante) == ("Neurologie", "anne@demo.mssante.fr")
        assert [(place.name, place.commune.name) for place in said.practices] == [
            ("CH du Gier (démo)", "Saint-Chamond")
        ]


def test_a_role_of_somebody_whom_the_bundle_leaves_out_is_told():
    content = bundle().replace(b'"id":"p1"', b'"id":"p2"')
    assert [(one.lines, one.fault) for one in bundles.read(content)] == [
        ((3,), ""),
        ((1,), "ce rôle est celui de « Practitioner/p1 », qui n’est pas dans le fichier"),
    ]


def test_somebody_who_stopped_is_not_added_and_never_switched_off_by_a_file(database):
    assert [line[2:] for line in lines(database, plan(database, bundle(active=False)))] == [("refuse", "n’exerce plus")]
    write(database, plan(database, bundle()))
    asked = plan(database, bundle(active=False))
    write(database, asked)
    assert "désactivez cette personne vous-même" in lines(database, asked)[0][3]
    with database.read() as session:
        assert persons.by_rpps(session, "demo", "10999000010").active


def test_a_number_of_two_people_and_a_profession_nobody_has_are_told_before_anything_is_written(database):
    text = "Nom;Prénom;RPPS;Profession\nDEMO-UN;Anne;10999000010;Médecin\nDemo-Un;ANNE;10999000010;Médecin\n"
    text += "DEMO-DEUX;Jean;10999000010;Médecin\nDEMO-TROIS;Luc;10999000019;Sorcier\n"
    remarks = [remark for *_, remark in lines(database, plan(database, text))]
    assert remarks[0] == "DEMO-DEUX Jean, ligne 4, porte le même numéro RPPS, à vérifier ; 3 lignes réunies"
    assert "la clé de ce numéro RPPS est fausse" in remarks[1]
    assert "« Sorcier » n’est pas une profession de la liste" in remarks[1]


def test_who_may_be_in_the_directory_already_is_told_before_they_are_added_again(database):
    text = "Nom;Prénom;Profession\nDEMO-SEPT;Léa;Médecin\n"
    write(database, plan(database, text))
    again = lines(database, plan(database, text.replace("Léa", "LEA")))
    told = "quelqu’un porte déjà ce nom dans l’annuaire, à vérifier"
    assert again == [(2, "DEMO-SEPT LEA", "add", told)]
    otherwise = text.replace("DEMO-SEPT", "Demo Sept") + "Démo-Sèpt;léa;Médecin\nDEMO-SEPTIME;Léa;Médecin\n"
    assert [remark for *_, remark in lines(database, plan(database, otherwise))] == [told, told, ""]


def test_who_shares_an_address_stays_themselves_and_a_number_of_another_name_is_told(database):
    """The address of a secretariat is that of many; a number with a slip may be somebody else's."""
    head = "Nom;Prénom;RPPS;Courriel;Compétences\n"
    shared = "DEMO-HUIT;Léa;;accueil@msp.test;\nDEMO-NEUF;Marc;;Accueil@msp.test;\nDEMO-DIX;Zoé;;sans objet;\n"
    asked = plan(database, head + shared)
    assert [remark for *_, remark in lines(database, asked)] == [
        "«\u00a0sans objet\u00a0» n’est pas une adresse de courriel, laissée de côté", "", "",
    ]  # fmt: skip
    write(database, asked)
    write(database, plan(database, head + "Démo-Huit;LÉA;10999000010;accueil@msp.test;plaies\n"))
    with database.read() as session:
        held = {one.name: (one.rpps, one.email) for one in persons.everybody(session, "demo")}
    assert held == {
        "LÉA Démo-Huit": ("10999000010", "accueil@msp.test"), "Marc DEMO-NEUF": (None, "Accueil@msp.test"),
        "Zoé DEMO-DIX": (None, ""),
    }  # fmt: skip
    slips = "DEMO-ONZE;Paul;10999000010;;\nDEMO-DOUZE;Ève;;accueil@msp.test;\n"
    told = [(action, remark) for *_, action, remark in lines(database, plan(database, head + slips))]
    assert told[0] == ("complete", "l’annuaire nomme LÉA Démo-Huit sous ce numéro RPPS, à vérifier")
    assert told[1][0] == "add"
    assert told[1][1].startswith("cette adresse est aussi celle de ")
    twice = "DEMO-TREIZE;Ève;;;\nDEMO-TREIZE;Eve;;;\nDEMO-TREIZE;Eve;10999000028;;\n"
    remarks = [remark for *_, remark in lines(database, plan(database, head + twice))]
    assert sorted(remarks) == ["", *["même nom qu’à la ligne 2, à vérifier"] * 2]


def test_what_a_spreadsheet_calls_unicode_text_is_read():
    (one,) = sheets.read("Nom\tPrénom\nDEMO-É\tLéa\n".encode("utf-16"))
    assert (one.family_name, one.given_name) == ("DEMO-É", "Léa")


def test_a_quotation_mark_left_open_swallows_no_line(database):
    with pytest.raises(Invalid, match="à partir de la ligne 3"):
        plan(database, 'Nom;Prénom;Structure\nDEMO-A;Léa;Cabinet\nDEMO-B;Zoé;"Les Pins\nDEMO-C;Marc;Cabinet\n')
    first, second = NATIONAL.splitlines()
    named = second.replace("MSP DES SUCS", '"LE CEDRE" SELARL')
    other = second.replace("10999000010", "10999000028").replace("ANNE", "PAUL")
    (one, two) = sheets.read(f"{first}\n{named}\n{other}".encode())
    assert (one.sites[0].name, two.given_name) == ('"LE CEDRE" SELARL', "PAUL")


def test_whatever_one_value_more_a_file_says_is_foreseen(database):
    """Each of these changes alone makes of a line that says nothing new one that completes."""
    write(database, plan(database, OURS))
    changes = {
        "DEMO-ROCHE;Thomas;": "DEMO-ROCHE;Thomás;", "Maison de santé;": "Maison des Sucs;", "plaies": "plaies, AOD",
        "439990029": "439990037", "Yssingeaux": "Yssingeaux-Bourg", "439990011;43244": "439990011;43245",
        "Thomas;;Masseur": "Thomas;10999000028;Masseur",
    }  # fmt: skip
    for old, new in changes.items():
        asked = plan(database, OURS.replace(old, new))
        with database.read() as session:
            counted = imports.counts(session, "demo", asked)
            assert counted == {"add": 0, "complete": 1, "same": 1, "refuse": 2}, new


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Ce fichier est vide"),
        (b"Nom;Ville\nA;B\n", "Il manque « Prénom »"),
        ("Nom;Prénom\n".encode(), "ne nomme personne"),
        (b"\x00\x01\x02", "pas un tableau de texte"),
        (b"PK\x03\x04" + bytes(40), "Enregistrez-le au format CSV"),
        (b'{"resourceType": "Patient"}', "pas un Bundle FHIR"),
        (b'{"resourceType": "Bundle", "entry": [', "pas un Bundle FHIR"),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_words(database, content, told):
    with pytest.raises(Invalid, match=told):
        plan(database, content)


def test_an_interrupted_import_goes_on_where_it_stood(database):
    text = "Nom;Prénom;Courriel\n" + "".join(f"DEMO-{n:03};A;a{n}@loire-sucs.test\n" for n in range(250))
    asked = plan(database, text)
    with database.begin() as session:
        imports.confirm(session, "demo", asked)
    with database.begin() as session:
        assert imports.write_some(session, CLOCK, "demo", asked)
    with database.read() as session:
        assert imports.read(session, "demo", asked).done == 100
    more = True
    while more:
        with database.begin() as session:
            more = imports.write_some(session, CLOCK, "demo", asked)
    with database.read() as session:
        assert len(persons.everybody(session, "demo")) == 250


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(
        st.sampled_from(["resource", "resourceType", "id", "name", "telecom", "identifier", "qualification"]), part
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(JSON, max_size=4))
def test_no_bundle_breaks_the_reader(entries):
    list(bundles.read(orjson.dumps({"resourceType": "Bundle", "entry": entries})))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=200))
def test_no_table_breaks_the_reader(text):
    for entry in merged(sheets.read(("Nom;Prénom;RPPS\n" + text.replace("\0", "")).encode("utf-8", "replace"))):
        assert load(entry.dump()) == entry
