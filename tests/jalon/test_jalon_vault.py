import base64
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import LargeBinary, insert, select

from base.vault import Vault
from care.case import cases
from care.identity import duplicates, patients
from care.identity.identity import Identity
from care.identity.tables import patient_word
from care.search import indexing, words
from care.sharing import consents
from care.tables import patient as patient_rows
from jalon import cli_patients, cli_vault, rotation
from jalon.installation import load_settings
from jalon.schema import metadata
from jalon.sealed import PLAIN, SEALED
from pathways.context import build
from tests.support.contexts import make_context
from tests.support.keys import INDEX_KEY, VAULT_KEY

NEW_KEY = "newer:" + base64.b64encode(b"n" * 32).decode()
ANNE = Identity("PAT-SEPT", ("Anne",), "F", date(1950, 3, 4))


@pytest.fixture
def context(settings, database, clock):
    return make_context(settings, database, clock)


@pytest.fixture
def turned(context):
    """The same installation with a new first key."""
    return replace(context, vault=Vault((NEW_KEY, VAULT_KEY), INDEX_KEY))


def fill(context, number):
    with context.database.begin() as session:
        for n in range(number):
            known = replace(ANNE, nom_naissance=f"PAT-{'ABCDEFGHIJ'[n]}")
            patient = patients.admit(session, context.vault, context.clock, context.tenant, known, "PROV")
            about = {"patient": patient.id, "pathway": "snp", "pathway_version": 1, "title": "", "venue": f"V{n}"}
            cases.open_case(session, context.vault, context.clock, context.tenant, **about)
            proof = (context.vault, "lettre du 3 mars")
            consents.oppose(session, context.clock, context.tenant, patient.id, proof=proof)
    return patient


def left(context):
    """How many values each key has sealed."""
    with context.database.read() as session:
        counts = rotation.counts(session, context)
    return {name: sum(one.by_key[name] for one in counts) for name in context.vault.names}, sum(
        one.unknown for one in counts
    )


def test_every_binary_column_is_sealed_or_says_why_not():
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    sealed = {f"{one.table}.{one.column}" for one in SEALED}
    assert not sealed & PLAIN.keys()
    assert binary == sealed | PLAIN.keys()


def test_what_an_old_key_sealed_is_sealed_again_and_the_old_key_may_go(context, turned):
    last = fill(context, 5)
    old = VAULT_KEY.partition(":")[0]
    assert left(turned) == ({"newer": 0, old: 15}, 0)
    said = []
    assert rotation.rotate(turned, lambda one, done, total: said.append((one.table, done, total)), batch=2) == 0
    assert said[:3] == [("patient", 2, 5), ("patient", 4, 5), ("patient", 5, 5)]
    assert left(turned) == ({"newer": 15, old: 0}, 0)
    alone = replace(turned, vault=Vault((NEW_KEY,), INDEX_KEY))
    with alone.database.read() as session:
        assert patients.patient(session, alone.vault, last.id) == last
        case = cases.by_patient(session, last.id)[0]
        assert cases.venue(session, alone.vault, case.id) == "V4"
    said.clear()
    rotation.rotate(turned, lambda *told: said.append(told))
    assert said == []


def test_a_rotation_that_was_stopped_goes_on_where_it_stood(context, turned):
    fill(context, 4)

    def stop(_one, done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(turned, stop, batch=2)
    assert left(turned)[0]["newer"] == 2
    rotation.rotate(turned, lambda *_: None, batch=2)
    assert left(turned)[0]["newer"] == 12


def test_what_changes_during_the_rotation_is_kept(context, turned):
    last = fill(context, 3)
    moved = replace(last.identity, tel="0465710042")

    def write(one, done, _total):
        if one.table == "patient" and done == 1:
            with turned.database.begin() as session:
                patients.admit(session, context.vault, context.clock, context.tenant, moved, "PROV")

    rotation.rotate(turned, write, batch=1)
    with turned.database.read() as session:
        assert patients.patient(session, turned.vault, last.id).identity.tel == "0465710042"


def test_what_no_known_key_opens_is_told_and_stays(context, turned):
    fill(context, 2)
    stranger = replace(turned, vault=Vault((NEW_KEY,), INDEX_KEY))
    assert left(stranger) == ({"newer": 0}, 6)
    assert rotation.rotate(stranger, lambda *_: None, batch=1) == 6
    with context.database.read() as session:
        assert len(patients.patients(session, context.vault, session.scalars(select(patient_rows.c.id)).all())) == 2


def test_patients_of_before_the_index_become_findable_and_are_compared(context):
    with context.database.begin() as session:
        known = patients.admit(session, context.vault, context.clock, context.tenant, ANNE, "PROV")
        session.execute(patient_word.delete())
        row = dict(session.execute(select(patient_rows)).one()._mapping)
        twin = patients.Patient(context.tenant, "twin", replace(ANNE, nom_naissance="PAT-SEPTE"), "PROV")
        session.execute(insert(patient_rows).values({**row, "id": "twin", **patients._columns(context.vault, twin)}))
    with context.database.begin() as session:
        assert indexing.waiting(session, context.tenant) == 2
        assert indexing.index_next(session, context.vault, context.clock, context.tenant, limit=1) == 1
        assert indexing.index_next(session, context.vault, context.clock, context.tenant) == 1
        assert indexing.waiting(session, context.tenant) == 0
        found = session.scalars(words.answering(context.tenant, words.said(words.blinds(context.vault, "sept anne"))))
        assert set(found) == {known.id, "twin"}
        assert [{pair.one, pair.other} for pair in duplicates.proposed(session, context.tenant)] == [{known.id, "twin"}]


def test_the_commands_turn_the_keys_index_and_erase_again(context, settings, clock, monkeypatch, tmp_path):
    last = fill(context, 2)
    old = VAULT_KEY.partition(":")[0]
    newer = replace(settings, database_url=str(context.database.engine.url.render_as_string(hide_password=False)))
    newer = replace(newer, vault_keys=(NEW_KEY, VAULT_KEY))
    for module in (cli_vault, cli_patients):
        monkeypatch.setattr(module, "load_settings", lambda: newer)
        monkeypatch.setattr(module.checkup, "require", lambda _settings: None)

    def run(command, *arguments):
        found = CliRunner().invoke(command, list(arguments))
        return found.exit_code, found.output

    assert run(cli_vault.vault, "check")[0] == 1
    assert run(cli_vault.vault, "rotate")[0] == 0
    code, told = run(cli_vault.vault, "check")
    assert (code, f"La clé « {old} » ne sert plus" in told) == (0, True)
    with context.database.begin() as session:
        session.execute(patient_word.delete())
    assert "Patients indexés : 2 sur 2" in run(cli_patients.patients, "index")[1]
    listed = tmp_path / "erased.txt"
    listed.write_text(f"{last.id}\tdemande\t2026-11-24\nunknown\tdemande\n", "utf-8")
    code, told = run(cli_patients.patients, "erase-again", str(listed))
    assert (code, "dossier est encore en cours" in told, "n’existe pas" in told) == (1, True, True)
    with context.database.begin() as session:
        cases.close_case(session, clock, cases.by_patient(session, last.id)[0].id, "Terminé")
    assert run(cli_patients.patients, "erase-again", str(listed))[0] == 0
    assert f"{last.id}\tdemande\t" in run(cli_patients.patients, "erased")[1]


def test_keys_that_are_not_those_of_the_patients_are_told(context):
    def unknown(*keys, index=INDEX_KEY):
        with context.database.read() as session:
            return patients.unknown_key(session, Vault(keys, index), context.tenant)

    other_index = base64.b64encode(b"i" * 32).decode()
    assert unknown(NEW_KEY) == "", "nobody is there yet"
    fill(context, 2)
    assert unknown(NEW_KEY) == "vault"
    assert unknown(VAULT_KEY, index=other_index) == "index"
    assert unknown(NEW_KEY, VAULT_KEY) == ""


def test_nothing_starts_with_the_keys_of_another_database(jalon):
    jalon("db", "upgrade")
    context = build(load_settings())
    fill(context, 1)
    context.database.dispose()
    assert "se lisent et se retrouvent" in jalon("check")
    jalon.use(JALON_VAULT_KEYS=NEW_KEY)
    for command in (("serve",), ("worker",), ("backup", "never")):
        assert "reprenez les JALON_VAULT_KEYS" in jalon(*command, code=1)
