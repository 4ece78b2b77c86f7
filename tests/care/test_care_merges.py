import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from base.errors import Conflict, Forbidden, Invalid
from care.case import cases
from care.identity import duplicates, identity_log, merges, patients
from care.identity.identity import Identity
from care.identity.merges import MOVED
from care.search import words
from care.sharing import circle, consents
from jalon.schema import metadata
from people import persons
from tests.support.patience import PATIENCE

ANNE = Identity("PAT-SEPT", ("Anne",), "F", date(1950, 3, 4), insee_naissance="43137")
TENANTS = count()
BY_CASE = settings(suppress_health_check=list(HealthCheck), max_examples=25, deadline=None)


class Office:
    """A territory of its own, with its keeper of identities and two patients who resemble each other."""

    def __init__(self, session, vault, clock):
        self.session, self.vault, self.clock = session, vault, clock
        self.tenant = f"cpts{next(TENANTS)}"
        self.keeper = self.person("coordinateur")
        self.staff = [self.person("ide_liberale") for _ in range(3)]
        self.kept, self.gone = self.admit(ANNE).id, self.admit(replace(ANNE, nom_naissance="PAT-SEPTE")).id

    def person(self, role):
        return persons.add(self.session, self.tenant, family_name="DEMO", given_name="X", roles=(role,))

    def admit(self, identity, status="PROV"):
        return patients.admit(self.session, self.vault, self.clock, self.tenant, identity, status)

    def open(self, patient):
        about = {"patient": patient, "pathway": "post-avc", "pathway_version": 1, "title": ""}
        return cases.open_case(self.session, self.vault, self.clock, self.tenant, **about).id

    def happens(self, what, patient, n):
        """One thing that may happen to a patient."""
        nurse = self.staff[n % 3].id
        if what == "case":
            self.open(patient)
        elif what == "member":
            circle.add(self.session, self.clock, self.tenant, patient, nurse, "ide_liberale", "test")
        elif what == "leaves":
            circle.leave(self.session, self.clock, patient, nurse)
        elif what == "opposed":
            consents.oppose(self.session, self.clock, self.tenant, patient, ["all", "post-avc", "snp"][n % 3])
        elif what == "agreed":
            told = {"case": self.open(patient), "patient": patient, "mode": "oral", "recorded_by": nurse}
            consents.record(self.session, self.clock, self.tenant, **told)

    def rows(self, *tables):
        """Whose each row is."""
        found = {}
        for name in tables or MOVED:
            table, _ = MOVED[name]
            query = select(table.c.id, table.c.patient).where(table.c.tenant == self.tenant)
            found |= {(name, row.id): row.patient for row in self.session.execute(query)}
        return found

    def merge(self, kept=None, gone=None):
        self.clock.advance(timedelta(seconds=1))
        pair = (kept or self.kept, gone or self.gone)
        return merges.merge(self.session, self.vault, self.clock, self.keeper, *pair)

    def undo(self, made):
        self.clock.advance(timedelta(seconds=1))
        return merges.undo(self.session, self.vault, self.clock, self.keeper, made.id)

    def opposed(self, patient):
        return {key for key in KEYS if consents.is_opposed(self.session, self.clock, patient, key)}

    def finds(self, text):
        return set(self.session.scalars(words.answering(self.tenant, words.said(words.blinds(self.vault, text)))))


@pytest.fixture
def session(database):
    with database.begin() as session:
        yield session


@pytest.fixture
def office(session, vault, clock):
    return Office(session, vault, clock)


HAPPENS = st.sampled_from(["case", "member", "leaves", "opposed", "agreed"])
EVENTS = st.lists(st.tuples(HAPPENS, st.booleans(), st.integers(0, 2)), max_size=7)
KEYS = ("post-avc", "snp")


@BY_CASE
@given(before=EVENTS, since=EVENTS)
def test_undoing_a_merge_gives_back_what_moved_and_keeps_what_came_since(session, vault, clock, before, since):
    office = Office(session, vault, clock)
    for what, of_kept, n in before:
        office.happens(what, office.kept if of_kept else office.gone, n)
    were, opposed = office.rows(), office.opposed(office.kept) | office.opposed(office.gone)
    made = office.merge()
    assert set(office.rows("case", "consent", "opposition").values()) <= {office.kept}
    assert office.opposed(office.kept) == opposed
    members = Counter((member.person, member.role) for member in circle.members(session, office.kept))
    assert set(members.values()) <= {1}
    for what, _, n in since:
        office.happens(what, office.kept, n)
    new, opposed_since = office.rows().keys() - were.keys(), office.opposed(office.kept) - opposed
    office.undo(made)
    now = office.rows()
    assert {row: now[row] for row in were} == were
    assert {now[row] for row in new} <= {office.kept}
    copies = now.keys() - were.keys() - new
    assert {(name, now[name, row]) for name, row in copies} <= {("opposition", office.gone)}
    assert opposed_since <= office.opposed(office.kept)
    assert opposed_since <= office.opposed(office.gone)


def test_whoever_is_merged_is_found_as_who_they_are_now(office, session, vault):
    made = office.merge()
    assert office.finds("septe") == office.finds("anne") == {office.kept}
    met = office.admit(replace(ANNE, nom_naissance="PAT-SEPTE", tel="0465710042"))
    assert met.id == office.kept
    assert office.finds("septe") == {office.kept}
    assert patients.patient(session, vault, office.gone).merged_into == office.kept
    office.undo(made)
    assert (office.finds("septe"), office.finds("sept")) == ({office.gone}, {office.kept, office.gone})
    assert office.admit(replace(ANNE, nom_naissance="PAT-SEPTE")).id == office.gone


def test_merges_stand_on_each_other_and_are_undone_from_the_last(office):
    third = office.admit(replace(ANNE, prenoms=("Annie",))).id
    case = office.open(office.gone)
    first, second = office.merge(), office.merge(kept=third, gone=office.kept)
    assert office.rows("case") == {("case", case): third}
    with pytest.raises(Conflict, match="plus récente"):
        office.undo(first)
    office.undo(second)
    office.undo(first)
    assert office.rows("case") == {("case", case): office.gone}
    with pytest.raises(Conflict, match="déjà été annulée"):
        office.undo(first)


def test_a_pair_is_proposed_merged_and_proposed_again(office, session):
    def proposed():
        return [(pair.reason, {pair.one, pair.other}) for pair in duplicates.proposed(session, office.tenant)]

    assert proposed() == [("near", {office.kept, office.gone})]
    made = office.merge()
    assert proposed() == []
    office.undo(made)
    assert len(proposed()) == 1
    duplicates.set_apart(session, office.clock, office.tenant, office.gone, office.kept, office.keeper.id)
    assert proposed() == []
    with pytest.raises(Conflict):
        duplicates.set_apart(session, office.clock, office.tenant, office.gone, office.kept, office.keeper.id)


def test_both_identities_say_in_their_log_what_was_done(office, session):
    office.undo(office.merge())
    for one, other in ((office.kept, office.gone), (office.gone, office.kept)):
        told = [(deed.kind, deed.detail, deed.by) for deed in identity_log.deeds(session, office.tenant, one)]
        assert told == [("merged", other, office.keeper.id), ("unmerged", other, office.keeper.id)]


def test_what_would_lose_somebody_is_refused(office, session, vault):
    sure = office.admit(replace(ANNE, nom_naissance="PAT-DIX", ins="250034313700141"), "QUAL").id
    other = office.admit(replace(ANNE, nom_naissance="PAT-DIXE", ins="250034313700242"), "QUAL").id
    with pytest.raises(Invalid, match="deux personnes"):
        office.merge(kept=sure, gone=other)
    with pytest.raises(Invalid, match="plus sûre"):
        office.merge(kept=office.kept, gone=sure)
    with pytest.raises(Forbidden):
        merges.merge(session, vault, office.clock, office.staff[0], office.kept, office.gone)
    office.merge()
    with pytest.raises(Conflict):
        office.merge(kept=sure, gone=office.gone)
    with pytest.raises(Conflict):
        office.merge(kept=office.gone, gone=sure)


def test_one_number_with_two_keys_is_proposed_and_the_right_key_stays(office, session):
    right, wrong = "250034313700183", "250034313700138"
    sure, slipped = (office.admit(replace(ANNE, nom_naissance="PAT-CLE", ins=ins), "QUAL").id for ins in (right, wrong))
    other = office.admit(replace(ANNE, nom_naissance="PAT-CLE", ins="250034313700282"), "QUAL").id
    (pair,) = (one for one in duplicates.proposed(session, office.tenant) if one.reason == duplicates.SAME_BUT_KEY)
    assert {pair.one, pair.other} == {sure, slipped}
    with pytest.raises(Invalid, match="clé"):
        office.merge(kept=slipped, gone=sure)
    with pytest.raises(Invalid, match="deux personnes"):
        office.merge(kept=sure, gone=other)
    office.merge(kept=sure, gone=slipped)
    assert office.admit(replace(ANNE, nom_naissance="PAT-CLE", ins=wrong), "QUAL").id == sure


def test_two_merges_at_once_end_in_one(database, vault, clock):
    with database.begin() as session:
        office = Office(session, vault, clock)
    start = Barrier(2, timeout=PATIENCE)

    def merge(kept, gone):
        start.wait()
        try:
            with database.begin() as session:
                return merges.merge(session, vault, clock, office.keeper, kept, gone).kept
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        both = [(office.kept, office.gone), (office.gone, office.kept)]
        won = [one.result() for one in [pool.submit(merge, *pair) for pair in both]]
    assert set(won) in ({office.kept, None}, {office.gone, None})


def test_messages_at_once_about_somebody_new_make_one_patient(database, vault, clock):
    start = Barrier(4, timeout=PATIENCE)

    def admit(_):
        start.wait()
        with database.begin() as session:
            return patients.admit(session, vault, clock, "demo", ANNE, "PROV").id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(admit, range(4)))) == 1


def test_a_message_that_meets_a_merge_reaches_whoever_stayed(database, vault, clock):
    with database.begin() as session:
        office = Office(session, vault, clock)
        gone = patients.patient(session, vault, office.gone)

    def admit():
        with database.begin() as later:
            return patients.admit(later, vault, clock, office.tenant, gone.identity, "PROV").id

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as session:
            merges.merge(session, vault, clock, office.keeper, office.kept, office.gone)
            met = pool.submit(admit)
            time.sleep(0.1)
            assert not met.done()
        assert met.result(PATIENCE) == office.kept


def test_everything_that_names_a_patient_moves_with_them():
    keys = {
        key.parent
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "patient"
    }
    assert {one.table.name for one in keys if one.name == "patient"} == {*MOVED, "patient_word"}
