import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.vault import Unreadable, Vault

OLD, NEW = (f"{name}:{base64.b64encode(bytes([n]) * 32).decode()}" for n, name in enumerate(("old", "new")))
INDEX = base64.b64encode(b"i" * 32).decode()
VAULT = Vault((NEW, OLD), INDEX)


@given(st.text(), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_own_place(text, context):
    sealed = VAULT.seal(text, context)
    assert VAULT.open(sealed, context) == text
    with pytest.raises(Unreadable):
        VAULT.open(sealed, context + "x")


def test_the_same_text_is_never_sealed_twice_alike():
    assert VAULT.seal("PAT-TROIS", "patient.identity:1") != VAULT.seal("PAT-TROIS", "patient.identity:1")


def test_an_older_key_still_opens_and_is_known_to_be_old():
    sealed = Vault((OLD,), INDEX).seal("PAT-TROIS", "here")
    assert VAULT.open(sealed, "here") == "PAT-TROIS"
    assert not VAULT.is_current(sealed)
    assert VAULT.is_current(VAULT.seal("PAT-TROIS", "here"))


def test_a_key_that_is_not_in_the_settings_does_not_open():
    with pytest.raises(Unreadable):
        Vault((OLD,), INDEX).open(VAULT.seal("PAT-TROIS", "here"), "here")


@given(st.data())
def test_any_change_is_noticed(data):
    sealed = bytearray(VAULT.seal("PAT-TROIS Dominique", "here"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        VAULT.open(bytes(sealed), "here")


@given(st.binary(max_size=80))
def test_what_was_never_sealed_is_unreadable(content):
    with pytest.raises(Unreadable):
        VAULT.open(content, "here")


def test_blind_indexes_forget_accents_case_and_punctuation():
    blind = VAULT.blind("Hélène D’Arc-Leroy", "name")
    assert len(blind) == 32
    for written in ("helene d'arc leroy", "  HÉLÈNE  D ARC LEROY ", "He\u0301le\u0300ne d.arc-leroy"):
        assert VAULT.blind(written, "name") == blind
    assert VAULT.blind("Straße", "name") == VAULT.blind("STRASSE", "name")


def test_blind_indexes_depend_on_kind_and_key():
    other = Vault((NEW,), base64.b64encode(b"j" * 32).decode())
    assert len({VAULT.blind("x", "ins"), VAULT.blind("x", "venue"), other.blind("x", "ins")}) == 3
