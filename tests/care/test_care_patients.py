from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from base.errors import Invalid, NotFound
from base.vault import Unreadable, Vault
from care.identity import patients
from care.identity.identity import Identity
from care.tables import patient as rows

DOMINIQUE = Identity(
    nom_naissance="PAT-TROIS",
    prenoms=("DOMINIQUE", "MARIE LOUISE"),
    sexe="F",
    date_naissance=date(1979, 3, 12),
    insee_naissance="51215",
    ins="279035121518989",
    tel="0465710042",
    adresse="3 rue des Écoles, 43590 Beauzac",
)
UNSURE = replace(DOMINIQUE, ins=None, insee_naissance=None)


@pytest.fixture
def admit(database, vault, clock):
    def act(identity, status, tenant="demo"):
        with database.begin() as session:
            return patients.admit(session, vault, clock, tenant, identity, status)

    return act


def test_a_patient_is_kept_sealed_and_read_back_whole(database, vault, admit):
    patient = admit(DOMINIQUE, "QUAL")
    with database.read() as session:
        assert patients.patient(session, vault, patient.id) == patient
        assert patients.patients(session, vault, [patient.id, "unknown"]) == {patient.id: patient}
        assert patients.patients(session, vault, []) == {}
        row = session.execute(select(rows)).one()
    kept = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for trait in ("TROIS", "DOMINIQUE", "1979", "279035121518989", "0465710042", "Beauzac"):
        assert trait.encode() not in kept


def test_a_sealed_identity_opens_in_its_own_row_only(database, vault, admit):
    admit(DOMINIQUE, "QUAL")
    with database.read() as session:
        row = session.execute(select(rows)).one()
    with pytest.raises(Unreadable):
        vault.open_bytes(row.identity, "patient.identity:another")
    with pytest.raises(Unreadable):
        Vault(("other:" + "A" * 43 + "=",), "A" * 43 + "=").open_bytes(row.identity, f"patient.identity:{row.id}")


def test_a_qualified_identity_is_found_by_its_ins(admit):
    patient = admit(DOMINIQUE, "QUAL")
    married = replace(DOMINIQUE, nom_naissance="PAT TROIS", prenom_usuel="Doume")
    assert admit(married, "QUAL").id == patient.id


@pytest.mark.parametrize(
    "written",
    [
        replace(UNSURE, nom_naissance="Pat-Trois", prenoms=("Dominique",)),
        replace(UNSURE, nom_naissance=" pat trois ", prenoms=("dominique", "x")),
        replace(UNSURE, prenoms=("DOMINIQUE MARIE LOUISE",)),
        replace(UNSURE, nom_naissance="PÄT-TROIS", prenoms=("Dominiqué",)),
    ],
)
def test_accents_case_and_punctuation_make_no_other_person(admit, written):
    patient = admit(DOMINIQUE, "QUAL")
    assert admit(written, "PROV").id == patient.id


def test_an_ins_that_is_not_qualified_finds_nobody(admit):
    patient = admit(DOMINIQUE, "QUAL")
    other = replace(DOMINIQUE, nom_naissance="PAT-QUATRE", prenoms=("CLAUDE",))
    assert admit(other, "VALI").id != patient.id


@pytest.mark.parametrize(
    "other",
    [
        replace(UNSURE, nom_naissance="PAT-TREIZE"),
        replace(UNSURE, prenoms=("DOMITILLE",)),
        replace(UNSURE, date_naissance=date(1979, 12, 3)),
        replace(UNSURE, sexe="M"),
        replace(UNSURE, insee_naissance="43137"),
    ],
)
def test_another_trait_is_another_person(admit, other):
    assert admit(DOMINIQUE, "QUAL").id != admit(other, "PROV").id


def test_namesakes_with_different_ins_are_two_persons(admit):
    first = admit(DOMINIQUE, "QUAL")
    second = admit(replace(DOMINIQUE, ins="279035121518888"), "QUAL")
    assert first.id != second.id
    third = admit(UNSURE, "PROV")
    assert third.id not in {first.id, second.id}


def test_a_surer_identity_takes_the_place_of_the_provisional_one(admit):
    unsure = replace(DOMINIQUE, ins=None, tel=None, nom_naissance="Pat Trois")
    patient = admit(unsure, "PROV")
    assert patient.ins is None
    qualified = admit(DOMINIQUE, "QUAL")
    assert (qualified.id, qualified.status, qualified.ins) == (patient.id, "QUAL", DOMINIQUE.ins)
    assert qualified.identity == DOMINIQUE


def test_a_qualified_identity_joins_no_one_whose_birthplace_is_unknown(admit):
    assert admit(UNSURE, "PROV").id != admit(DOMINIQUE, "QUAL").id


def test_of_two_namesakes_the_surer_one_is_meant(admit):
    admit(UNSURE, "PROV")
    qualified = admit(DOMINIQUE, "QUAL")
    assert admit(UNSURE, "PROV").id == qualified.id


def test_a_less_sure_identity_changes_but_the_phone_and_address(admit):
    patient = admit(DOMINIQUE, "QUAL")
    later = admit(replace(UNSURE, nom_naissance="pat trois", tel="0465710043", adresse=None), "PROV")
    assert later == replace(patient, identity=replace(DOMINIQUE, tel="0465710043"))


def test_the_ins_is_shown_of_a_qualified_identity_alone(admit):
    assert admit(DOMINIQUE, "VALI").ins is None
    assert admit(DOMINIQUE, "QUAL").masked_ins == "2 79 03 ** *** *** **"


def test_each_tenant_has_its_own_patients(admit):
    assert admit(DOMINIQUE, "QUAL").id != admit(DOMINIQUE, "QUAL", tenant="other").id


def test_a_qualified_identity_without_ins_is_refused(admit):
    with pytest.raises(Invalid) as refusal:
        admit(UNSURE, "QUAL")
    assert refusal.value.fields == {"ins": "L’INS manque."}
    with pytest.raises(Invalid):
        admit(UNSURE, "SURE")


def test_an_unknown_patient_is_not_found(database, vault):
    with database.read() as session, pytest.raises(NotFound):
        patients.patient(session, vault, "unknown")


def test_a_patient_is_named_as_the_rules_want():
    today = date(2026, 11, 24)
    assert DOMINIQUE.display == "PAT-TROIS Dominique"
    assert DOMINIQUE.describe(today) == "Femme, 47 ans, née le 12 mars 1979"
    marcel = Identity("pat-huit", ("marcel",), "M", date(1945, 8, 1), prenom_usuel="Marcel-René")
    assert marcel.display == "PAT-HUIT Marcel-René"
    assert marcel.describe(today) == "Homme, 81 ans, né le 1er août 1945"
    unknown = Identity("PAT-X", (), "I", date(2026, 11, 20))
    assert unknown.describe(today) == "Sexe non précisé, 4 jours, né(e) le 20 novembre 2026"
    assert unknown.display == "PAT-X"
