import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Invalid
from base.identifiers import (
    Number,
    Typed,
    is_luhn,
    read_adeli,
    read_finess,
    read_idnps,
    read_idnst,
    read_mssante,
    read_rpps,
    read_siren,
    read_siret,
    tried,
    write_typed,
)
from jalon.demo.names import with_luhn


@pytest.mark.parametrize(
    ("read", "text", "value", "warned"),
    [
        (read_rpps, "10002909371", "10002909371", False),
        (read_rpps, "810002909371", "10002909371", False),
        (read_rpps, "10001288385", "10001288385", True),
        (read_rpps, "10100050075", "10100050075", True),
        (read_finess, "750803447", "750803447", False),
        (read_finess, "950047225", "950047225", False),
        (read_finess, "1750803447", "750803447", False),
        (read_finess, "120456789", "120456789", True),
        (read_finess, "2A0000154", "2A0000154", False),
        (read_finess, "12B0000020", "2B0000020", False),
        (read_adeli, "750123456", "750123456", False),
        (read_adeli, "02A1234567", "2A1234567", False),
        (read_siren, "732 829 320", "732829320", False),
        (read_siren, "732829321", "732829321", True),
        (read_siret, "373282932000074", "73282932000074", False),
        (read_siret, "732 829 320 00074", "73282932000074", False),
        (read_siret, "73282932000075", "73282932000075", True),
        (read_siret, "35600000000048", "35600000000048", False),
        (read_siret, "35600000049837", "35600000049837", False),
        (read_siret, "35600000049838", "35600000049838", True),
    ],
)
def test_golden_numbers_are_read_and_wrong_keys_warned_of(read, text, value, warned):
    number = read(text)
    assert number.value == value
    assert bool(number.warning) is warned
    if warned:
        with pytest.raises(Invalid):
            read(text, strict=True)


NUMBERS = (read_adeli, read_finess, read_rpps, read_siren, read_siret)


@pytest.mark.parametrize("read", NUMBERS)
def test_other_shapes_are_refused(read):
    for text in ("", "1234", "abcdefghijk", "910002909371"):
        with pytest.raises(Invalid):
            read(text)


@given(st.text(max_size=20))
def test_reading_a_number_never_fails_otherwise_than_by_refusing(text):
    for read in (*NUMBERS, read_idnps, read_idnst, read_mssante):
        with contextlib.suppress(Invalid):
            read(text)


@given(st.one_of(st.text(max_size=20), st.text("0123456789 ", max_size=16)))
def test_what_a_file_writes_is_the_number_or_none(text):
    for read in NUMBERS:
        found = tried(read, text)
        assert found.value == "" or read(text) == found


@pytest.mark.parametrize(
    ("read", "text", "kind", "value"),
    [
        (read_idnps, "810002909371", "RPPS", "10002909371"),
        (read_idnps, "0750123456", "ADELI", "750123456"),
        (read_idnps, "3750803447/12", "FINESS/registre", "750803447/12"),
        (read_idnps, "4732829320/7", "SIREN/registre", "732829320/7"),
        (read_idnps, "573282932000074/A1", "SIRET/registre", "73282932000074/A1"),
        (read_idnps, "610002909371/2", "RPPS/registre", "10002909371/2"),
        (read_idnst, "1750803447", "FINESS", "750803447"),
        (read_idnst, "12A0000154", "FINESS", "2A0000154"),
        (read_idnst, "2732829320", "SIREN", "732829320"),
        (read_idnst, "373282932000074", "SIRET", "73282932000074"),
        (read_idnst, "0750123456", "Cabinet ADELI", "750123456"),
        (read_idnst, "410002909371001", "Cabinet RPPS", "10002909371001"),
        (read_idnst, "40ABC123", "Identifiant national", "ABC123"),
        (read_idnst, "4199/77", "ROR", "99/77"),
    ],
)
def test_a_typed_number_says_its_kind_and_is_written_as_it_was_read(read, text, kind, value):
    assert read(text, strict=True) == Typed(kind, Number(value))
    assert write_typed(read(text)) == text


def test_the_key_of_a_typed_number_is_checked_when_it_is_wanted():
    assert read_idnps("810001288385").number.warning
    for read, text in ((read_idnps, "810001288385"), (read_idnst, "1120456789"), (read_idnps, "710002909371")):
        with pytest.raises(Invalid):
            read(text, strict=True)
    with pytest.raises(Invalid):
        read_idnst("9750803447")


@pytest.mark.parametrize("address", ["marie.demo@medecin.mssante.fr", "Accueil@chu-demo.mssante.fr", "a@mssante.fr"])
def test_a_mailbox_of_the_trusted_mail_is_read(address):
    assert read_mssante(f" {address} ") == address.lower()


@pytest.mark.parametrize(
    "address",
    ["", "a@medecin.mssante.fr.test", "a@evilmssante.fr", ".a@x.mssante.fr", "a..b@x.mssante.fr", "a@-x.mssante.fr",
     "a b@x.mssante.fr", "a@x.mssante.fr\nBcc: b@x.test", "é@x.mssante.fr", "a@@mssante.fr"],
)  # fmt: skip
def test_another_mailbox_is_refused(address):
    with pytest.raises(Invalid):
        read_mssante(address)


DIGITS = st.text("0123456789", min_size=20, max_size=20)


@given(DIGITS)
def test_numbers_with_their_luhn_digit_are_read_strictly_and_others_warned_of(digits):
    for read, length, prefix in (
        (read_rpps, 10, "8"),
        (read_finess, 8, "1"),
        (read_siren, 8, ""),
        (read_siret, 13, ""),
    ):
        number = with_luhn("1" + digits[: length - 1])
        assert is_luhn(number)
        assert read(prefix + " ".join(number), strict=True) == Number(number)
        wrong = number[:-1] + str((int(number[-1]) + 1 + int(digits[-1]) % 9) % 10)
        assert read(wrong).warning
        with pytest.raises(Invalid):
            read(wrong, strict=True)
